import assert from "node:assert/strict";
import { join } from "node:path";

const SCRIPT = "src/sandbox/build-image.sh";

/** Plays the docker client: an image is "in the daemon" when the file `image` is there. A stand-in, so it shows order alone. */
const DOCKER = `#!/bin/sh
echo "$1 $2" >>calls
case "$1 $2" in
  "image inspect") [ -f image ] ;;
  "image load") grep -q whole "$5" && : >image ;;
  "image save") [ ! -f full ] && echo whole >"$4" ;;
  "build "*) cat >/dev/null; : >image ;;
esac
`;

async function run(prepare: (folder: string) => Promise<void>): Promise<{ calls: string[]; archives: string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "archives"));
    await Deno.writeTextFile(join(folder, "docker"), DOCKER, { mode: 0o755 });
    await Deno.copyFile("src/sandbox/Dockerfile", join(folder, "Dockerfile"));
    // The one path outside its variables is where the client is copied for the gateway.
    const script = (await Deno.readTextFile(SCRIPT)).replaceAll("/cli/docker", "cli");
    await Deno.writeTextFile(join(folder, "build-image.sh"), script);
    await prepare(folder);
    const { success, stderr } = await new Deno.Command("sh", {
      args: ["./build-image.sh"],
      cwd: folder,
      env: {
        PATH: `${folder}:${Deno.env.get("PATH")}`,
        SANDBOX_IMAGE: "openclaw-sandbox:0123456789ab",
        BASE_IMAGE: "debian:bookworm-slim",
        ARCHIVE_DIR: join(folder, "archives"),
      },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const calls = (await Deno.readTextFile(join(folder, "calls"))).trim().split("\n");
    return { calls, archives: [...Deno.readDirSync(join(folder, "archives"))].map(({ name }) => name).toSorted() };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const archive = (name: string, text: string) => (folder: string) =>
  Deno.writeTextFile(join(folder, "archives", name), text);
const KEPT = ["0123456789ab.tar"];

Deno.test("the first start builds the sandbox image and keeps it; an older one goes", async () => {
  const { calls, archives } = await run(archive("ffffffffffff.tar", "whole"));
  assert.deepEqual(calls, ["image inspect", "build --quiet", "image save"]);
  assert.deepEqual(archives, KEPT);
});

Deno.test("a restart loads the kept image and builds nothing", async () => {
  const { calls, archives } = await run(archive("0123456789ab.tar", "whole"));
  assert.deepEqual(calls, ["image inspect", "image load", "image inspect"]);
  assert.deepEqual(archives, KEPT);
});

Deno.test("an archive that cannot be read is built anew", async () => {
  const { calls, archives } = await run(archive("0123456789ab.tar", "torn"));
  assert.deepEqual(calls, ["image inspect", "image load", "build --quiet", "image save"]);
  assert.deepEqual(archives, KEPT);
});

Deno.test("a volume without room keeps the archives that it has, and the start goes on", async () => {
  const { calls, archives } = await run(async (folder) => {
    await archive("ffffffffffff.tar", "whole")(folder);
    await archive("0123456789ab.tar.part", "torn by an earlier start")(folder);
    await Deno.writeTextFile(join(folder, "full"), "");
  });
  assert.deepEqual(calls, ["image inspect", "build --quiet", "image save"]);
  assert.deepEqual(archives, ["0123456789ab.tar.part", "ffffffffffff.tar"]);
});

Deno.test("with the image in the daemon nothing is done", async () => {
  const { calls } = await run((folder) =>
    Promise.all([archive("0123456789ab.tar", "whole")(folder), Deno.writeTextFile(join(folder, "image"), "")]).then(
      () => {},
    )
  );
  assert.deepEqual(calls, ["image inspect"]);
});
