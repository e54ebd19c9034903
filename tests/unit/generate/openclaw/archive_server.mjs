// node archive_server.mjs FOLDER: serves the folder's files on a free loopback port, which it prints. Exits when its standard
// input closes. Below /cut/ the connection breaks in the middle of the body. Below /silent/ it does so after more than a second
// of silence.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import process from "node:process";

const server = createServer(async (request, response) => {
  const body = await readFile(join(process.argv[2], basename(request.url))).catch(() => undefined);
  if (body === undefined) return response.writeHead(404).end();
  response.writeHead(200, { "content-length": body.length });
  const trick = request.url.match(/^\/(cut|silent)\//)?.[1];
  if (trick === undefined) return response.end(body);
  response.write(body.subarray(0, body.length / 2), () => {
    setTimeout(() => response.destroy(), trick === "cut" ? 0 : 1_200);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit());
