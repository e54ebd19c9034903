// Runs in a container that has node. Prints what the container sees and can reach: names only, never a value.
// process.argv[1] is a list of {id, protocol, host, port, payload?} as JSON.
const { readFileSync, existsSync } = require("node:fs");
const { createConnection } = require("node:net");
const { createSocket } = require("node:dgram");

const TIMEOUT = 3000;
const TRIES = 2;

/** The host "@resolver" is the pod's first resolver. */
function address(host) {
  if (host !== "@resolver") return host;
  return /^nameserver\s+(\S+)/m.exec(readFileSync("/etc/resolv.conf", "utf8"))?.[1] ?? "127.0.0.1";
}

function tcp({ host, port }) {
  return new Promise((done) => {
    const socket = createConnection({ host: address(host), port, timeout: TIMEOUT });
    const end = (word) => {
      socket.destroy();
      done(word);
    };
    // The socket's own timeout does not cover name resolution.
    const timer = setTimeout(end, TIMEOUT, "timeout");
    timer.unref();
    socket.on("connect", () => end("open"));
    socket.on("timeout", () => end("timeout"));
    socket.on("error", ({ code }) => end(code ?? "error"));
  });
}

/** For UDP, any answer means open. */
function udp({ host, port, payload }) {
  return new Promise((done) => {
    const to = address(host);
    const socket = createSocket(to.includes(":") ? "udp6" : "udp4");
    const end = (word) => {
      clearTimeout(timer);
      socket.close();
      done(word);
    };
    const timer = setTimeout(end, TIMEOUT, "timeout");
    socket.on("message", () => end("open"));
    socket.on("error", ({ code }) => end(code ?? "error"));
    socket.connect(port, to, () => socket.send(Buffer.from(payload, "hex")));
  });
}

async function dial(target) {
  const tries = [];
  while (tries.length < TRIES && !tries.includes("open")) {
    tries.push(await (target.protocol === "UDP" ? udp : tcp)(target));
  }
  return { id: target.id, tries };
}

/** Returns the names of the first process's environment variables, which are the container's. */
function variables() {
  try {
    return readFileSync("/proc/1/environ", "utf8").split("\0").map((row) => row.split("=")[0]).filter(Boolean);
  } catch {
    // It belongs to another user; this process has the container's variables too.
    return Object.keys(process.env);
  }
}

(async () => {
  const dials = await Promise.all(JSON.parse(process.argv[1]).map(dial));
  const token = existsSync("/var/run/secrets/kubernetes.io/serviceaccount");
  process.stdout.write(JSON.stringify({ uid: process.getuid(), variables: variables(), token, dials }) + "\n");
  process.exit(0);
})();
