/**
 * `terraform/aws/openclaw`: the SSM parameters that a person fills (plan, 1.1; SPEC A1, A2).
 *
 * @module
 */

import { PROVIDERS } from "../../tables/pins.ts";
import type { Model } from "../../model/model.ts";
import { AWS_TARGET } from "../../tables/targets.ts";
import type { OutputFile } from "../../output/file.ts";
import { SsmParameter, Variable } from "./cdktf.ts";
import { directoryFiles } from "./stack.ts";
import { targetFiles } from "./tfaction.ts";
import { DUMMY_VALUE } from "../../values/secret_format.ts";

/** Every file of the directory. */
export function awsFiles(model: Model): OutputFile[] {
  const files = directoryFiles(model, {
    path: AWS_TARGET,
    providers: { aws: { source: "hashicorp/aws", version: PROVIDERS.aws } },
    layout: { "ssm.tf.json": ["resource.aws_ssm_parameter"] },
    build: (stack) => {
      new Variable(stack, "aws_account_id", {
        type: "string",
        description: "AWS account that holds the parameters",
        default: model.config.aws.accountId,
      });
      for (const { resource, parameter, description } of model.manualSecrets) {
        new SsmParameter(stack, resource, {
          name: parameter,
          description,
          type: "SecureString",
          value: DUMMY_VALUE,
          // The real value is set by hand and must survive every apply.
          lifecycle: { ignoreChanges: ["value"] },
        });
      }
    },
  });
  return [...files, ...targetFiles(model, AWS_TARGET)];
}
