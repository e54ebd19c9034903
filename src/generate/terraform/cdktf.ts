/**
 * cdktf with the bindings that every directory needs. This folder's cdktf*.ts are all that knows cdktf: it is archived upstream,
 * and they are what a successor would replace.
 *
 * @module
 */

import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter/index.js";
import { Password } from "@cdktf/provider-random/lib/password/index.js";
import { RandomProvider } from "@cdktf/provider-random/lib/provider/index.js";
import { RootConstruct } from "constructs";
import {
  Fn,
  S3Backend,
  TerraformElement,
  TerraformLocal,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
} from "cdktf";

export {
  AwsProvider,
  Fn,
  Password,
  RandomProvider,
  RootConstruct,
  S3Backend,
  SsmParameter,
  TerraformElement,
  TerraformLocal as Local,
  TerraformOutput as Output,
  TerraformStack as Stack,
  TerraformVariable as Variable,
};
