/**
 * The files that tfaction requires in a working directory (requirement A8). The pack never generates the files that tfaction's
 * CI writes there (`.terraform.lock.hcl`, `aqua/aqua-checksums.json`, `.tfaction/`).
 *
 * @module
 */

import { AQUA } from "../../tables/pins.ts";
import type { PackConfig } from "../../config/schema.ts";
import { below, HEADER, type OutputFile } from "../../output/file.ts";

/** The tools that a plan needs, each with its name in Renovate and aqua. */
const TOOLS = [
  { file: "terraform.yaml", name: "hashicorp/terraform", version: AQUA.terraform },
  { file: "tflint.yaml", name: "terraform-linters/tflint", version: AQUA.tflint },
  { file: "trivy.yaml", name: "aquasecurity/trivy", version: AQUA.trivy },
] as const;

/** Returns the files for one working directory. */
export function targetFiles({ historyBucket, region }: PackConfig["aws"], path: string): OutputFile[] {
  return below(path, [
    { path: "tfaction.yaml", text: `# ${HEADER}\n---\n{}\n` },
    { path: ".tflint.hcl", text: tflint() },
    {
      path: ".tfmigrate.hcl",
      text: tfmigrate(historyBucket, `${path}/history.json`, region),
    },
    { path: "aqua/aqua.yaml", text: aqua() },
    ...TOOLS.map(({ file, name, version }) => ({
      path: `aqua/imports/${file}`,
      text: `# ${HEADER}\n---\npackages:\n  - name: ${name}@${version}\n`,
    })),
  ]);
}

function aqua(): string {
  return `# ${HEADER}
---
checksum:
  enabled: true
  require_checksum: true
registries:
  - type: standard
    ref: ${AQUA.registry}  # renovate: depName=aquaproj/aqua-registry
packages:
  - import: imports/*.yaml
`;
}

function tflint(): string {
  const rules = [
    "terraform_comment_syntax",
    "terraform_documented_outputs",
    "terraform_documented_variables",
    "terraform_naming_convention",
    "terraform_typed_variables",
    "terraform_unused_declarations",
    "terraform_unused_required_providers",
  ];
  return [
    `# ${HEADER}\n`,
    `plugin "terraform" {\n  enabled = true\n  preset  = "recommended"\n}\n`,
    ...rules.map((rule) => `rule "${rule}" {\n  enabled = true\n}\n`),
  ].join("\n");
}

function tfmigrate(bucket: string, key: string, region: string): string {
  return `# ${HEADER}

tfmigrate {
  history {
    storage "s3" {
      bucket = "${bucket}"
      key    = "${key}"
      region = "${region}"
    }
  }
}
`;
}
