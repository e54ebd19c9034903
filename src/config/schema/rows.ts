/**
 * The rows that pack.yaml can add: secrets and flows.
 *
 * @module
 */

import * as v from "valibot";
import * as format from "../formats.ts";
import { choice, list, required, row, workload } from "./fields.ts";

const SecretSchema = row({
  name: required(
    format.envName,
    "Name of the SSM parameter below aws.ssmPrefix, of the key in the Kubernetes Secret and of the environment variable.",
  ),
  reader: v.optional(workload("The only workload that receives it."), "openclaw"),
  description: required(format.line, "Its purpose; becomes the parameter's description."),
  env: list(
    format.envName,
    [],
    "Names of the environment variables, if programs read it under names other than `name`.",
  ),
});

const FlowSchema = row({
  from: v.optional(workload("The workload that opens the connection."), "openclaw"),
  to: v.pipe(
    row({
      namespace: required(format.dnsLabel, "Namespace of the target."),
      name: v.optional(v.pipe(
        format.labelValue,
        v.description("Value of the label app.kubernetes.io/name of the target's pods."),
      )),
      labels: v.optional(v.pipe(
        v.record(format.labelKey, format.labelValue, "expected a mapping of labels"),
        v.description("Labels of the target's pods, if app.kubernetes.io/name does not identify them."),
      )),
    }),
    v.description("Pods of another namespace."),
  ),
  port: v.pipe(format.port, v.description("Port of the target's pods (the Service's targetPort, not its port).")),
  protocol: choice(["TCP", "UDP"], "TCP", "Transport protocol."),
  why: required(format.line, "The reason, which becomes the comment of the rule in the NetworkPolicy."),
});

/** The list `secrets`. */
export const secrets = v.optional(
  v.pipe(
    v.array(SecretSchema, "expected a list"),
    v.description(
      "Additional secrets. Each row becomes an SSM parameter, a key of its reader's Secret, an environment variable and an entry of the fake store.",
    ),
  ),
  () => [],
);

/** The list `flows`. */
export const flows = v.optional(
  v.pipe(
    v.array(FlowSchema, "expected a list"),
    v.description(
      "Additional connections to pods of the cluster. Every connection without a row is blocked. " +
        "The docker sandbox has none of them, even if the gateway does.",
    ),
  ),
  () => [],
);
