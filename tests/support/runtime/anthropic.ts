/**
 * Anthropic's place in a test network: its name in the DNS, a certificate that the key proxy trusts, and the stub behind it.
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
/** Where the images of HAProxy have the authorities that they trust. */
export const CA_FILE = "/etc/ssl/certs/ca-certificates.crt";

/** The stub with what leads to it. */
export interface Anthropic extends AnthropicStub {
  readonly dns: Dns;
  /** Has LiteLLM's pod trust the stub. */
  readonly files: NonNullable<PodOptions["files"]>;
}

/** What a test chooses. */
export interface AnthropicOptions extends StubOptions {
  /** The certificate's host; another one than Anthropic's must be refused. */
  readonly host?: string;
  /** Whether the pod trusts the certificate; by default yes. */
  readonly trusted?: boolean;
  /** Addresses of other names. */
  readonly names?: (name: string) => string | undefined;
}

/** Starts it. */
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
