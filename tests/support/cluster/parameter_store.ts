/**
 * moto in the place of SSM's Parameter Store, and what the operator asks of it.
 *
 * @module
 */

import { startMoto } from "../moto.ts";

/** What a client asked. */
export interface Asked {
  /** As `AmazonSSM.GetParameter`. */
  readonly action: string;
  readonly parameter: string | undefined;
}

/** A store that runs. */
export interface ParameterStore extends AsyncDisposable {
  /** Port of the test process's loopback on which clients are to ask. */
  readonly port: number;
  /** All that clients asked there. */
  readonly asked: readonly Asked[];
  put(name: string, type: string, value: string): Promise<void>;
  /** Whether clients are refused from now on, as by an IAM policy that does not admit them. */
  refuse(whether: boolean): void;
}

/** AWS's words, in part. */
const REFUSAL = "is not authorized to perform: ssm:GetParameter";

/** Starts an empty one; `folder` is that of moto's program. */
export async function startParameterStore(folder: string, region: string): Promise<ParameterStore> {
  const stack = new AsyncDisposableStack();
  const moto = stack.use(await startMoto(folder));
  const asked: Asked[] = [];
  let refused = false;
  const door = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
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
  stack.defer(() => door.shutdown());
  const call = async (action: string, input: Readonly<Record<string, unknown>>) => {
    // moto looks at no signature; by the region and the service in it the call finds its way.
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
    port: door.addr.port,
    asked,
    put: (Name, Type, Value) => call("PutParameter", { Name, Type, Value, Overwrite: true }),
    refuse: (whether) => refused = whether,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
