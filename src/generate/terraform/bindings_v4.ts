/**
 * The bindings of version 4 of the Cloudflare provider, by Terraform's types.
 *
 * @module
 */

import {
  AccessApplication,
  type AccessApplicationConfig,
} from "@cdktf/provider-cloudflare/lib/access-application/index.js";
import { AccessPolicy, type AccessPolicyConfig } from "@cdktf/provider-cloudflare/lib/access-policy/index.js";
import {
  AccessServiceToken,
  type AccessServiceTokenConfig,
} from "@cdktf/provider-cloudflare/lib/access-service-token/index.js";
import {
  DataCloudflareAccessIdentityProvider,
  type DataCloudflareAccessIdentityProviderConfig,
} from "@cdktf/provider-cloudflare/lib/data-cloudflare-access-identity-provider/index.js";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { Record as DnsRecord, type RecordConfig } from "@cdktf/provider-cloudflare/lib/record/index.js";
import { Tunnel, type TunnelConfig } from "@cdktf/provider-cloudflare/lib/tunnel/index.js";
import { TunnelConfigA, type TunnelConfigAConfig } from "@cdktf/provider-cloudflare/lib/tunnel-config/index.js";

import type { ConstructsFor } from "./bindings_common.ts";

export type { AccessPolicyInclude } from "@cdktf/provider-cloudflare/lib/access-policy/index.js";

/** Arguments of the provider's resources. */
export interface ResourcesV4 {
  readonly cloudflare_access_application: AccessApplicationConfig;
  readonly cloudflare_access_policy: AccessPolicyConfig;
  readonly cloudflare_access_service_token: AccessServiceTokenConfig;
  readonly cloudflare_record: RecordConfig;
  readonly cloudflare_tunnel: TunnelConfig;
  readonly cloudflare_tunnel_config: TunnelConfigAConfig;
}

/** Arguments of the provider's data sources. */
export interface DataV4 {
  readonly cloudflare_access_identity_provider: DataCloudflareAccessIdentityProviderConfig;
}

/** The constructs for {@linkcode synthesize}. */
export const bindings = {
  providers: { cloudflare: CloudflareProvider },
  resources: {
    cloudflare_access_application: AccessApplication,
    cloudflare_access_policy: AccessPolicy,
    cloudflare_access_service_token: AccessServiceToken,
    cloudflare_record: DnsRecord,
    cloudflare_tunnel: Tunnel,
    cloudflare_tunnel_config: TunnelConfigA,
  } satisfies ConstructsFor<ResourcesV4>,
  data: { cloudflare_access_identity_provider: DataCloudflareAccessIdentityProvider } satisfies ConstructsFor<DataV4>,
};
