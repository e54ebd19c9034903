/**
 * Faults to put into good directories, as tables.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Json } from "../support.ts";
import { AWS, CLOUDFLARE, CLOUDFLARE_5, type Files } from "./directories.ts";

/** A fault to put into a good directory. */
export interface Fault {
  readonly what: string;
  readonly directory: string;
  readonly change: (files: Files) => Files;
  /** The first command that must fail; by default validate. */
  readonly at?: "init" | "validate" | "plan";
  /** What Terraform must report, as "summary: detail". */
  readonly says: RegExp;
}

/** Faults that Terraform refuses. */
export const FAULTS: readonly Fault[] = [
  {
    what: "an unknown attribute",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.contents = "x"),
    says: /^Extraneous JSON object property: No argument or block type is named "contents"/,
  },
  {
    what: "an unknown attribute in a nested block",
    directory: CLOUDFLARE,
    change: json(
      "tunnel.tf.json",
      ({ resource }) => resource.cloudflare_tunnel_config.openclaw_tunnel.config.ingress_rule[0].host = "x",
    ),
    says: /^Extraneous JSON object property: No argument or block type is named "host"/,
  },
  {
    what: "an unknown argument of a provider",
    directory: AWS,
    change: json("provider.tf.json", ({ provider }) => provider.aws[0].regions = ["x"]),
    says: /^Extraneous JSON object property: No argument or block type is named "regions"/,
  },
  {
    what: "a missing required argument",
    directory: CLOUDFLARE,
    change: record((openclaw) => delete openclaw.zone_id),
    says: /^Missing required argument: The argument "zone_id" is required/,
  },
  {
    what: "a missing required block",
    directory: CLOUDFLARE,
    change: json("access.tf.json", ({ resource }) => delete resource.cloudflare_access_policy.openclaw_policy.include),
    says: /^Insufficient include blocks: At least 1 "include" blocks are required/,
  },
  {
    what: "a repeated block that may appear once",
    directory: CLOUDFLARE,
    change: json(
      "tunnel.tf.json",
      ({ resource: { cloudflare_tunnel_config: { openclaw_tunnel } } }) =>
        openclaw_tunnel.config = [openclaw_tunnel.config, openclaw_tunnel.config],
    ),
    says: /^Too many config blocks: No more than 1 "config" blocks are allowed/,
  },
  {
    what: "a computed-only attribute that is set",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.hostname = "x"),
    says: /^Value for unconfigurable attribute: Can't configure a value for "hostname"/,
  },
  {
    what: "a computed-only attribute that is set in AWS",
    directory: AWS,
    change: json("ssm.tf.json", ({ resource }) => resource.aws_ssm_parameter.github_token.version = 2),
    says: /^Value for unconfigurable attribute: Can't configure a value for "version"/,
  },
  {
    what: "a text instead of true or false",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.proxied = "maybe"),
    says: /^Incorrect attribute value type: Inappropriate value for attribute "proxied": a bool is required/,
  },
  {
    what: "a text instead of a number",
    directory: CLOUDFLARE,
    change: json("tunnel.tf.json", ({ resource }) => resource.random_password.tunnel_secret.length = "long"),
    says: /^Incorrect attribute value type: Inappropriate value for attribute "length": a number is required/,
  },
  {
    what: "a text instead of a list",
    directory: CLOUDFLARE,
    change: json(
      "access.tf.json",
      ({ resource }) => resource.cloudflare_access_policy.openclaw_policy.include[0].login_method = "x",
    ),
    says: /^Incorrect attribute value type: Inappropriate value for attribute "login_method": list of string required/,
  },
  {
    what: "a reference to a missing resource",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.content = "${cloudflare_tunnel.openclaw.cname}"),
    says: /^Reference to undeclared resource: A managed resource "cloudflare_tunnel" "openclaw" has not been declared/,
  },
  {
    what: "a reference to a missing attribute",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.content = "${cloudflare_tunnel.openclaw_tunnel.cnam}"),
    says: /^Unsupported attribute: This object has no argument, nested block, or exported attribute named "cnam"/,
  },
  {
    what: "a reference to a missing data source",
    directory: CLOUDFLARE,
    change: json("access.tf.json", (file) => delete file.data),
    says: /^Reference to undeclared resource: A data resource "cloudflare_access_identity_provider" "github"/,
  },
  {
    what: "an undeclared variable",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.zone_id = "${var.zone}"),
    says: /^Reference to undeclared input variable: An input variable with the name "zone" has not been declared/,
  },
  {
    what: "a variable without a value",
    directory: CLOUDFLARE,
    change: json("variables.tf.json", ({ variable }) => delete variable.zone_id.default),
    at: "plan",
    says: /^No value for required variable: The root module input variable "zone_id" is not set/,
  },
  {
    what: "a default of the wrong type",
    directory: CLOUDFLARE,
    change: json("variables.tf.json", ({ variable }) => variable.zone_id.default = ["x"]),
    says:
      /^Invalid default value for variable: This default value is not compatible with the variable's type constraint/,
  },
  {
    what: "a cycle of references",
    directory: CLOUDFLARE,
    change: json(
      "tunnel.tf.json",
      ({ resource }) => resource.cloudflare_tunnel.openclaw_tunnel.name = "${cloudflare_record.openclaw.name}",
    ),
    says: /^Cycle: cloudflare_/,
  },
  {
    what: "an unknown function",
    directory: CLOUDFLARE,
    change: json(
      "tunnel.tf.json",
      ({ resource }) =>
        resource.cloudflare_tunnel.openclaw_tunnel.secret = "${base64sha(random_password.tunnel_secret.result)}",
    ),
    says: /^Call to unknown function: There is no function named "base64sha"/,
  },
  {
    what: "a resource type that the provider lacks",
    directory: CLOUDFLARE,
    change: json("access.tf.json", ({ resource }) => {
      resource.cloudflare_access_rules = resource.cloudflare_access_policy;
      delete resource.cloudflare_access_policy;
    }),
    says:
      /^Invalid resource type: The provider cloudflare\/cloudflare does not support resource type "cloudflare_access_rules"/,
  },
  {
    what: "an unknown attribute of version 5",
    directory: CLOUDFLARE_5,
    change: json("dns.tf.json", ({ resource }) => resource.cloudflare_dns_record.openclaw.value = "x"),
    says: /^Extraneous JSON object property: No argument or block type is named "value"/,
  },
  {
    what: "a resource of version 4 with version 5",
    directory: CLOUDFLARE_5,
    change: json("dns.tf.json", ({ resource }) => resource.cloudflare_record = resource.cloudflare_dns_record),
    says:
      /^Invalid resource type: The provider cloudflare\/cloudflare does not support resource type "cloudflare_record"/,
  },
  {
    what: "a missing required attribute in a nested object",
    directory: CLOUDFLARE_5,
    change: json(
      "access.tf.json",
      ({ resource }) => resource.cloudflare_zero_trust_access_policy.openclaw_policy.include = [{ login_method: {} }],
    ),
    says: /^Incorrect attribute value type: .* attribute "id" is required/,
  },
  {
    what: "one object instead of a list",
    directory: CLOUDFLARE_5,
    change: json(
      "access.tf.json",
      ({ resource }) =>
        resource.cloudflare_zero_trust_access_application.openclaw.policies = { id: "x", precedence: 1 },
    ),
    says: /^Incorrect attribute value type: Inappropriate value for attribute "policies": list of object required/,
  },
  {
    what: "a lookup of an identity provider that the account lacks",
    directory: CLOUDFLARE_5,
    change: (files) => new Map([...files].map(([name, text]) => [name, text.replaceAll("GitHub", "GitLab")])),
    at: "plan",
    says: /^Invalid index: The given key does not identify an element in this collection value/,
  },
  {
    what: "ignore_changes of a missing attribute",
    directory: AWS,
    change: json(
      "ssm.tf.json",
      ({ resource }) => resource.aws_ssm_parameter.github_token.lifecycle.ignore_changes = ["values"],
    ),
    says: /^Unsupported attribute: This object has no argument, nested block, or exported attribute named "values"/,
  },
  {
    what: "ignore_changes as an expression",
    directory: AWS,
    change: json(
      "ssm.tf.json",
      ({ resource }) => resource.aws_ssm_parameter.github_token.lifecycle.ignore_changes = ["${value}"],
    ),
    says: /^Invalid expression: A single static variable reference is required/,
  },
  {
    what: "an unknown argument of lifecycle",
    directory: AWS,
    change: json(
      "ssm.tf.json",
      ({ resource }) => resource.aws_ssm_parameter.github_token.lifecycle = { ignoreChanges: ["value"] },
    ),
    says: /^Extraneous JSON object property: No argument or block type is named "ignoreChanges"/,
  },
  {
    what: "a leftover backend.tf",
    directory: AWS,
    change: leftOver("backend.tf", `terraform {\n  backend "s3" {}\n}\n`),
    at: "init",
    says: /^Duplicate backend configuration: A module may have only one backend configuration/,
  },
  {
    what: "a leftover backend.tf with required providers",
    directory: AWS,
    change: leftOver(
      "backend.tf",
      `terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n`,
    ),
    at: "init",
    says: /^Duplicate required providers configuration: A module may have only one required providers configuration/,
  },
  {
    what: "a leftover provider.tf",
    directory: AWS,
    change: leftOver("provider.tf", `provider "aws" {}\n`),
    at: "init",
    says:
      /^Duplicate provider configuration: A default \(non-aliased\) provider configuration for "aws" was already given/,
  },
  {
    what: "a leftover ssm.tf",
    directory: AWS,
    change: leftOver("ssm.tf", `resource "aws_ssm_parameter" "github_token" {}\n`),
    at: "init",
    says:
      /^Duplicate resource "aws_ssm_parameter" configuration: A aws_ssm_parameter resource named "github_token" was already/,
  },
  {
    what: "a leftover variables.tf",
    directory: CLOUDFLARE,
    change: leftOver("variables.tf", `variable "zone_id" {}\n`),
    at: "init",
    says: /^Duplicate variable declaration: A variable named "zone_id" was already declared/,
  },
  {
    what: "a constraint that no version of the provider meets",
    directory: AWS,
    change: json("backend.tf.json", ({ terraform }) => terraform.required_providers.aws.version = "~> 7.0"),
    at: "init",
    says: /no available releases match the given constraints ~> 7\.0/,
  },
];

