/**
 * Rules on secrets, models and flows.
 *
 * @module
 */

import { OWN_ENV } from "../../tables/environment.ts";
import { secretKey, type SecretReader, SECRETS } from "../../tables/secrets.ts";
import type { ConfigFinding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

export function uniqueModels({ models: { list } }: PackConfig): ConfigFinding[] {
  return (["id", "alias"] as const).flatMap((key) =>
    repeated(list.map((model) => model[key])).map((index): ConfigFinding => ({
      path: ["models", "list", index, key],
      message: `another model already has the ${key} "${list[index]?.[key]}"`,
    }))
  );
}

export function uniqueSecrets({ secrets, aws }: PackConfig): ConfigFinding[] {
  return repeatedSecrets(secrets).map((index) => ({
    path: ["secrets", index, "name"],
    message: `two secrets would have the parameter ${aws.ssmPrefix}${secrets[index]?.name}`,
  }));
}

/** Returns the indexes of the rows whose key in a Kubernetes Secret is built in or used by an earlier row. */
function repeatedSecrets(secrets: PackConfig["secrets"]): number[] {
  const keys = [...SECRETS, ...secrets].map(({ name }) => secretKey(name));
  return repeated(keys).map((index) => index - SECRETS.length);
}

/** Of two values for one environment variable of one container only one would take effect, and Argo CD would apply neither. */
export function uniqueEnvironment({ secrets }: PackConfig): ConfigFinding[] {
  const readers = SECRETS.flatMap(({ readers }): readonly SecretReader[] => readers);
  const ofSecrets = readers.flatMap(({ reader, env }) => env.map((name) => `${reader} ${name}`));
  const ofPods = Object.entries(OWN_ENV).flatMap(([workload, names]) => names.map((name) => `${workload} ${name}`));
  const seen = new Set<string>([...ofSecrets, ...ofPods]);
  const repeats = repeatedSecrets(secrets);
  return secrets.flatMap((secret, index) => {
    // uniqueSecrets already reports a repeated parameter.
    if (secret.env.length === 0 && repeats.includes(index)) return [];
    const names = secret.env.length > 0 ? secret.env : [secret.name];
    return names.flatMap((name, nth): ConfigFinding[] => {
      const key = `${secret.reader} ${name}`;
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      return [{
        path: secret.env.length > 0 ? ["secrets", index, "env", nth] : ["secrets", index, "name"],
        message: `the environment variable ${name} of ${secret.reader} is already set`,
      }];
    });
  });
}

export function sandboxHasNoSecrets({ secrets }: PackConfig): ConfigFinding[] {
  return secrets.flatMap(({ reader }, index): ConfigFinding[] =>
    reader === "sandbox"
      ? [{
        path: ["secrets", index, "reader"],
        message: "the sandbox cannot have a secret: any command of the agent could read it; name another workload",
      }]
      : []
  );
}

export function dockerSandboxHasNoFlows({ flows, sandbox }: PackConfig): ConfigFinding[] {
  if (sandbox.backend === "ssh") return [];
  return flows.flatMap(({ from }, index): ConfigFinding[] =>
    from === "sandbox"
      ? [{
        path: ["flows", index, "from"],
        message: "with sandbox.backend: docker the sandbox reaches no private address; " +
          "to allow the connection from the gateway, name openclaw",
        suggestion: "openclaw",
      }]
      : []
  );
}

/** A row only allows egress from its source; between the pack's own pods, the target would also have to allow ingress. */
export function flowsLeaveNamespaces({ cluster, flows, sandbox }: PackConfig): ConfigFinding[] {
  return flows.flatMap(({ to }, index): ConfigFinding[] =>
    [cluster.namespace, sandbox.namespace].includes(to.namespace)
      ? [{
        path: ["flows", index, "to", "namespace"],
        message: `the pack itself defines the flows inside "${to.namespace}"; name another namespace`,
      }]
      : []
  );
}

export function flowsHaveLabels({ flows }: PackConfig): ConfigFinding[] {
  return flows.flatMap(({ to }, index): ConfigFinding[] => {
    const labels = Object.keys(to.labels ?? {}).length;
    if ((to.name === undefined) !== (labels === 0)) return [];
    return [{
      path: ["flows", index, "to"],
      message: to.name === undefined
        ? "expected either name or labels: without them the flow would allow every pod of the namespace"
        : "expected either name or labels, not both",
    }];
  });
}

/** Returns the indexes of the values that appear earlier in the list. */
function repeated(values: readonly string[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [index];
    seen.add(value);
    return [];
  });
}
