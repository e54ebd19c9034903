/**
 * The formats of single values in pack.yaml. Each says what it expected in the words of the field it comes from.
 *
 * @module
 */

import { DEFAULT_TIME_ZONE } from "../tables/time_zone.ts";
import * as v from "valibot";
import { formatCidr, parseCidr } from "../values/cidr.ts";
import { cronError } from "../values/cron.ts";

/** RFC 1123 label, as Kubernetes wants it for a Namespace or a Service: 63 characters at most. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain: labels joined by dots, 253 characters at most. */
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
/** What a shell, Kubernetes' `env` and an SSM parameter name all take. */
const ENV_NAME = /^[A-Z_][A-Z0-9_]{0,127}$/;
/** SSM: slashes separate levels; https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */
const SSM_PREFIX = /^\/(?!aws|ssm)([A-Za-z0-9_.-]+\/)+$/i;
/** A positive amount of memory or storage in binary units, the subset of Kubernetes' quantity that this pack writes. */
const BYTES = /^[1-9][0-9]{0,5}(Mi|Gi|Ti)$/;
/** A positive amount of CPU: cores or thousandths of one. */
const CPU = /^([1-9][0-9]{0,3}|[1-9][0-9]{0,5}m)$/;
/** `[registry/]repository:tag[@sha256:digest]`. */
const IMAGE =
  /^([a-z0-9.-]+(:[0-9]+)?\/)?[a-z0-9]+((\.|_|__|-+|\/)[a-z0-9]+)*:[\w][\w.-]{0,127}(@sha256:[0-9a-f]{64})?$/;
/** A tag that names one build: three numbers, so neither `latest` nor `27-dind`. */
const EXACT_TAG = /:v?\d+\.\d+\.\d+([-.+][\w.-]+)?(@|$)/;

/** YAML reads 839695154978 or 24e3 as a number; what was meant is a text of the same letters. */
const text = (what: string) =>
  v.string(({ input }) => `expected ${what}${typeof input === "object" ? "" : "; put the value in quotes"}`);
const format = (pattern: RegExp, what: string) => v.pipe(text(what), v.regex(pattern, `expected ${what}`));

