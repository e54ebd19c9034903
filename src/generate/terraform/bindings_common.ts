/**
 * The bindings of the AWS and random providers, and the types of all bindings.
 *
 * @module
 */

import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SsmParameter, type SsmParameterConfig } from "@cdktf/provider-aws/lib/ssm-parameter/index.js";
import { Password, type PasswordConfig } from "@cdktf/provider-random/lib/password/index.js";
import { RandomProvider } from "@cdktf/provider-random/lib/provider/index.js";
import type { TerraformElement, TerraformStack } from "cdktf";

/** Arguments of the resources that every directory may have. */
export interface CommonResources {
  readonly aws_ssm_parameter: SsmParameterConfig;
  readonly random_password: PasswordConfig;
}

/** A construct. Each has its own arguments, and `never` is assignable to all of them. */
export type Construct = new (scope: TerraformStack, id: string, args: never) => TerraformElement;

/** Constructs for each of these types. */
export type ConstructsFor<Args> = {
  readonly [T in keyof Args]: new (scope: TerraformStack, id: string, args: Args[T]) => TerraformElement;
};

/** The constructs of a provider, by Terraform's types. */
export interface Bindings {
  readonly providers: Readonly<Record<string, Construct>>;
  readonly resources: Readonly<Record<string, Construct>>;
  readonly data: Readonly<Record<string, Construct>>;
}

/** The bindings that every directory may need. */
export const COMMON: Bindings = {
  providers: { aws: AwsProvider, random: RandomProvider },
  resources: { aws_ssm_parameter: SsmParameter, random_password: Password } satisfies ConstructsFor<CommonResources>,
  data: {},
};
