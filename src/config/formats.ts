/**
 * The formats of single values in pack.yaml. The message of each says what was expected, in the terms of the field.
 *
 * @module
 */

import { DEFAULT_TIME_ZONE } from "../tables/time_zone.ts";
import * as v from "valibot";
import { formatCidr, parseCidr } from "../values/cidr.ts";
import { cronError } from "../values/cron.ts";

/** RFC 1123 label, as Kubernetes requires it for a Namespace or a Service: at most 63 characters. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain: labels joined by dots, at most 253 characters. */
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
/** The names that a shell, Kubernetes' `env` and SSM all accept. */
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

/** YAML reads 839695154978 or 24e3 as a number where the author meant a text. */
const text = (what: string) =>
  v.string(({ input }) => `expected ${what}${typeof input === "object" ? "" : "; put the value in quotes"}`);
const format = (pattern: RegExp, what: string) => v.pipe(text(what), v.regex(pattern, `expected ${what}`));

/** Free text on one line, because it is written into a comment, a description or a table. */
export const line = v.pipe(
  text("one line of text"),
  v.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, "expected one line of text without control characters"),
  v.maxLength(200, "expected at most 200 characters"),
  // The text may be written into a Terraform string, where these begin an expression.
  v.regex(/^(?!.*[$%]\{)/u, "expected text without ${ or %{"),
);
export const dnsLabel = format(DNS_LABEL, "a DNS label: lower-case letters, digits and hyphens, at most 63 characters");
export const dnsName = format(DNS_NAME, "a host name such as openclaw.example.com");
export const objectName = format(DNS_NAME, "a Kubernetes name: lower-case letters, digits, hyphens and dots");
export const envName = format(ENV_NAME, "the name of an environment variable: capitals, digits and underscores");
export const ssmPrefix = format(
  SSM_PREFIX,
  "an SSM path that begins and ends with a slash, such as /lolice/openclaw/, and does not begin with /aws or /ssm",
);
export const awsAccountId = format(/^[0-9]{12}$/, "an AWS account ID: 12 digits");
export const awsRegion = format(/^[a-z]{2}(-[a-z]+)+-[0-9]$/, "an AWS region such as ap-northeast-1");
export const bucket = format(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of an S3 bucket");
export const s3Prefix = format(
  /^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/,
  "a folder of the bucket, without a leading or trailing slash",
);
export const cloudflareId = format(/^[0-9a-f]{32}$/, "a Cloudflare ID: 32 hexadecimal digits");
export const duration = format(/^([0-9]+(h|m|s))+$/, "a duration such as 24h or 1h30m");
export const bytes = format(BYTES, "an amount of bytes such as 512Mi or 10Gi");
export const cpu = format(CPU, "an amount of CPU such as 2 or 500m");
export const discordId = format(/^[0-9]{17,20}$/, "a Discord user ID: 17 to 20 digits");
/** An e-mail address without `${` or `%{`, which begin an expression in Terraform. */
export const email = format(/^(?!.*[$%]\{)[^\s@"]+@[^\s@"]+\.[^\s@"]+$/, "an e-mail address");
export const githubName = format(
  /^[A-Za-z0-9](-?[A-Za-z0-9_])*$/,
  "a name as in GitHub's URLs: letters, digits and single hyphens",
);
export const modelId = format(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/, "a model ID such as claude-opus-4-6");
export const alias = format(/^[a-z0-9][a-z0-9.-]{0,31}$/, "a short name such as opus");
export const ipAddress = v.pipe(
  text("an IP address"),
  v.ip("expected an IP address such as 169.254.20.10"),
);
export const labelKey = format(
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  "a label key such as kubernetes.io/arch",
);
export const labelValue = format(
  /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  "a label value: letters, digits, hyphens, dots and underscores, at most 63 characters",
);
export const repoUrl = format(/^(git@[\w.-]+:|https:\/\/|ssh:\/\/)\S+$/, "the URL of a Git repository");
export const gitPath = format(
  /^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/,
  "a path inside the repository, without a leading slash",
);
export const gitRevision = format(/^(?!.*\.\.)[\w][\w./-]{0,99}$/, "a Git branch, tag or commit");

export const npmVersion = format(/^\d+\.\d+\.\d+$/, "an exact version such as 0.169.0");
export const releaseTag = format(/^v\d+\.\d+\.\d+$/, "a release tag such as v2.102.0");
export const npmIntegrity = format(
  /^sha512-[A-Za-z0-9+/]{86}==$/,
  "npm's integrity: sha512- and 88 characters of base64",
);
export const sha256 = format(/^[0-9a-f]{64}$/, "a SHA-256 checksum: 64 hexadecimal digits");

const anyImage = format(IMAGE, "an image with its tag, such as docker:29.7.2-dind");

/** An image reference that cannot move: an exact version, a digest, or both. */
export const image = v.pipe(
  anyImage,
  v.check(
    (reference) => EXACT_TAG.test(reference) || reference.includes("@sha256:") || !IMAGE.test(reference),
    "expected an exact version as the tag (three numbers), or a digest after it (name:tag@sha256:...); a tag such as latest moves",
  ),
);

/** As {@linkcode image}, but the tag must be a version, because the pack compares it or installs the same version elsewhere. */
export const versionedImage = v.pipe(
  anyImage,
  v.check(
    (reference) => EXACT_TAG.test(reference) || !IMAGE.test(reference),
    "expected an exact version as the tag (three numbers, such as 2026.9.4)",
  ),
);

/** A network in CIDR notation whose host bits are zero, as Kubernetes' ipBlock requires. */
export const cidr = v.pipe(
  text("a network in CIDR notation such as 10.244.0.0/16"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const network = parseCidr(dataset.value);
    if (network === undefined) {
      addIssue({ message: "expected a network in CIDR notation such as 10.244.0.0/16" });
    } else if (dataset.value.startsWith("::ffff:")) {
      addIssue({ message: "expected the IPv4 network itself: Kubernetes refuses IPv4-mapped IPv6" });
    } else if (formatCidr(network) !== dataset.value) {
      addIssue({ message: `expected the network address: write "${formatCidr(network)}"` });
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

/** A time zone of the IANA database; the CronJob controller is case-sensitive. */
export const timeZone = v.pipe(
  text("a time zone such as Asia/Tokyo or Etc/UTC"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    // Short names such as JST differ between this runtime and the controller.
    const known = /^UTC$|^[A-Za-z_]+\//.test(dataset.value) ? ianaName(dataset.value) : undefined;
    if (known === undefined) addIssue({ message: "expected a time zone such as Asia/Tokyo or Etc/UTC" });
    else if (known !== dataset.value && known.toLowerCase() === dataset.value.toLowerCase()) {
      addIssue({ message: `expected the capitals of the IANA database: write "${known}"` });
    }
  }),
);

/** Returns the runtime's name of a time zone; for an alias, the name of the zone that it refers to. */
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
  v.integer("expected an integer"),
  v.minValue(1, "expected a port from 1 to 65535"),
  v.maxValue(65535, "expected a port from 1 to 65535"),
);
