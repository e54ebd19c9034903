/**
 * `terraform/aws/openclaw`: the SSM parameters whose values a person sets (requirements A1, A2).
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import type { OutputFile } from "../../output/file.ts";
import { PROVIDERS } from "../../tables/pins.ts";
import { AWS_TARGET } from "../../tables/targets.ts";
import { DUMMY_VALUE } from "../../values/secret_format.ts";
import { ref, resource, variable } from "./blocks.ts";
import { directoryFiles } from "./directory.ts";
import { targetFiles } from "./tfaction.ts";

/** Returns every file of the directory. */
export function awsFiles({ config: { aws }, manualSecrets }: Model): OutputFile[] {
  const files = directoryFiles(aws, {
    path: AWS_TARGET,
    account: ref("var.aws_account_id"),
    providers: { aws: { source: "hashicorp/aws", version: PROVIDERS.aws } },
    layout: { "ssm.tf.json": ["resource.aws_ssm_parameter"] },
    blocks: [
      variable("aws_account_id", "AWS account that holds the parameters", aws.accountId),
      ...manualSecrets.map(({ resource: name, parameter, description }) =>
        resource("aws_ssm_parameter", name, {
          name: parameter,
          description,
          type: "SecureString",
          value: DUMMY_VALUE,
          // A person sets the real value, which must survive every apply.
          lifecycle: { ignoreChanges: ["value"] },
        })
      ),
    ],
  });
  return [...files, ...targetFiles(aws, AWS_TARGET)];
}
