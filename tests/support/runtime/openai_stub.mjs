// node openai_stub.mjs LOG MODE COMMAND: a stub of OpenAI's Responses API on 127.0.0.1:8080, in the test's network namespace.
// Runs COMMAND with sh once it listens, and exits with it. Appends each request to LOG as a line.
//
// MODE is a shell command that the model makes codex run before it answers, or `hang` to never answer.

import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import process from "node:process";

const [log, mode, command] = process.argv.slice(2);
let answers = 0;

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { method, url, headers } = request;
  appendFileSync(log, `${JSON.stringify({ method, url, authorization: headers.authorization, body })}\n`);
  if (mode === "hang") return;
  if (method !== "POST" || url !== "/v1/responses") return response.writeHead(404).end();
  answers += 1;
  const item = answers === 1
    ? { type: "function_call", call_id: "call_1", name: "exec_command", arguments: JSON.stringify({ cmd: mode }) }
    : { type: "message", role: "assistant", content: [{ type: "output_text", text: "the stub's review" }] };
  const id = `resp_${answers}`;
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (
    const [type, fields] of [
      ["response.created", { response: { id } }],
      ["response.output_item.done", { output_index: 0, item: { id: `item_${answers}`, ...item } }],
      ["response.completed", { response: { id, usage } }],
    ]
  ) {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  }
  response.end();
});
// Codex tries a WebSocket first, and falls back to HTTP after this response.
server.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n"));
server.listen(8080, "127.0.0.1", () => {
  spawn("sh", ["-c", command], { stdio: "inherit" }).on("exit", (code, signal) => process.exit(code ?? `1${signal}`));
});
