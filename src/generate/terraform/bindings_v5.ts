/**
 * The bindings of version 5 of the Cloudflare provider, by Terraform's types.
 *
 * @module
 */

import {
  DataCloudflareZeroTrustAccessIdentityProviders,
  type DataCloudflareZeroTrustAccessIdentityProvidersConfig,
} from "@cdktf/provider-cloudflare-v5/lib/data-cloudflare-zero-trust-access-identity-providers/index.js";
import {
  DataCloudflareZeroTrustTunnelCloudflaredToken,
  type DataCloudflareZeroTrustTunnelCloudflaredTokenConfig,
} from "@cdktf/provider-cloudflare-v5/lib/data-cloudflare-zero-trust-tunnel-cloudflared-token/index.js";
import { DnsRecord, type DnsRecordConfig } from "@cdktf/provider-cloudflare-v5/lib/dns-record/index.js";
import { CloudflareProvider } from "@cdktf/provider-cloudflare-v5/lib/provider/index.js";
import {
  ZeroTrustAccessApplication,
  type ZeroTrustAccessApplicationConfig,
} from "@cdktf/provider-cloudflare-v5/lib/zero-trust-access-application/index.js";
import {
  ZeroTrustAccessPolicy,
  type ZeroTrustAccessPolicyConfig,
} from "@cdktf/provider-cloudflare-v5/lib/zero-trust-access-policy/index.js";
import {
  ZeroTrustAccessServiceToken,
  type ZeroTrustAccessServiceTokenConfig,
} from "@cdktf/provider-cloudflare-v5/lib/zero-trust-access-service-token/index.js";
import {
  ZeroTrustTunnelCloudflared,
  type ZeroTrustTunnelCloudflaredConfig,
} from "@cdktf/provider-cloudflare-v5/lib/zero-trust-tunnel-cloudflared/index.js";
import {
  ZeroTrustTunnelCloudflaredConfigA,
  type ZeroTrustTunnelCloudflaredConfigAConfig,
} from "@cdktf/provider-cloudflare-v5/lib/zero-trust-tunnel-cloudflared-config/index.js";

import type { ConstructsFor } from "./bindings_common.ts";

export type { ZeroTrustAccessPolicyInclude } from "@cdktf/provider-cloudflare-v5/lib/zero-trust-access-policy/index.js";

/** Arguments of the provider's resources. */
export interface ResourcesV5 {
  readonly cloudflare_dns_record: DnsRecordConfig;
  readonly cloudflare_zero_trust_access_application: ZeroTrustAccessApplicationConfig;
  readonly cloudflare_zero_trust_access_policy: ZeroTrustAccessPolicyConfig;
  readonly cloudflare_zero_trust_access_service_token: ZeroTrustAccessServiceTokenConfig;
  readonly cloudflare_zero_trust_tunnel_cloudflared: ZeroTrustTunnelCloudflaredConfig;
  readonly cloudflare_zero_trust_tunnel_cloudflared_config: ZeroTrustTunnelCloudflaredConfigAConfig;
}

/** Arguments of the provider's data sources. */
export interface DataV5 {
  readonly cloudflare_zero_trust_access_identity_providers: DataCloudflareZeroTrustAccessIdentityProvidersConfig;
  readonly cloudflare_zero_trust_tunnel_cloudflared_token: DataCloudflareZeroTrustTunnelCloudflaredTokenConfig;
}

/** The constructs for {@linkcode synthesize}. */
export const bindings = {
  providers: { cloudflare: CloudflareProvider },
  resources: {
    cloudflare_dns_record: DnsRecord,
    cloudflare_zero_trust_access_application: ZeroTrustAccessApplication,
    cloudflare_zero_trust_access_policy: ZeroTrustAccessPolicy,
    cloudflare_zero_trust_access_service_token: ZeroTrustAccessServiceToken,
    cloudflare_zero_trust_tunnel_cloudflared: ZeroTrustTunnelCloudflared,
    cloudflare_zero_trust_tunnel_cloudflared_config: ZeroTrustTunnelCloudflaredConfigA,
  } satisfies ConstructsFor<ResourcesV5>,
  data: {
    cloudflare_zero_trust_access_identity_providers: DataCloudflareZeroTrustAccessIdentityProviders,
    cloudflare_zero_trust_tunnel_cloudflared_token: DataCloudflareZeroTrustTunnelCloudflaredToken,
  } satisfies ConstructsFor<DataV5>,
};
