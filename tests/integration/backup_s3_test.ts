/**
 * The real rclone, with the generated container's arguments, against moto's S3. moto checks no permissions, so the test checks
 * which requests are sent.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/tables/pins.ts";
import { imageVersion } from "../../src/values/image_reference.ts";
import { exec, tool } from "../support/tools.ts";
import { baseObjects, filesOf, type Json, objectOf, S3 } from "../support/support.ts";
import { tempDir } from "../support/temp_dir.ts";
import { moto, rclone, s3Server } from "../support/runtime/s3_tools.ts";

const BUCKET = S3.backup?.s3?.bucket ?? "";
const VERSION = imageVersion(IMAGES.rclone);

const client = await tool(`rclone ${VERSION}`, () => rclone(VERSION));
const server = await tool("moto", moto);

Deno.test({
  name:
    "good archives are copied to S3 once, with only list and put requests, and stay there when they are deleted locally",
  ignore: client.ignore || server.ignore,
  fn: async () => {
    await using dir = await tempDir();
    await using s3 = await s3Server(server.value, BUCKET);
    const backups = join(dir.path, "backups");
    const copy = async (bucket = BUCKET) => await rcloneAsGenerated(backups, s3, bucket);
    const archives = ["openclaw-20261121T181700Z.tar.gz", "openclaw-20261122T181700Z.workspace.tar.gz"];
    for (const name of [...archives, "notes.txt"]) await dir.write(`backups/good/${name}`, name);
    // Untested archives, and what a killed backup left.
    for (const name of ["", ".scratch.x/archive/"]) {
      await dir.write(`backups/${name}openclaw-20261123T181700Z.tar.gz`, name);
    }
    // Large enough for a multipart upload.
    await Deno.writeFile(join(backups, "good", archives[1] ?? ""), new Uint8Array(210 * 2 ** 20).fill(7));

    const first = await copy();
    assert.equal(first.code, 0, first.stderr);
    const stored = async () => {
      const text = await (await fetch(`${s3.url}/${BUCKET}?list-type=2`, { client: s3.client })).text();
      return [...text.matchAll(/<Key>([^<]*)<\/Key>.*?<Size>(\d+)<\/Size>/gs)].map(([, key, size]) => `${key} ${size}`);
    };
    const both = [`openclaw/${archives[0]} 32`, `openclaw/${archives[1]} ${210 * 2 ** 20}`];
    assert.deepEqual(await stored(), both);
    // moto requires credentials to read an object, but does not check them.
    const headers = { authorization: "AWS4-HMAC-SHA256 Credential=fake/20261122/ap-northeast-1/s3/aws4_request" };
    const object = await fetch(`${s3.url}/${BUCKET}/openclaw/${archives[0]}`, { client: s3.client, headers });
    const text = await object.text();
    assert.equal(text, archives[0]);

    const seen = s3.requests().length;
    await Deno.remove(join(backups, "good", archives[0] ?? ""));
    assert.equal((await copy()).code, 0);
    const more = s3.requests().slice(seen).filter((request) => !request.startsWith("GET"));
    assert.deepEqual([more, await stored()], [[], both], "nothing is uploaded twice or deleted");

    const own = s3.requests().filter((request) => request !== `GET /${BUCKET}/openclaw/${archives[0]}`);
    const methods = new Set(own.map((request) => request.startsWith("GET list") ? request : request.split(" ")[0]));
    assert.deepEqual(methods, new Set(["PUT", "GET list", "POST"]), own.join("\n"));

    const wrong = await copy("not-the-bucket");
    assert.notEqual(wrong.code, 0, "a missing bucket makes the Job fail");
  },
});

async function rcloneAsGenerated(backups: string, s3: { url: string; certificate: string }, bucket: string) {
  const pod =
    objectOf(baseObjects(await filesOf(S3)), "CronJob", "openclaw-backup").spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;
  const { mountPath } = container.volumeMounts[0];
  return await exec(
    client.value,
    container.args.map((arg: string) =>
      arg.startsWith(`${mountPath}/`)
        ? backups + arg.slice(mountPath.length)
        : arg.replace(`:${BUCKET}/`, `:${bucket}/`)
    ),
    {
      clearEnv: true,
      env: {
        ...Object.fromEntries(
          container.env.map(({ name, value }: Json) => [name, value ?? `fake-${name.toLowerCase()}`]),
        ),
        // Not writable, because the container's root is read-only.
        HOME: "/proc",
        RCLONE_S3_ENDPOINT: s3.url,
        RCLONE_S3_FORCE_PATH_STYLE: "true",
        RCLONE_CA_CERT: s3.certificate,
        // An error is reported at once.
        RCLONE_RETRIES: "1",
        RCLONE_LOW_LEVEL_RETRIES: "1",
      },
    },
  );
}
