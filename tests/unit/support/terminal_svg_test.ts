import assert from "node:assert/strict";
import { terminalSvg } from "../../support/terminal_svg.ts";

Deno.test("a terminal shows each command and the lines that it printed", () => {
  const svg = terminalSvg("a < b", [{ command: "echo '<a> & b'", output: "<a> & b\n" }, {
    command: "true",
    output: "fail x\n",
  }]);
  assert.match(svg, /aria-label="a &lt; b"/);
  assert.deepEqual([...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text]) => text), [
    "$ echo '&lt;a&gt; &amp; b'",
    "&lt;a&gt; &amp; b",
    "$ true",
    "fail x",
  ]);
  assert.match(svg, /fill="#ff7b72"[^>]*>fail x/);
});

Deno.test("an overlong line is cut", () => {
  const svg = terminalSvg("long", [{ command: "x", output: "y".repeat(200) }]);
  assert.match(svg, />y{111}…</);
});
