import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import { errorsOf, messagesOf } from "./errors_of.ts";

const DEFAULTS = readPack("").config;

Deno.test("every text without a field returns the defaults", () => {
  for (const text of ["", "\n", "# nothing\n", "---\n", "null\n", "{}\n", "aws:\nmodels:\nhostname: ~\n", "\r\n\r\n"]) {
    assert.deepEqual(readPack(text).config, DEFAULTS, JSON.stringify(text));
  }
});

Deno.test("a partial section keeps its other defaults", () => {
  const { config } = readPack("aws:\n  region: eu-west-1\nresources:\n  litellm: { memoryLimit: 2Gi }\n");
  assert.deepEqual(config.aws, { ...DEFAULTS.aws, region: "eu-west-1" });
  assert.deepEqual(config.resources, {
    ...DEFAULTS.resources,
    litellm: { ...DEFAULTS.resources.litellm, memoryLimit: "2Gi" },
  });
});

Deno.test("a mapping of labels replaces the default and is not merged with it", () => {
  assert.deepEqual(readPack("cluster: { nodeSelector: { disk: ssd } }").config.cluster.nodeSelector, { disk: "ssd" });
});

Deno.test("two results share no mutable object", () => {
  const { config } = readPack("");
  config.models.list.pop();
  config.cluster.podCidrs.pop();
  config.cluster.nodeSelector["changed"] = "yes";
  assert.deepEqual(readPack("").config, DEFAULTS);
});

Deno.test("aliases and CRLF are read as in YAML", () => {
  const { config } = readPack(
    "models:\r\n  list:\r\n    - &m { id: a, name: &n A, alias: a }\r\n    - { id: b, name: *n, alias: b }\r\n",
  );
  assert.deepEqual(config.models.list.map(({ name }) => name), ["A", "A"]);
});

Deno.test("each error has its position, its path and what was expected", async (t) => {
  const cases: [name: string, text: string, messages: string[]][] = [
    ["an unknown field similar to a known one", "hostnam: x\n", [
      'pack.yaml:1:1: hostnam: unknown field (write "hostname")',
    ]],
    ["an unknown field similar to none", "aws:\n  q: x\n", ["pack.yaml:2:3: aws.q: unknown field"]],
    ["all unknown fields of a mapping", "aws:\n  regio: x\n  acountId: y\n", [
      'pack.yaml:2:3: aws.regio: unknown field (write "region")',
      'pack.yaml:3:3: aws.acountId: unknown field (write "accountId")',
    ]],
    ["an unknown field of an item", "models:\n  list: [{ id: a, name: A, alias: a, idd: b }]\n", [
      'pack.yaml:2:38: models.list[0].idd: unknown field (write "id")',
    ]],
    ["names that every object inherits", "constructor: 1\naws: { toString: 1, __proto__: {} }\n", [
      "pack.yaml:1:1: constructor: unknown field",
      "pack.yaml:2:8: aws.toString: unknown field",
      "pack.yaml:2:21: aws.__proto__: unknown field",
    ]],
    ["a choice in the wrong case", "sandbox: { backend: SSH }\n", [
      'pack.yaml:1:12: sandbox.backend: expected one of docker, ssh (write "ssh")',
    ]],
    ["a choice similar to none", "sandbox: { backend: kubernetes }\n", [
      "pack.yaml:1:12: sandbox.backend: expected one of docker, ssh",
    ]],
    ["a choice in a list", "secrets:\n  - { name: A, reader: openclaws, description: d }\n", [
      'pack.yaml:2:16: secrets[0].reader: expected one of openclaw, litellm, cloudflared, sandbox (write "openclaw")',
    ]],
    ["missing fields", "models:\n  list:\n    - id: a\n", [
      "pack.yaml:3:7: models.list[0].name: is missing",
      "pack.yaml:3:7: models.list[0].alias: is missing",
    ]],
    ["a field without its value", "models:\n  list: [{ id: ~, name: A, alias: a }]\n", [
      "pack.yaml:2:12: models.list[0].id: is missing",
    ]],
    ["a missing mapping", "flows:\n  - port: 80\n    why: w\n", ["pack.yaml:2:5: flows[0].to: is missing"]],
    ["a text that YAML reads as a number", "aws: { accountId: 839695154978 }\n", [
      "pack.yaml:1:8: aws.accountId: expected an AWS account ID: 12 digits; put the value in quotes",
    ]],
    ["a mapping where a text belongs", "hostname: { a: b }\n", [
      "pack.yaml:1:1: hostname: expected a host name such as openclaw.example.com",
    ]],
    ["a text where a mapping belongs", "aws: here\n", ["pack.yaml:1:1: aws: expected a mapping"]],
    ["a mapping where a list belongs", "models: { list: { 0: {} } }\n", [
      "pack.yaml:1:11: models.list: expected a list",
    ]],
    ["a list of models at its previous path", "models:\n  - { id: a, name: A, alias: a }\n", [
      "pack.yaml:1:1: models: expected a mapping of list, budget, requestsPerMinute",
    ]],
    ["an empty list where one item is needed", "models: { list: [] }\n", [
      "pack.yaml:1:11: models.list: expected at least one model",
    ]],
    ["a list as the whole file", "- a\n", ["pack.yaml:1:1: expected a mapping of fields to values"]],
    ["a text as the whole file", "hostname\n", ["pack.yaml:1:1: expected a mapping of fields to values"]],
    ["a label value", "cluster:\n  nodeSelector:\n    a/b: x y\n", [
      "pack.yaml:3:5: cluster.nodeSelector.a/b: expected a label value: " +
      "letters, digits, hyphens, dots and underscores, at most 63 characters",
    ]],
  ];
  for (const [name, text, messages] of cases) {
    await t.step(name, () => assert.deepEqual(messagesOf(text), messages));
  }
});