/** Free text on one line, because it ends in a comment, a description or a table. */
export const line = v.pipe(
  text("one line of text"),
  v.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, "expected one line of text without control characters"),
  v.maxLength(200, "expected 200 characters at most"),
  // It may end in a Terraform string, where these begin an expression.
  v.regex(/^(?!.*[$%]\{)/u, "expected text without ${ or %{"),
);
export const dnsLabel = format(DNS_LABEL, "a DNS label: lower-case letters, digits and hyphens, 63 characters at most");
export const dnsName = format(DNS_NAME, "a host name such as openclaw.example.com");
export const objectName = format(DNS_NAME, "a Kubernetes name: lower-case letters, digits, hyphens and dots");
export const envName = format(ENV_NAME, "an environment variable's name: capitals, digits and underscores");
export const ssmPrefix = format(
  SSM_PREFIX,
  "an SSM path that begins and ends with a slash, such as /lolice/openclaw/, and not with /aws or /ssm",
);
export const awsAccountId = format(/^[0-9]{12}$/, "an AWS account ID: 12 digits");
export const awsRegion = format(/^[a-z]{2}(-[a-z]+)+-[0-9]$/, "an AWS region such as ap-northeast-1");
export const bucket = format(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "an S3 bucket's name");
export const s3Prefix = format(
  /^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/,
  "a folder of the bucket, without a slash before or behind it",
);
export const cloudflareId = format(/^[0-9a-f]{32}$/, "a Cloudflare ID: 32 hexadecimal digits");
export const duration = format(/^([0-9]+(h|m|s))+$/, "a duration such as 24h or 1h30m");
export const bytes = format(BYTES, "an amount of bytes such as 512Mi or 10Gi");
export const cpu = format(CPU, "an amount of CPU such as 2 or 500m");
export const discordId = format(/^[0-9]{17,20}$/, "a Discord user ID: 17 to 20 digits");
/** Not with `${` or `%{`, which begin an expression of Terraform's. */
export const email = format(/^(?!.*[$%]\{)[^\s@"]+@[^\s@"]+\.[^\s@"]+$/, "an e-mail address");
export const githubName = format(
  /^[A-Za-z0-9](-?[A-Za-z0-9_])*$/,
  "a name as it stands in GitHub's addresses: letters, digits and single hyphens",
);
export const modelId = format(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/, "a model's ID such as claude-opus-4-6");
export const alias = format(/^[a-z0-9][a-z0-9.-]{0,31}$/, "a short name such as opus");
export const ipAddress = v.pipe(
  text("an IP address"),
  v.ip("expected an IP address such as 169.254.20.10"),
);
export const labelKey = format(
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  "a label's key such as kubernetes.io/arch",
);
export const labelValue = format(
  /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  "a label's value: letters, digits, hyphens, dots and underscores, 63 characters at most",
);
export const repoUrl = format(/^(git@[\w.-]+:|https:\/\/|ssh:\/\/)\S+$/, "a Git repository's URL");
export const gitPath = format(
  /^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/,
  "a path inside the repository, without a leading slash",
);
export const gitRevision = format(/^(?!.*\.\.)[\w][\w./-]{0,99}$/, "a Git branch, tag or commit");

export const npmVersion = format(/^\d+\.\d+\.\d+$/, "an exact version such as 0.169.0");
export const releaseTag = format(/^v\d+\.\d+\.\d+$/, "a release's tag such as v2.102.0");
export const npmIntegrity = format(/^sha512-[A-Za-z0-9+/]{86}==$/, "npm's integrity: sha512- and 88 letters of base64");
export const sha256 = format(/^[0-9a-f]{64}$/, "a SHA-256 checksum: 64 hexadecimal digits");

const anyImage = format(IMAGE, "an image with its tag, such as docker:29.7.2-dind");

/** An image that can't change under its name: an exact version, a digest, or both. */
export const image = v.pipe(
  anyImage,
  v.check(
    (reference) => EXACT_TAG.test(reference) || reference.includes("@sha256:") || !IMAGE.test(reference),
    "expected an exact version as the tag (three numbers), or a digest behind it (name:tag@sha256:...); a tag such as latest moves",
  ),
);

/** As {@linkcode image}, but the tag must be a version, because the pack compares it or installs the same one elsewhere. */
export const versionedImage = v.pipe(
  anyImage,
  v.check(
    (reference) => EXACT_TAG.test(reference) || !IMAGE.test(reference),
    "expected an exact version as the tag (three numbers, such as 2026.9.4)",
  ),
);

/** A network in CIDR notation whose host bits are zero, as Kubernetes' ipBlock wants it. */
export const cidr = v.pipe(
  text("a network in CIDR notation such as 10.244.0.0/16"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const network = parseCidr(dataset.value);
    if (network === undefined) {
      addIssue({ message: "expected a network in CIDR notation such as 10.244.0.0/16" });
    } else if (dataset.value.startsWith("::ffff:")) {
      addIssue({ message: "expected the IPv4 network itself: Kubernetes takes no IPv4-mapped IPv6" });
    } else if (formatCidr(network) !== dataset.value) {
      addIssue({ message: `expected the network's own address: write "${formatCidr(network)}"` });
    }
  }),
);

/** cron's five fields, as the CronJob controller reads them. */
export const cronSchedule = v.pipe(
  text('a schedule such as "17 3 * * *"'),
  v.rawCheck(({ dataset, addIssue }) => {
    const error = dataset.typed ? cronError(dataset.value) : undefined;
    if (error !== undefined) addIssue({ message: error });
  }),
);

/** A time zone of the IANA database; the CronJob controller is particular about capitals. */
export const timeZone = v.pipe(
  text("a time zone such as Asia/Tokyo or Etc/UTC"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    // Short names such as JST are the runtime's own, and the controller's are others.
    const known = /^UTC$|^[A-Za-z_]+\//.test(dataset.value) ? ianaName(dataset.value) : undefined;
    if (known === undefined) addIssue({ message: "expected a time zone such as Asia/Tokyo or Etc/UTC" });
    else if (known !== dataset.value && known.toLowerCase() === dataset.value.toLowerCase()) {
      addIssue({ message: `expected its capitals as the database has them: write "${known}"` });
    }
  }),
);

/** The name that the runtime knows a time zone by: for an alias that of its zone. */
function ianaName(name: string): string | undefined {
  if (name === DEFAULT_TIME_ZONE) return name;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** A TCP or UDP port number. */
export const port = v.pipe(
  v.number("expected a port number"),
  v.integer("expected a whole number"),
  v.minValue(1, "expected a port from 1 to 65535"),
  v.maxValue(65535, "expected a port from 1 to 65535"),
);
