/**
 * Rules on secrets, models and flows.
 *
 * @module
 */

import { OWN_ENV } from "../../tables/environment.ts";
import { secretKey, type SecretReader, SECRETS } from "../../tables/secrets.ts";
import type { Finding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

export function uniqueModels({ models: { list } }: PackConfig): Finding[] {
  return (["id", "alias"] as const).flatMap((key) =>
    repeated(list.map((model) => model[key])).map((index): Finding => ({
      path: ["models", "list", index, key],
      message: `another model has the ${key} "${list[index]?.[key]}" already`,
    }))
  );
}

export function uniqueSecrets({ secrets, aws }: PackConfig): Finding[] {
  return repeatedSecrets(secrets).map((index) => ({
    path: ["secrets", index, "name"],
    message: `two secrets would have the parameter ${aws.ssmPrefix}${secrets[index]?.name}`,
  }));
}

/** Indexes of the rows whose key in a Kubernetes Secret is the pack's own or an earlier row's. */
function repeatedSecrets(secrets: PackConfig["secrets"]): number[] {
  const keys = [...SECRETS, ...secrets].map(({ name }) => secretKey(name));
  return repeated(keys).map((index) => index - SECRETS.length);
}

/** Two values for one environment variable of one container: only one could win, and Argo CD could apply neither. */
export function uniqueEnvironment({ secrets }: PackConfig): Finding[] {
  const readers = SECRETS.flatMap(({ readers }): readonly SecretReader[] => readers);
  const ofSecrets = readers.flatMap(({ reader, env }) => env.map((name) => `${reader} ${name}`));
  const ofPods = Object.entries(OWN_ENV).flatMap(([workload, names]) => names.map((name) => `${workload} ${name}`));
  const seen = new Set<string>([...ofSecrets, ...ofPods]);
  const repeats = repeatedSecrets(secrets);
  return secrets.flatMap((secret, index) => {
    // uniqueSecrets already reports a repeated parameter.
    if (secret.env.length === 0 && repeats.includes(index)) return [];
    const names = secret.env.length > 0 ? secret.env : [secret.name];
    return names.flatMap((name, nth): Finding[] => {
      const key = `${secret.reader} ${name}`;
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      return [{
        path: secret.env.length > 0 ? ["secrets", index, "env", nth] : ["secrets", index, "name"],
        message: `the environment variable ${name} of ${secret.reader} is taken already`,
      }];
    });
  });
}

export function noSecretForTheSandbox({ secrets }: PackConfig): Finding[] {
  return secrets.flatMap(({ reader }, index): Finding[] =>
    reader === "sandbox"
      ? [{
        path: ["secrets", index, "reader"],
        message: "the sandbox gets no secret: whatever the agent runs could read it; name another workload",
      }]
      : []
  );
}

export function dockerSandboxHasNoFlows({ flows, sandbox }: PackConfig): Finding[] {
  if (sandbox.backend === "ssh") return [];
  return flows.flatMap(({ from }, index): Finding[] =>
    from === "sandbox"
      ? [{
        path: ["flows", index, "from"],
        message: "with sandbox.backend: docker the sandbox reaches no private address; " +
          "to let the gateway itself connect, name openclaw",
        suggestion: "openclaw",
      }]
      : []
  );
}

/** A row opens the way out of its source only; inside, the other end would have to let it in. */
export function flowsLeadOut({ cluster, flows, sandbox }: PackConfig): Finding[] {
  return flows.flatMap(({ to }, index): Finding[] =>
    [cluster.namespace, sandbox.namespace].includes(to.namespace)
      ? [{
        path: ["flows", index, "to", "namespace"],
        message: `flows inside "${to.namespace}" are the pack's own; a row here leads to another namespace`,
      }]
      : []
  );
}

export function flowsHaveLabels({ flows }: PackConfig): Finding[] {
  return flows.flatMap(({ to }, index): Finding[] => {
    const labels = Object.keys(to.labels ?? {}).length;
    if ((to.name === undefined) !== (labels === 0)) return [];
    return [{
      path: ["flows", index, "to"],
      message: to.name === undefined
        ? "expected either name or labels: without them every pod of the namespace would be open"
        : "expected either name or labels, not both",
    }];
  });
}

/** Indexes of the values that an earlier place holds already. */
function repeated(values: readonly string[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [index];
    seen.add(value);
    return [];
  });
}