Deno.test("all errors, including those between fields, are reported together in the order of the file", () => {
  const text = `zone: example.com
hostname: openclaw.example.org
aws: { regio: x }
models:
  list: [{ id: "a b", name: A, alias: a }]
resources:
  openclaw: { cpuRequest: "4" }
`;
  assert.deepEqual(errorsOf(text).map(({ path, position }) => [path.join("."), position.line]), [
    ["hostname", 2],
    ["aws.regio", 3],
    ["models.list.0.id", 5],
    ["resources.openclaw.cpuRequest", 7],
  ]);
});

Deno.test("a rule between fields ignores a value that is itself invalid", () => {
  assert.deepEqual(messagesOf("zone: example.com\nhostname: a..b\n"), [
    "pack.yaml:2:1: hostname: expected a host name such as openclaw.example.com",
  ]);
});

Deno.test("an error in a nested list has the position of its item", () => {
  const text = `secrets:
  - { name: A, description: d }
  - name: B
    description: d
    env:
      - B
      - a b
      - c d
`;
  assert.deepEqual(errorsOf(text).map(({ path, position }) => [path.join("."), position.line, position.column]), [
    ["secrets.1.env.1", 7, 9],
    ["secrets.1.env.2", 8, 9],
  ]);
});

Deno.test("invalid YAML is reported with its position", async (t) => {
  const cases: [name: string, text: string, start: string][] = [
    ["an open bracket", "aws: [\n", "pack.yaml:2:1: Flow sequence"],
    ["a tab", "aws:\n\tregion: x\n", "pack.yaml:2:1: Tabs are not allowed"],
    ["one key twice", "zone: a\nzone: b\n", "pack.yaml:2:1: Map keys must be unique"],
    [
      "two documents",
      "zone: a\n---\nzone: b\n",
      "pack.yaml:2:1: expected one document, but a line with --- begins another",
    ],
    ["an alias of nothing", "aws: *x\n", "pack.yaml:1:1: not readable as YAML: Unresolved alias"],
    ["an alias of itself", "aws: &a { region: *a }\n", "pack.yaml:1:1: an alias is inside its own anchor"],
  ];
  for (const [name, text, start] of cases) {
    await t.step(name, () => {
      const [first = ""] = messagesOf(text);
      assert.ok(first.startsWith(start), first);
    });
  }
});

