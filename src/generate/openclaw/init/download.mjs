// node download.mjs URL FILE CHECKSUM: downloads a file and verifies its checksum: 64 hexadecimal digits of SHA-256, as in
// GitHub's releases, or npm's integrity (sha512-...). Fails if a server stops sending.
// Environment, for tests: SILENCE_MS and PAUSE_MS.

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { pipeline } from "node:stream/promises";

/** How long a server may send nothing, in milliseconds. */
const SILENCE = Number(process.env.SILENCE_MS ?? 30_000);
/** The maximum size in bytes, so that a download cannot fill the volume. */
const LIMIT = 2 ** 30;
/**
 * The pause between attempts, in milliseconds. The first connection of a new pod can be refused until the cluster's network
 * knows the pod.
 */
const PAUSE = Number(process.env.PAUSE_MS ?? 3_000);
const ATTEMPTS = 3;

const [url, file, checksum] = process.argv.slice(2);

async function download() {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`silent for ${SILENCE / 1000} s`)), SILENCE);
  try {
    // Without compression, because a compressed response has another checksum.
    const response = await fetch(url, { signal: silence.signal, headers: { "accept-encoding": "identity" } });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const [algorithm, encoding] = checksum.startsWith("sha512-") ? ["sha512", "base64"] : ["sha256", "hex"];
    const hash = createHash(algorithm);
    let size = 0;
    await pipeline(response.body, async function* (chunks) {
      for await (const chunk of chunks) {
        timer.refresh();
        size += chunk.length;
        if (size > LIMIT) throw new Error(`more than ${LIMIT} bytes`);
        hash.update(chunk);
        yield chunk;
      }
    }, createWriteStream(file));
    const prefix = algorithm === "sha512" ? "sha512-" : "";
    return `${prefix}${hash.digest(encoding)}`;
  } finally {
    clearTimeout(timer);
  }
}

for (let attempt = 1;; attempt++) {
  try {
    const found = await download();
    if (found === checksum) break;
    console.error(`${url}: expected the checksum ${checksum}, found ${found}`);
    process.exit(1);
  } catch (error) {
    console.error(`${url}: ${error.cause?.message || error.cause?.code || error.message}`);
    if (attempt === ATTEMPTS) process.exit(1);
    await sleep(PAUSE);
  }
}
