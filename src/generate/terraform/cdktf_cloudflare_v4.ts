/**
 * The bindings of version 4 of the Cloudflare provider.
 *
 * @module
 */

export { AccessApplication } from "@cdktf/provider-cloudflare/lib/access-application/index.js";
export { AccessPolicy, type AccessPolicyInclude } from "@cdktf/provider-cloudflare/lib/access-policy/index.js";
export { AccessServiceToken } from "@cdktf/provider-cloudflare/lib/access-service-token/index.js";
export { DataCloudflareAccessIdentityProvider } from "@cdktf/provider-cloudflare/lib/data-cloudflare-access-identity-provider/index.js";
export { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
export { Record as DnsRecord } from "@cdktf/provider-cloudflare/lib/record/index.js";
export { Tunnel } from "@cdktf/provider-cloudflare/lib/tunnel/index.js";
export { TunnelConfigA as TunnelConfig } from "@cdktf/provider-cloudflare/lib/tunnel-config/index.js";
