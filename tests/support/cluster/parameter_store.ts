/**
 * moto in place of SSM's Parameter Store, with a record of the operator's requests.
 *
 * @module
 */

import { startMoto } from "../moto.ts";

/** A client's request. */
export interface Asked {
  /** For example `AmazonSSM.GetParameter`. */
  readonly action: string;
  readonly parameter: string | undefined;
}

/** A running store. */
export interface ParameterStore extends AsyncDisposable {
  /** Port on the test process's loopback that clients must use. */
  readonly port: number;
  /** All requests of clients on that port. */
  readonly asked: readonly Asked[];
  put(name: string, type: string, value: string): Promise<void>;
  /** Sets whether clients are denied access from now on, as by an IAM policy. */
  refuse(whether: boolean): void;
}

/** Part of AWS's own message. */
const REFUSAL = "is not authorized to perform: ssm:GetParameter";

/** Starts an empty store. `folder` is moto's installation. */
export async function startParameterStore(folder: string, region: string): Promise<ParameterStore> {
  const stack = new AsyncDisposableStack();
  const moto = stack.use(await startMoto(folder));
  const asked: Asked[] = [];
  let refused = false;
  const proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const body = await request.text();
    const { Name } = JSON.parse(body) as { Name?: string };
    asked.push({ action: request.headers.get("X-Amz-Target") ?? request.url, parameter: Name });
    if (refused) return Response.json({ __type: "AccessDeniedException", Message: REFUSAL }, { status: 400 });
    return await fetch(new URL(new URL(request.url).pathname, moto.url), {
      method: request.method,
      headers: request.headers,
      body,
    });
  });
  stack.defer(() => proxy.shutdown());
  const call = async (action: string, input: Readonly<Record<string, unknown>>) => {
    // moto ignores the signature, but routes the call by its region and service.
    const credential = `Credential=fake/20260101/${region}/ssm/aws4_request`;
    const answer = await fetch(moto.url, {
      method: "POST",
      headers: {
        "X-Amz-Target": `AmazonSSM.${action}`,
        "Content-Type": "application/x-amz-json-1.1",
        Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none`,
      },
      body: JSON.stringify(input),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${action}: ${answer.status} ${text}`);
  };
  return {
    port: proxy.addr.port,
    asked,
    put: (Name, Type, Value) => call("PutParameter", { Name, Type, Value, Overwrite: true }),
    refuse: (whether) => refused = whether,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
