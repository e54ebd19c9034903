import assert from "node:assert/strict";
import * as v from "valibot";
import * as format from "../../../src/config/formats.ts";

type Case = readonly [good: readonly unknown[], bad: readonly unknown[]];

const DIGEST = `@sha256:${"a".repeat(64)}`;
const LABEL = "a".repeat(63);

/** Values that each format accepts and refuses, including its limits. */
const CASES: Record<keyof typeof format, Case> = {
  line: [["GitHub", "a: b # c", "日本語", "x".repeat(200), "$ % { }"], [
    "",
    "a\nb",
    "a\tb",
    "a\u2028b",
    "\u0085",
    "x".repeat(201),
    "${a}",
    "%{ if }",
    7,
  ]],
  dnsLabel: [["a", "a-1", LABEL], ["", "A", "-a", "a-", "a.b", `${LABEL}a`, 1]],
  objectName: [["longhorn", "a.b-c"], ["", "Longhorn", "a_b", "a.", 1]],
  dnsName: [["a", "a.b-c.example.com", `${LABEL}.${LABEL}.${LABEL}.${"a".repeat(61)}`], [
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "A.b",
    "a_b.c",
    "https://a.b",
    `${LABEL}a.b`,
    `${LABEL}.${LABEL}.${LABEL}.${"a".repeat(62)}`,
  ]],
  npmVersion: [["0.169.0"], ["", "latest", "^0.169.0", "v0.169.0", "0.169", "0.169.0-alpha.1", 0.169]],
  releaseTag: [["v2.102.0"], ["", "latest", "2.102.0", "v2.102", "v2.102.0-rc.1", 2]],
  npmIntegrity: [[`sha512-${"aB3/+".repeat(17)}A==`], [
    "",
    `sha512-${"a".repeat(85)}==`,
    `sha512-${"a".repeat(88)}`,
    `sha1-${"a".repeat(86)}==`,
    `sha512-${"a".repeat(85)} ==`,
    1,
  ]],
  sha256: [["0a".repeat(32)], ["", "a".repeat(63), "a".repeat(65), "A".repeat(64), `sha256:${"a".repeat(64)}`, 1]],
  envName: [["A", "_A1", "A".repeat(128)], ["", "a", "1A", "A-B", "A.B", "A".repeat(129)]],
  ssmPrefix: [["/a/", "/lolice/openclaw/", "/a.b/c_d-E/"], ["", "/", "a/", "/a", "//", "/a//b/", "/a b/"]],
  awsAccountId: [["012345678901"], ["12345678901", "1234567890123", 839695154978]],
  awsRegion: [["ap-northeast-1", "us-gov-west-1"], ["tokyo", "AP-northeast-1", "ap-northeast", "ap-northeast-1a"]],
  bucket: [["abc", "my.bucket-1"], ["ab", "A-b", "-abc", "abc-", "a".repeat(64)]],
  s3Prefix: [["openclaw", "a/b-c/d_e.f"], ["", "/a", "a/", "a//b", "..", "a/../b", "a b"]],
  cronSchedule: [["17 3 * * *", "*/15 0-6,22 1,15 jan-jun MON-FRI", "0 0 ? * 0", " 5  4 * * 1-5/2 "], [
    "",
    "17 3 * *",
    "17 3 * * * *",
    "@daily",
    "60 3 * * *",
    "17 24 * * *",
    "17 3 0 * *",
    "17 3 * 13 *",
    "17 3 * * 7",
    "17 3 * * fry",
    "*/0 3 * * *",
    "5-1 3 * * *",
    "1-2-3 3 * * *",
    "1/2/3 3 * * *",
    "1,,2 3 * * *",
    "-1 3 * * *",
    "TZ=Asia/Tokyo 17 3 * *",
    17,
  ]],
  timeZone: [["Asia/Tokyo", "Etc/UTC", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+9"], [
    "",
    "Tokyo",
    "asia/tokyo",
    "+09:00",
    "Local",
    "JST",
    9,
  ]],
  cloudflareId: [["0123456789abcdef0123456789abcdef"], ["0123456789ABCDEF0123456789ABCDEF", "0123", ""]],
  duration: [["24h", "1h30m", "90s"], ["", "24", "h", "1d", "1.5h", "24H"]],
  bytes: [["1Mi", "512Mi", "10Gi", "999999Ti"], ["", "0Mi", "1G", "1024", "1.5Gi", "-1Gi", "01Gi", "1000000Gi", 1]],
  cpu: [["1", "500m", "9999", "999999m"], ["", "0", "0m", "1.5", "0.5", "-1", "10000", "1c", 2]],
  githubName: [["boxp", "a", "my-org", "A1-b_c"], ["", "-a", "a-", "a--b", "a/b", "a b", "@a", 1]],
  discordId: [["12345678901234567", "12345678901234567890"], [
    "1234567890123456",
    "123456789012345678901",
    "name#1",
    123456789012345680,
  ]],
  email: [["a@b.c", "a.b+c@d-e.example.com"], [
    "",
    "a",
    "a@b",
    "@b.c",
    "a@@b.c",
    "a b@c.d",
    'a"b@c.d',
    "${a}@b.c",
    "a%{@b.c",
  ]],
  modelId: [["claude-opus-4-6", "vendor/model_1.0"], ["", "-a", "a b", "a:b", "a".repeat(101)]],
  alias: [["opus", "gpt-5.1"], ["", "Opus", "-a", "a/b", "a".repeat(33)]],
  ipAddress: [["169.254.20.10", "fd00::a"], ["", "169.254.20", "169.254.20.256", "169.254.20.10/32", "localhost"]],
  labelKey: [["a", "kubernetes.io/arch", "A_b.c"], ["", "/a", "a/", "a/b/c", "-a", "a-", `a/${LABEL}b`, "UPPER.io/a"]],
  labelValue: [["a", "A_b.c-1", LABEL], ["", "-a", "a-", "a b", "a/b", `${LABEL}a`, true]],
  repoUrl: [["git@github.com:boxp/lolice.git", "https://git.example.com/a", "ssh://git@example.com/a"], [
    "",
    "github.com/boxp/lolice",
    "http://example.com/a",
    "https://a b",
    "file:///etc",
  ]],
  gitPath: [["argoproj/openclaw", "a", "a.b/c..d/.e"], [
    "",
    "/a",
    "a/",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "a//b",
    "a b",
  ]],
  gitRevision: [["HEAD", "feature/a-b", "v1.2.3", "0123abc"], ["", "-a", "a..b", "a b", "/a", "a".repeat(101)]],
  image: [
    [
      "docker:29.7.2-dind",
      "ghcr.io/openclaw/openclaw:2026.9.4",
      "localhost:5000/a/b_c:v1.2.3",
      `debian:bookworm-slim${DIGEST}`,
      `a:latest${DIGEST}`,
    ],
    [
      "",
      "docker",
      "docker:latest",
      "docker:27-dind",
      "a:1.2",
      `a${DIGEST}`,
      "a:1.2.3@sha256:abc",
      "A:1.2.3",
      "a b:1.2.3",
      "a//b:1.2.3",
      "a/../b:1.2.3",
      "a/-b:1.2.3",
    ],
  ],
  versionedImage: [["docker:29.7.2-dind", `docker:v29.7.2${DIGEST}`], [
    `debian:bookworm-slim${DIGEST}`,
    "a:latest",
    "a",
  ]],
  cidr: [["10.244.0.0/16", "0.0.0.0/1", "1.2.3.4/32", "2001:db8::/32", "fd00::/8"], [
    "",
    "10.0.0.0",
    "10.0.0.1/8",
    "10.0.0.0/33",
    "10/8",
    "10.0.0.0/08",
    "0xa.0.0.0/8",
    "2001:DB8::/32",
    "fe80::%eth0/64",
    "::ffff:0:0/96",
    10,
  ]],
  port: [[1, 443, 65535], [0, -1, 65536, 1.5, Number.NaN, "443"]],
};

