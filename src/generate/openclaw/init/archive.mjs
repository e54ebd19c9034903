// node archive.mjs KEPT SOURCE FILE CHECKSUM: puts a verified archive into FILE. It takes the copy that a previous start has kept
// on the state volume if that has the checksum, and downloads it otherwise, and then keeps a copy. The checksum is 64 hexadecimal
// digits of SHA-256, as in GitHub's releases, or npm's integrity (sha512-...). SOURCE is a URL, or npm:PATH in npm's registry.
//
// KEPT may be anything, since an elevated session can write to the volume. Its bytes are therefore copied while they are hashed,
// and only the copy is used. Fails if neither source has the checksum, and if a server stops sending.
// Environment, for tests: SILENCE_MS and PAUSE_MS.

import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { constants, createWriteStream } from "node:fs";
import { chmod, copyFile, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { pipeline } from "node:stream/promises";

/** How long a server may send nothing, in milliseconds. */
const SILENCE = Number(process.env.SILENCE_MS ?? 30_000);
/** The maximum size in bytes, so that a download cannot fill a disk. */
const LIMIT = 2 ** 30;
/**
 * The pause between attempts, in milliseconds. The first connection of a new pod can be refused until the cluster's network
 * knows the pod.
 */
const PAUSE = Number(process.env.PAUSE_MS ?? 3_000);
const ATTEMPTS = 3;

const [kept, source, file, checksum] = process.argv.slice(2);

/** Writes chunks to FILE and returns whether they have the checksum. */
async function write(chunks, onChunk = () => {}) {
  const [algorithm, encoding, prefix] = checksum.startsWith("sha512-")
    ? ["sha512", "base64", "sha512-"]
    : ["sha256", "hex", ""];
  const hash = createHash(algorithm);
  let size = 0;
  await pipeline(chunks, async function* (chunks) {
    for await (const chunk of chunks) {
      onChunk();
      size += chunk.length;
      if (size > LIMIT) throw new Error(`more than ${LIMIT} bytes`);
      hash.update(chunk);
      yield chunk;
    }
  }, createWriteStream(file));
  return `${prefix}${hash.digest(encoding)}`;
}

/** Returns whether FILE is now the verified copy from the volume. */
async function fromVolume() {
  try {
    // A pipe would block without O_NONBLOCK.
    const handle = await open(kept, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) throw new Error("it is not a file");
      const found = await write(handle.createReadStream({ autoClose: false, highWaterMark: 2 ** 20 }));
      if (found !== checksum) throw new Error("it has another checksum");
      return true;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error.code !== "ENOENT") console.error(`${kept} is not used: ${error.message}; downloading the archive again`);
    return false;
  }
}

/** Keeps a copy on the volume for the next start. Without one, the next start downloads the archive again. */
async function keep() {
  const copy = `${kept}.${randomUUID()}`;
  try {
    for (const folder of [dirname(dirname(kept)), dirname(kept)]) await realFolder(folder);
    if ((await stateOf(kept))?.isDirectory()) await aside(kept);
    await copyFile(file, copy, constants.COPYFILE_EXCL);
    const handle = await open(copy);
    await handle.sync().finally(() => handle.close());
    await rename(copy, kept);
  } catch (error) {
    await rm(copy, { force: true }).catch(() => {});
    console.error(
      `no copy of ${source} could be kept on the volume, so the next start downloads it again: ${error.message}`,
    );
  }
}

/** Ensures that a path is a folder, and not a link to one. */
async function realFolder(path) {
  const state = await stateOf(path);
  if (state !== undefined && !state.isDirectory()) await aside(path);
  if (state?.isDirectory()) await chmod(path, 0o700);
  else await mkdir(path, { mode: 0o700 });
}

const stateOf = (path) => lstat(path).catch(() => undefined);

/** Renames what is in the way, because deleting a million files would take too long. */
async function aside(path) {
  const name = `${path}.aside-${randomUUID()}`;
  await rename(path, name);
  console.error(`${path} is in the way, and is kept as ${name}`);
}

/** Returns the URL, with npm's configured registry, which may be a mirror. */
function urlOf() {
  if (!source.startsWith("npm:")) return source;
  const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  return `${registry.replace(/\/$/, "")}/${source.slice("npm:".length)}`;
}

async function download(url) {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`silent for ${SILENCE / 1000} s`)), SILENCE);
  try {
    // Without compression, because a compressed response has another checksum.
    const response = await fetch(url, { signal: silence.signal, headers: { "accept-encoding": "identity" } });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await write(response.body, () => timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}

if (await fromVolume()) process.exit(0);
const url = urlOf();
for (let attempt = 1;; attempt++) {
  try {
    const found = await download(url);
    if (found === checksum) break;
    console.error(`${url}: expected the checksum ${checksum}, found ${found}`);
    process.exit(1);
  } catch (error) {
    console.error(`${url}: ${error.cause?.message || error.cause?.code || error.message}`);
    if (attempt === ATTEMPTS) process.exit(1);
    await sleep(PAUSE);
  }
}
await keep();
