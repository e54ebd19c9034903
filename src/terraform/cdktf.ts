/**
 * The one module that knows cdktf: builds a stack with its typed bindings and gives plain Terraform JSON. cdktf is archived
 * upstream, and this is what a successor would replace.
 *
 * @module
 */

import { DataCloudflareAccessIdentityProvider } from "@cdktf/provider-cloudflare/lib/data-cloudflare-access-identity-provider/index.js";
import { AccessApplication } from "@cdktf/provider-cloudflare/lib/access-application/index.js";
import { AccessPolicy } from "@cdktf/provider-cloudflare/lib/access-policy/index.js";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { Record as DnsRecord } from "@cdktf/provider-cloudflare/lib/record/index.js";
import { Tunnel } from "@cdktf/provider-cloudflare/lib/tunnel/index.js";
import { TunnelConfigA as TunnelConfig } from "@cdktf/provider-cloudflare/lib/tunnel-config/index.js";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter/index.js";
import { Password } from "@cdktf/provider-random/lib/password/index.js";
import { RandomProvider } from "@cdktf/provider-random/lib/provider/index.js";
import { RootConstruct } from "constructs";
import { Fn, S3Backend, TerraformStack, TerraformVariable } from "cdktf";

export {
  AccessApplication,
  AccessPolicy,
  AwsProvider,
  CloudflareProvider,
  DataCloudflareAccessIdentityProvider,
  DnsRecord,
  Fn,
  Password,
  RandomProvider,
  RootConstruct,
  S3Backend,
  SsmParameter,
  TerraformStack as Stack,
  TerraformVariable as Variable,
  Tunnel,
  TunnelConfig,
};