/** Faults that Terraform accepts with a fake provider; `finds` is the result of our own check. */
export const MISSED = [
  {
    what: "an unknown type of DNS record",
    directory: CLOUDFLARE,
    change: record((openclaw) => openclaw.type = "CNAMES"),
    finds: /^cloudflare_record\.openclaw\.type: "CNAMES" is none of A, AAAA, /,
  },
  {
    what: "an unknown decision of Access",
    directory: CLOUDFLARE,
    change: json(
      "access.tf.json",
      ({ resource }) => resource.cloudflare_access_policy.openclaw_policy.decision = "permit",
    ),
    finds:
      /^cloudflare_access_policy\.openclaw_policy\.decision: "permit" is none of allow, deny, non_identity, bypass$/,
  },
  {
    what: "an unknown type of parameter",
    directory: AWS,
    change: json("ssm.tf.json", ({ resource }) => resource.aws_ssm_parameter.github_token.type = "Secure"),
    finds: /^aws_ssm_parameter\.github_token\.type: "Secure" is none of String, StringList, SecureString$/,
  },
  {
    what: "an unknown type of application",
    directory: CLOUDFLARE_5,
    change: json(
      "access.tf.json",
      ({ resource }) => resource.cloudflare_zero_trust_access_application.openclaw.type = "self-hosted",
    ),
    finds: /^cloudflare_zero_trust_access_application\.openclaw\.type: "self-hosted" is none of self_hosted, saas, /,
  },
  {
    // Terraform itself drops it, with the real provider too.
    what: "an unknown key in a nested object",
    directory: CLOUDFLARE_5,
    change: json(
      "tunnel.tf.json",
      ({ resource: { cloudflare_zero_trust_tunnel_cloudflared_config: row } }) =>
        row.openclaw_tunnel.config.ingress_rule = [],
    ),
    finds: /^cloudflare_zero_trust_tunnel_cloudflared_config\.openclaw_tunnel\.config\.ingress_rule: unknown key$/,
  },
] as const;

