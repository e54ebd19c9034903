// node github_stub.mjs FOLDER ADDRESS [COMMAND]: a stub of GitHub on ADDRESS:443, for github.com and api.github.com. Prints a line
// once it listens, or runs COMMAND with sh and exits with it.
//
// FOLDER contains token, cert.pem, key.pem, repositories as repos/OWNER/REPO, and log.jsonl, to which each request is appended.
// Repositories with a file `public` can be read without the token. A request for OWNER/moved is redirected, and the answer to a
// new pull request is the status and body in pulls.json, if that exists. Each answer takes as many milliseconds as delay says. The script
// before-push runs before a push is told the branches.

import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import process from "node:process";

const [folder, address, command] = process.argv.slice(2);
const read = (name) => readFileSync(`${folder}/${name}`, "utf8");
// Not an argument: a test looks for it in the arguments of all processes.
const token = read("token");

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Answers with git's own server. */
function backend(request, body, url, response) {
  const child = spawn("git", ["-c", "http.receivepack=true", "http-backend"], {
    env: {
      PATH: process.env.PATH,
      HOME: "/nonexistent",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      GIT_PROJECT_ROOT: `${folder}/repos`,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: request.headers["git-protocol"] ?? "",
      REMOTE_USER: "test",
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => undefined).end(body);
  const chunks = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  child.on("close", () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf("\r\n\r\n");
    const headers = Object.fromEntries(
      output.subarray(0, end).toString().split("\r\n").map((line) => line.split(": ")),
    );
    const status = Number.parseInt(headers.Status ?? "200");
    delete headers.Status;
    response.writeHead(status, headers).end(output.subarray(end + 4));
  });
}

function api(request, body, response) {
  const answer = (status, value) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  const made = /^\/repos\/(.*)\/pulls$/.exec(request.url);
  if (request.headers.authorization !== `token ${token}`) return answer(401, { message: "Bad credentials" });
  if (request.method !== "POST" || made === null) return answer(404, { message: "Not Found" });
  const { status, value } = existsSync(`${folder}/pulls.json`)
    ? JSON.parse(read("pulls.json"))[JSON.parse(body).draft]
    : { status: 201, value: { html_url: `https://github.com/${made[1]}/pull/1` } };
  answer(status, value);
}

const server = createServer({ cert: read("cert.pem"), key: read("key.pem") }, async (request, response) => {
  const body = await bodyOf(request);
  const { method, headers: { host, authorization } } = request;
  const url = new URL(request.url, `https://${host}`);
  const text = host === "api.github.com" ? body.toString() : undefined;
  appendFileSync(
    `${folder}/log.jsonl`,
    `${JSON.stringify({ method, host, path: request.url, authorization, body: text })}\n`,
  );
  if (existsSync(`${folder}/delay`)) await new Promise((resolve) => setTimeout(resolve, Number(read("delay"))));
  if (request.url.endsWith("?service=git-receive-pack") && existsSync(`${folder}/before-push`)) {
    execFileSync("sh", ["-eu", `${folder}/before-push`], { cwd: `${folder}/repos` });
  }
  if (host === "api.github.com") return api(request, body, response);
  if (/^\/[^/]+\/moved\//.test(url.pathname)) {
    return response.writeHead(301, { location: request.url.replace("/moved/", "/private/") }).end();
  }
  const [, owner, repo] = url.pathname.split("/");
  const isRead = url.pathname.endsWith("/git-upload-pack") || url.searchParams.get("service") === "git-upload-pack";
  const isPublic = isRead && existsSync(`${folder}/repos/${owner}/${repo}/public`);
  const expected = `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  if (!isPublic && authorization !== expected) {
    return response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end();
  }
  if (!existsSync(`${folder}/repos/${owner}/${repo}`)) return response.writeHead(404).end();
  backend(request, body, url, response);
});
server.listen(443, address, () => {
  if (command === undefined) return console.log(`listening on ${address}`);
  spawn("sh", ["-c", command], { stdio: "inherit" }).on("exit", (code, signal) => process.exit(code ?? `1${signal}`));
});
