/**
 * Explains failed calls of the AWS CLI.
 *
 * A call that receives a value may repeat it in any form: cut off, as Python or JSON text, encoded, wrapped. So none of its
 * output is shown. The output is searched for the codes and phrases of the tables below, and only texts from these tables are
 * shown.
 *
 * @module
 */

import type { Outcome } from "../../cluster/program.ts";
import { UserError } from "../../errors.ts";

/** Thrown if the AWS CLI fails or its credentials are for another account. The message contains no value. */
export class AwsFailed extends UserError {
  override readonly name = "AwsFailed";
}

const CREDENTIALS = "sign in again (such as: aws sso login), or renew the credentials";
const NO_PERMISSION =
  "the credentials lack a permission; allow ssm:PutParameter on the parameter and kms:Encrypt on its key";
const AWS_ITSELF = "AWS reports an internal error; wait a minute and run it again";
const CLOCK = "the request's signature is wrong or too old; check the secret access key and the machine's clock";
const TOO_FAST = "AWS throttles the requests; wait a minute and run it again";

/** Error codes of SSM's PutParameter, of KMS, and of every AWS service, each with its meaning and what to do next. */
const CODES: Readonly<Record<string, string>> = {
  AccessDenied: NO_PERMISSION,
  AccessDeniedException: NO_PERMISSION,
  ExpiredToken: `the credentials have expired; ${CREDENTIALS}`,
  ExpiredTokenException: `the credentials have expired; ${CREDENTIALS}`,
  HierarchyLevelLimitExceededException:
    "the parameter's name has more than 15 levels; shorten aws.ssmPrefix in pack.yaml",
  IncompleteSignature: CLOCK,
  InternalFailure: AWS_ITSELF,
  InternalServerError: AWS_ITSELF,
  InvalidClientTokenId: `AWS does not know the access key; ${CREDENTIALS}`,
  InvalidKeyId: "the KMS key of the parameter does not exist or is disabled; check the key",
  InvalidSignatureException: CLOCK,
  OptInRequired: "the account does not use this region; check aws.region in pack.yaml",
  ParameterLimitExceeded:
    "the account has reached its maximum number of parameters; delete some, or ask AWS for a higher quota",
  ParameterMaxVersionLimitExceeded:
    "the oldest of the parameter's 100 versions has a label and cannot be deleted; move that label to a newer version",
  ParameterNotFound: "the parameter does not exist; apply the Terraform first",
  ParameterPatternMismatchException: "the value does not match the parameter's allowedPattern; check that pattern",
  RequestExpired: CLOCK,
  RequestTimeoutException: AWS_ITSELF,
  ServiceUnavailable: AWS_ITSELF,
  SignatureDoesNotMatch: CLOCK,
  ThrottlingException: TOO_FAST,
  TooManyUpdates: TOO_FAST,
  UnrecognizedClientException: `AWS does not know the access key; ${CREDENTIALS}`,
  ValidationException:
    "AWS rejects the request; a standard parameter holds at most 4096 characters, and its name must be valid",
};

/** Phrases of errors of the CLI itself, which have no codes, each with its meaning and what to do next. */
const PHRASES: readonly (readonly [phrase: string, meaning: string])[] = [
  ["Unable to locate credentials", "the AWS CLI finds no credentials; sign in, or set AWS_PROFILE"],
  [
    "Partial credentials found",
    "the AWS CLI finds only part of the credentials; set both the access key and its secret",
  ],
  ["You must specify a region", "the AWS CLI has no region; set aws.region in pack.yaml"],
  [
    "Could not connect to the endpoint URL",
    "the AWS CLI cannot reach AWS; check the network, the proxy and aws.region",
  ],
  ["Connect timeout on endpoint URL", "the AWS CLI cannot reach AWS; check the network, the proxy and aws.region"],
  ["Read timeout on endpoint URL", "the request timed out; check with --check whether the value was stored"],
  ["Connection was closed before", "the request timed out; check with --check whether the value was stored"],
  ["SSL validation failed", "the AWS CLI does not trust the server's certificate; check the proxy and AWS_CA_BUNDLE"],
  ["Error loading SSO Token", `the session has expired; ${CREDENTIALS}`],
  ["Token has expired and refresh failed", `the session has expired; ${CREDENTIALS}`],
  ["The SSO session associated with this profile", `the session has expired; ${CREDENTIALS}`],
  ["The config profile (", "the AWS CLI does not find the profile; check AWS_PROFILE"],
  ["could not be decoded", "the AWS CLI reads standard input in another encoding; set AWS_CLI_FILE_ENCODING=UTF-8"],
];

/** What the AWS CLI prints before an error of the service, and nowhere else. */
const SERVICE_ERROR = /An error occurred \(([A-Za-z0-9.]{1,64})\) when calling the PutParameter operation/;

/**
 * Returns the error for a failed put. Its message contains none of the CLI's output.
 *
 * @param what the parameter to write, and its region
 */
export function putFailed(
  { code, stdout, stderr }: Outcome,
  what: { readonly name: string; readonly parameter: string; readonly region: string },
): AwsFailed {
  const begin = `aws ssm put-parameter failed for ${what.parameter}`;
  const said = `${stderr}\n${stdout}`;
  const awsCode = SERVICE_ERROR.exec(said)?.[1] ?? "";
  if (Object.hasOwn(CODES, awsCode)) return new AwsFailed(`${begin}: ${awsCode}: ${CODES[awsCode]}`);
  const meaning = PHRASES.find(([phrase]) => said.includes(phrase))?.[1];
  if (meaning !== undefined) return new AwsFailed(`${begin}: ${meaning}`);
  return new AwsFailed(
    `${begin} (exit status ${code}). Its message is not shown, because it could repeat the value.\n` +
      "To test the access without a value, run:\n" +
      `  aws ssm get-parameter --region ${what.region} --name ${what.parameter} --query Parameter.Version\n` +
      `To see the message, run the command that "deno task ssm" prints for ${what.name}, on a terminal that is not ` +
      "shared or recorded.",
  );
}

/** Returns the error for a failed call that received no value: the CLI's message, with every control character escaped. */
export function callFailed(call: string, { code, stderr }: Outcome): AwsFailed {
  return new AwsFailed(`aws ${call} failed: ${escapeControls(stderr.trim()) || `exit status ${code}, no output`}`);
}

/**
 * Returns a text with visible escapes instead of characters that move the cursor, colour text or change its direction. Line
 * ends stay.
 */
export function escapeControls(text: string): string {
  return text.replaceAll(/[^\P{C}\n]|[\u2028\u2029]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