Deno.test("aliases that expand without end are refused quickly", () => {
  const levels = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`);
  const [first] = messagesOf(["a0: &a0 x", ...levels].join("\n"));
  assert.match(first ?? "", /Excessive alias count/);
});

Deno.test("nesting deeper than the stack is reported as an error", () => {
  for (const text of ["[".repeat(20_000), "{a: ".repeat(5000), `${"[".repeat(3000)}${"]".repeat(3000)}`]) {
    assert.notEqual(errorsOf(text).length, 0);
  }
});

Deno.test("only a mapping is accepted as a section", async (t) => {
  const cases: [name: string, text: string][] = [
    ["a list as a section", "aws: []\n"],
    ["a set as a section", "aws: !!set { region }\n"],
    ["an ordered map as a section", "aws: !!omap [region: x]\n"],
    ["a date as a section", "%YAML 1.1\n---\naws: 2001-01-01\n"],
    ["an ordered map as the whole file", "!!omap [hostname: 5]\n"],
    ["a set as the whole file", "!!set { hostname }\n"],
  ];
  for (const [name, text] of cases) await t.step(name, () => assert.notDeepEqual(messagesOf(text), []));
});

Deno.test("only an empty Discord allowlist is a warning, with its position", () => {
  const warnings = (text: string) =>
    readPack(text).warnings.map(({ path, position }) => ({ path: path.join("."), ...position }));
  assert.deepEqual(warnings(""), [{ path: "discord.allowFrom", line: 1, column: 1 }]);
  assert.deepEqual(warnings("zone: b0xp.io\ndiscord:\n  enabled: true\n"), [
    { path: "discord.allowFrom", line: 2, column: 1 },
  ]);
  assert.deepEqual(warnings("\ndiscord:\n  allowFrom: []\n"), [{ path: "discord.allowFrom", line: 3, column: 3 }]);
  assert.deepEqual(warnings("discord: { enabled: false }\n"), []);
  assert.deepEqual(warnings('discord: { allowFrom: ["123456789012345678"] }\n'), []);
});

Deno.test("a mapping without a required field hides no other error", () => {
  const errors = (text: string) => errorsOf(text).map(({ path }) => path.join("."));
  const outside = "hostname: a.example.com\n";
  assert.deepEqual(errors(`${outside}backup: { s3: { bucket: B } }\n`), ["hostname", "backup.s3.bucket"]);
  assert.deepEqual(errors(`${outside}backup: { s3: {} }\n`), ["hostname", "backup.s3.bucket"]);
});

Deno.test("a label that is too long for GitHub is reported with its excess", () => {
  const admitted = "discord: { enabled: false }\nhostname: openclaw.example.com\n";
  const warnings = (text: string) =>
    readPack(admitted + text).warnings.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const [warning = "", ...others] = warnings("zone: example.com\n");
  assert.deepEqual(others, []);
  assert.match(
    warning,
    /^zone: tfaction would create the label "tfmigrate:terraform\/cloudflare\/example\.com\/openclaw" of 51/,
  );
  assert.match(warning, /a path shorter by 1,/);
  assert.deepEqual(warnings("zone: example.com\ncloudflare: { directory: cf/openclaw }\n"), []);
  const [other = ""] = warnings(`zone: example.com\ncloudflare: { directory: ${"a".repeat(31)} }\n`);
  assert.match(other, /^cloudflare\.directory: /);
  assert.deepEqual(warnings(`zone: example.com\ncloudflare: { directory: ${"a".repeat(30)} }\n`), []);
});

Deno.test("each error of a toleration has its own position", () => {
  const text = [
    "cluster:",
    "  tolerations:",
    "    - key: example.com/gateway",
    "    - { key: a, operator: exists, effect: NoShedule }",
    "    - { key: a b, value: c, tolerationSecond: 1 }",
  ].join("\n");
  assert.deepEqual(messagesOf(text), [
    'pack.yaml:4:17: cluster.tolerations[1].operator: expected one of Equal, Exists (write "Exists")',
    "pack.yaml:4:35: cluster.tolerations[1].effect: expected one of NoSchedule, PreferNoSchedule, NoExecute " +
    '(write "NoSchedule")',
    "pack.yaml:5:9: cluster.tolerations[2].key: expected a label key such as kubernetes.io/arch",
    'pack.yaml:5:29: cluster.tolerations[2].tolerationSecond: unknown field (write "tolerationSeconds")',
  ]);
  assert.deepEqual(messagesOf(text.split("\n").slice(0, 3).join("\n")), [
    "pack.yaml:3:7: cluster.tolerations[0].value: is missing: operator Equal needs the value of the taint; " +
    "write operator: Exists for any value",
  ]);
});

Deno.test("tolerations and a runtime class with a limited effect are warnings", () => {
  const warnings = (text: string) =>
    readPack(`discord: { enabled: false }\n${text}`).warnings.map(({ path, message }) =>
      `${path.join(".")}: ${message.split(/[:;,]/)[0]}`
    );
  const ssh = "sandbox: { backend: ssh, image: registry.example.com/sandbox:1.0.0 }\n";
  const own = "{ key: example.com/gateway, operator: Exists }";
  const label = "nodeSelector: { example.com/gateway: mine }";
  const unlabelled = "cluster.tolerations: admit the gateway to its node";
  assert.deepEqual(warnings(`cluster: { tolerations: [${own}] }`), [unlabelled]);
  assert.deepEqual(warnings(`cluster: { tolerations: [${own}], nodeSelector: { kubernetes.io/os: linux } }`), [
    unlabelled,
  ]);
  assert.deepEqual(warnings(`cluster: { tolerations: [${own}], ${label} }`), []);
  for (const wide of ["{ operator: Exists }", "{ key: node-role.kubernetes.io/control-plane, operator: Exists }"]) {
    const text = `cluster: { tolerations: [${own}, ${wide}], ${label} }\n`;
    assert.deepEqual(warnings(text), [
      "cluster.tolerations.1: admits the privileged docker daemon to the nodes of the control plane",
    ]);
    assert.deepEqual(warnings(text + ssh), []);
  }
  const kata = "cluster: { runtimeClassName: kata }\n";
  assert.deepEqual(warnings(kata + ssh), ["cluster.runtimeClassName: applies only to the sandbox's pod"]);
  assert.deepEqual(warnings(`${kata}${ssh}backup: { enabled: false }\n`), []);
  assert.deepEqual(warnings(`${kata}backup: { enabled: false }\n`), []);
});

Deno.test("every message has the file name that the caller gave", () => {
  assert.throws(() => readPack("x: 1\n", "my/claw.yaml"), { message: /^my\/claw\.yaml:1:1: x: unknown field/ });
});
