/**
 * The bindings of version 5 of the Cloudflare provider, under the names that version 4 has for the same things.
 *
 * @module
 */

export { DataCloudflareZeroTrustAccessIdentityProviders as DataAccessIdentityProviders } from "@cdktf/provider-cloudflare-v5/lib/data-cloudflare-zero-trust-access-identity-providers/index.js";
export { DataCloudflareZeroTrustTunnelCloudflaredToken as DataTunnelToken } from "@cdktf/provider-cloudflare-v5/lib/data-cloudflare-zero-trust-tunnel-cloudflared-token/index.js";
export { DnsRecord } from "@cdktf/provider-cloudflare-v5/lib/dns-record/index.js";
export { CloudflareProvider } from "@cdktf/provider-cloudflare-v5/lib/provider/index.js";
export { ZeroTrustAccessApplication as AccessApplication } from "@cdktf/provider-cloudflare-v5/lib/zero-trust-access-application/index.js";
export {
  ZeroTrustAccessPolicy as AccessPolicy,
  type ZeroTrustAccessPolicyInclude as AccessPolicyInclude,
} from "@cdktf/provider-cloudflare-v5/lib/zero-trust-access-policy/index.js";
export { ZeroTrustAccessServiceToken as AccessServiceToken } from "@cdktf/provider-cloudflare-v5/lib/zero-trust-access-service-token/index.js";
export { ZeroTrustTunnelCloudflared as Tunnel } from "@cdktf/provider-cloudflare-v5/lib/zero-trust-tunnel-cloudflared/index.js";
export { ZeroTrustTunnelCloudflaredConfigA as TunnelConfig } from "@cdktf/provider-cloudflare-v5/lib/zero-trust-tunnel-cloudflared-config/index.js";
