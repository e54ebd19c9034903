/**
 * The aws CLI of the machine.
 *
 * @module
 */

import { runProgram } from "../../cluster/program.ts";
import { AwsFailed } from "./failure.ts";
import type { Aws } from "./ssm.ts";

/** Runs `aws` from the PATH, with the credentials and settings of its user. @throws {AwsFailed} if there is none */
export const awsCli: Aws = async (args, input) => {
  try {
    return await runProgram("aws", args, input === undefined ? {} : { input });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new AwsFailed("aws, the AWS CLI, is not on the PATH; install it, or run the printed commands where it is");
  }
};