for (const [name, [good, bad]] of Object.entries(CASES)) {
  const schema: v.GenericSchema = format[name as keyof typeof format];
  Deno.test(`${name} accepts valid values unchanged`, () => {
    for (const value of good) assert.equal(v.parse(schema, value), value);
  });
  Deno.test(`${name} refuses invalid values and says what it expected`, () => {
    for (const value of bad) {
      const { success, issues } = v.safeParse(schema, value);
      assert.ok(!success, `takes ${JSON.stringify(value)}`);
      for (const { message } of issues) assert.match(message, /^expected /);
    }
  });
}

const messageOf = (schema: v.GenericSchema, value: unknown) => v.safeParse(schema, value).issues?.map((i) => i.message);

Deno.test("the message suggests quotes for a number, but not for a mapping", () => {
  assert.deepEqual(messageOf(format.cpu, 2), ["expected an amount of CPU such as 2 or 500m; put the value in quotes"]);
  assert.deepEqual(messageOf(format.cpu, {}), ["expected an amount of CPU such as 2 or 500m"]);
});

Deno.test("the message for a network with host bits says what to write", () => {
  assert.deepEqual(messageOf(format.cidr, "10.244.1.0/16"), [
    'expected the network address: write "10.244.0.0/16"',
  ]);
});

Deno.test("an image has one error at a time: first its form, then its tag", () => {
  assert.deepEqual(messageOf(format.image, "docker"), ["expected an image with its tag, such as docker:29.7.2-dind"]);
  assert.match(
    String(messageOf(format.image, "docker:latest")),
    /^expected an exact version as the tag.*latest moves$/,
  );
});

Deno.test("a long text is refused as fast as a short text", () => {
  const start = performance.now();
  for (const schema of Object.values(format)) {
    for (const part of ["a", "1", "a-", "a.", "1h", "/a", "a@"]) {
      v.safeParse(schema, `${part.repeat(2000)}!`);
    }
  }
  assert.ok(performance.now() - start < 2000);
});
