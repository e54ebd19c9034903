import assert from "node:assert/strict";
import { join } from "node:path";

const SCRIPT = "src/generate/sandbox/build-image.sh";

/**
 * A fake docker client: an image is "in the daemon" if the file `image` exists, and the daemon is unavailable once for each
 * byte in `away`. It only shows the order of commands.
 */
const DOCKER = `#!/bin/sh
if [ -s away ]; then truncate -s -1 away && exit 1; fi
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
    await Deno.copyFile("src/tables/sandbox.Dockerfile", join(folder, "Dockerfile"));
    // The only path that is not from a variable is where the client is copied for the gateway.
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
    return {
      calls: calls.filter((call) => call !== "version "),
      archives: [...Deno.readDirSync(join(folder, "archives"))].map(({ name }) => name).toSorted(),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const archive = (name: string, text: string) => (folder: string) =>
  Deno.writeTextFile(join(folder, "archives", name), text);
const KEPT = ["0123456789ab.tar"];

Deno.test("the first start builds and archives the sandbox image, and deletes an older archive", async () => {
  const { calls, archives } = await run(archive("ffffffffffff.tar", "whole"));
  assert.deepEqual(calls, ["image inspect", "build --quiet", "image save"]);
  assert.deepEqual(archives, KEPT);
});

Deno.test("a restart loads the archived image and builds nothing", async () => {
  const { calls, archives } = await run(archive("0123456789ab.tar", "whole"));
  assert.deepEqual(calls, ["image inspect", "image load", "image inspect"]);
  assert.deepEqual(archives, KEPT);
});

Deno.test("an unreadable archive is replaced by a new build", async () => {
  const { calls, archives } = await run(archive("0123456789ab.tar", "torn"));
  assert.deepEqual(calls, ["image inspect", "image load", "build --quiet", "image save"]);
  assert.deepEqual(archives, KEPT);
});

Deno.test("a full volume keeps its archives, and the start continues", async () => {
  const { calls, archives } = await run(async (folder) => {
    await archive("ffffffffffff.tar", "whole")(folder);
    await archive("0123456789ab.tar.part", "torn by an earlier start")(folder);
    await Deno.writeTextFile(join(folder, "full"), "");
  });
  assert.deepEqual(calls, ["image inspect", "build --quiet", "image save"]);
  assert.deepEqual(archives, ["0123456789ab.tar.part", "ffffffffffff.tar"]);
});

Deno.test("nothing is done if the daemon has the image", async () => {
  const { calls } = await run((folder) =>
    Promise.all([archive("0123456789ab.tar", "whole")(folder), Deno.writeTextFile(join(folder, "image"), "")]).then(
      () => {},
    )
  );
  assert.deepEqual(calls, ["image inspect"]);
});

Deno.test("no archive is lost if the daemon starts late or stops meanwhile", async () => {
  const whole = archive("0123456789ab.tar", "whole");
  const early = await run(async (folder) => {
    await whole(folder);
    await Deno.writeTextFile(join(folder, "away"), "..");
  });
  assert.deepEqual(early, { calls: ["image inspect", "image load", "image inspect"], archives: KEPT });
  const leaves = await run(async (folder) => {
    await whole(folder);
    // Unavailable from the load until the build has been tried.
    const docker = DOCKER.replace(
      '"image load") ',
      '"image load") [ -e left ] || { printf .. >away; : >left; exit 1; }; ',
    );
    await Deno.writeTextFile(join(folder, "docker"), docker, { mode: 0o755 });
  });
  const again = ["image inspect", "image load", "image inspect"];
  assert.deepEqual(leaves, { calls: ["image inspect", "image load", ...again], archives: KEPT });
});
