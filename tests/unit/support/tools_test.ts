import assert from "node:assert/strict";
import { join } from "node:path";
import { tempDir } from "../../support/temp_dir.ts";
import { installed } from "../../support/tools.ts";

Deno.test("a cache folder requested in parallel is filled once, and returned only when complete", async () => {
  await using dir = await tempDir();
  const before = Deno.env.get("XDG_CACHE_HOME");
  Deno.env.set("XDG_CACHE_HOME", dir.path);
  try {
    for (const how of ["renamed", "in place"] as const) {
      let fills = 0;
      const fill = async (folder: string) => {
        fills++;
        await new Promise((resolve) => setTimeout(resolve, 20));
        await Deno.writeTextFile(join(folder, "part"), how);
      };
      const folders = await Promise.all([1, 2, 3].map(async () => {
        const folder = await installed(`folder ${how}`, fill, how);
        return await Deno.readTextFile(join(folder, "part"));
      }));
      assert.deepEqual([fills, folders], [1, [how, how, how]]);
    }
  } finally {
    if (before === undefined) Deno.env.delete("XDG_CACHE_HOME");
    else Deno.env.set("XDG_CACHE_HOME", before);
  }
});
