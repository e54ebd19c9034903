/**
 * The baseline of `deno task bench`: loads cdktf and the bindings that gen loads, and nothing else.
 *
 * @module
 */

import "../src/generate/terraform/synth.ts";
import "../src/generate/terraform/bindings_v4.ts";
