/**
 * What `deno task bench` measures `gen` against: cdktf and the bindings that gen loads, and nothing else.
 *
 * @module
 */

import "../src/terraform/cdktf.ts";
import "../src/terraform/cdktf_cloudflare_v4.ts";
