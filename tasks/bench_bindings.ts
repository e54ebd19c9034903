/**
 * What `deno task bench` measures `gen` against: cdktf and the bindings that gen loads, and nothing else.
 *
 * @module
 */

import "../src/generate/terraform/cdktf.ts";
import "../src/generate/terraform/cdktf_cloudflare_v4.ts";
