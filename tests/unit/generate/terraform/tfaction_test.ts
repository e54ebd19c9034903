import assert from "node:assert/strict";
import { parse } from "yaml";
import { filesOf, textOf } from "../../../support/support.ts";

const DIRECTORIES = ["terraform/aws/openclaw", "terraform/cloudflare/b0xp.io/openclaw"];

Deno.test("each working directory has the files that tfaction requires, and none that its CI writes", async () => {
  const files = await filesOf();
  for (const directory of DIRECTORIES) {
    assert.deepEqual(parse(textOf(files, `${directory}/tfaction.yaml`)), {});
    assert.deepEqual(parse(textOf(files, `${directory}/aqua/aqua.yaml`)), {
      checksum: { enabled: true, require_checksum: true },
      registries: [{ type: "standard", ref: "v4.554.0" }],
      packages: [{ import: "imports/*.yaml" }],
    });
    assert.match(textOf(files, `${directory}/aqua/aqua.yaml`), /# renovate: depName=aquaproj\/aqua-registry\n/);
    for (const tool of ["hashicorp/terraform", "terraform-linters/tflint", "aquasecurity/trivy"]) {
      const { packages } = parse(textOf(files, `${directory}/aqua/imports/${tool.split("/")[1]}.yaml`));
      assert.match(packages[0].name, new RegExp(`^${tool}@v\\d+\\.\\d+\\.\\d+$`));
    }
    assert.match(textOf(files, `${directory}/.tfmigrate.hcl`), new RegExp(`key    = "${directory}/history\\.json"`));
    assert.match(textOf(files, `${directory}/.tflint.hcl`), /plugin "terraform"/);
  }
  const paths = files.map(({ path }) => path);
  assert.deepEqual(
    paths.filter((path) => /\.terraform\.lock\.hcl|aqua-checksums\.json|\.tfaction\/|\.tf$/.test(path)),
    [],
  );
});
