/**
 * A fake Anthropic in a test network: its DNS name, a certificate that the key proxy trusts, and the stub.
 *
 * @module
 */

import { type AnthropicStub, anthropicStub, type StubOptions } from "./anthropic_stub.ts";
import { certificateFor } from "./certificate.ts";
import { type Dns, dnsServer } from "./dns.ts";
import type { Network } from "./network.ts";
import type { PodOptions } from "./pod.ts";

/** The host of Anthropic's API. */
export const ANTHROPIC_HOST = "api.anthropic.com";
/** The path of the trusted authorities in HAProxy's images. */
export const CA_FILE = "/etc/ssl/certs/ca-certificates.crt";

/** The stub, with its DNS name and certificate. */
export interface Anthropic extends AnthropicStub {
  readonly dns: Dns;
  /** Makes LiteLLM's pod trust the stub. */
  readonly files: NonNullable<PodOptions["files"]>;
}

/** Options of a test. */
export interface AnthropicOptions extends StubOptions {
  /** The certificate's host; any other than Anthropic's must be refused. */
  readonly host?: string;
  /** Whether the pod trusts the certificate. Default true. */
  readonly trusted?: boolean;
  /** Addresses of other names. */
  readonly names?: (name: string) => string | undefined;
}

/** Starts the fake. */
export async function anthropic(net: Network, options: AnthropicOptions = {}): Promise<Anthropic> {
  const { host = ANTHROPIC_HOST, trusted = true, names = () => undefined, ...stub } = options;
  const { ca, ...tls } = await certificateFor(host);
  const stack = new AsyncDisposableStack();
  const dns = stack.use(await dnsServer(net.host, (name) => name === ANTHROPIC_HOST ? net.host : names(name)));
  const running = stack.use(anthropicStub(net.host, { ...stub, port: 443, tls }));
  return {
    ...running,
    dns,
    files: trusted ? { "key-proxy": { [CA_FILE]: ca } } : {},
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