/** Faults that tflint must find, each with the rule of its name, in the directory for AWS. */
export const LINT = [
  {
    rule: "terraform_unused_declarations",
    change: json(
      "variables.tf.json",
      ({ variable }) => variable.spare = { type: "string", description: "unused", default: "" },
    ),
  },
  {
    rule: "terraform_documented_variables",
    change: json("variables.tf.json", ({ variable }) => delete variable.aws_account_id.description),
  },
  {
    rule: "terraform_typed_variables",
    change: json("variables.tf.json", ({ variable }) => delete variable.aws_account_id.type),
  },
  {
    rule: "terraform_documented_outputs",
    change: json("variables.tf.json", (file) => file.output = { account: { value: "${var.aws_account_id}" } }),
  },
  {
    rule: "terraform_naming_convention",
    change: json("ssm.tf.json", ({ resource: { aws_ssm_parameter: parameters } }) => {
      parameters.gitHubToken = parameters.github_token;
      delete parameters.github_token;
    }),
  },
  {
    rule: "terraform_unused_required_providers",
    change: json(
      "backend.tf.json",
      ({ terraform }) => terraform.required_providers.tls = { source: "hashicorp/tls", version: "~> 4.0" },
    ),
  },
  {
    rule: "terraform_required_version",
    change: json("backend.tf.json", ({ terraform }) => delete terraform.required_version),
  },
  {
    rule: "terraform_required_providers",
    change: json("backend.tf.json", ({ terraform }) => delete terraform.required_providers.aws.version),
  },
] as const;

/** Returns the files with one of them changed. */
export function edited(files: Files, name: string, change: (file: Json) => unknown): Files {
  const file = JSON.parse(files.get(name) ?? assert.fail(`no ${name}`)) as Json;
  change(file);
  return new Map([...files, [name, JSON.stringify(file)]]);
}

function json(name: string, change: (file: Json) => unknown): (files: Files) => Files {
  return (files) => edited(files, name, change);
}

function record(change: (openclaw: Json) => unknown): (files: Files) => Files {
  return json("dns.tf.json", ({ resource }) => change(resource.cloudflare_record.openclaw));
}

function leftOver(name: string, text: string): (files: Files) => Files {
  return (files) => new Map([...files, [name, text]]);
}
