import assert from "node:assert/strict";
import { LeftOverHcl, leftOverHcl } from "../../../../src/commands/gen/left_over.ts";
import { filesOf } from "../../../support/support.ts";
import { tempDir } from "../../../support/temp_dir.ts";

const AWS = "terraform/aws/openclaw";
const CLOUDFLARE = "terraform/cloudflare/b0xp.io/openclaw";

/** Returns what is found in a folder with these files next to the generated ones. */
async function found(files: Record<string, string>) {
  await using dir = await tempDir();
  for (const [path, text] of Object.entries(files)) await dir.write(path, text);
  return leftOverHcl(dir.path, await filesOf());
}

Deno.test("every kind of block that would be defined twice is found, with its file", async () => {
  assert.deepEqual(
    await found({
      [`${AWS}/backend.tf`]: 'terraform {\n  required_version = ">= 1.0"\n  required_providers {\n    aws = {\n' +
        '      source = "hashicorp/aws"\n    }\n  }\n  backend "s3" {\n    bucket = "x"\n  }\n}\n',
      [`${AWS}/provider.tf`]: 'provider "aws" {\n  region = "x"\n}\n',
      [`${AWS}/variables.tf`]: 'variable "aws_account_id" {}\n',
      [`${CLOUDFLARE}/access.tf`]:
        'data "cloudflare_access_identity_provider" "github" {\n  name = "GitHub"\n}\n\n# a comment\n' +
        'resource "cloudflare_access_policy" "openclaw_policy" {\n  include {\n    email = ["a"]\n  }\n}\n',
      [`${CLOUDFLARE}/outputs.tf`]: 'output "hostname" {\n  value = 1\n}\n\noutput "other" {\n  value = 1\n}\n',
    }),
    [
      { path: `${AWS}/backend.tf`, both: ["terraform.required_providers", "terraform.backend"], alone: [] },
      { path: `${AWS}/provider.tf`, both: ["provider.aws"], alone: [] },
      { path: `${AWS}/variables.tf`, both: ["variable.aws_account_id"], alone: [] },
      {
        path: `${CLOUDFLARE}/access.tf`,
        both: [
          "data.cloudflare_access_identity_provider.github",
          "resource.cloudflare_access_policy.openclaw_policy",
        ],
        alone: [],
      },
      { path: `${CLOUDFLARE}/outputs.tf`, both: ["output.hostname"], alone: ["output.other"] },
    ],
  );
});

Deno.test("files with other definitions may stay", async () => {
  assert.deepEqual(
    await found({
      [`${AWS}/versions.tf`]: 'terraform {\n  required_version = ">= 1.5"\n}\n',
      [`${AWS}/other.tf`]: 'provider "aws" {\n  alias  = "us"\n  region = "us-east-1"\n}\n\nlocals {\n  a = 1\n}\n',
      [`${AWS}/notes.txt`]: 'provider "aws" {\n}\n',
      [`${AWS}/module/provider.tf`]: 'provider "aws" {\n}\n',
      "terraform/aws/other/provider.tf": 'provider "aws" {\n}\n',
    }),
    [],
  );
});

Deno.test("the message names each file, and what would be lost with it", () => {
  const { message } = new LeftOverHcl([{ path: "a/b.tf", both: ["variable.a", "variable.b"], alone: ["output.c"] }]);
  assert.match(message, /^ {2}git rm a\/b\.tf {2}# variable\.a and 1 more; move output\.c to another file/m);
});
