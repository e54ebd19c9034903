/**
 * A control plane with the External Secrets Operator, which reads from moto as lolice's operator reads from SSM.
 *
 * @module
 */

import { readPack } from "openclaw-pack";
import type { Model } from "../../../src/model/model.ts";
import type { Json } from "../support.ts";
import { type OwnCluster, startControlPlaneOnly, WORLD_ADDRESS } from "./cluster.ts";
import { type Operator, startOperatorProgram } from "./external_secrets.ts";
import { applyObjects } from "./kubectl.ts";
import { type ParameterStore, startParameterStore } from "./parameter_store.ts";

/** The control plane, the store and the operator. */
export interface WithSsm extends AsyncDisposable {
  readonly cluster: OwnCluster;
  readonly store: ParameterStore;
  readonly operator: Operator;
  /** Applies an overlay (its folder or its objects), and the ClusterSecretStore that the cluster's owner would provide. */
  deploy(model: Model, overlay: string | readonly Json[]): Promise<void>;
}

const PORT = 4566;
/** The Secret with the store's AWS credentials, which are fake. */
const CREDENTIALS = { namespace: "external-secrets", name: "aws" };
const KEYS = { id: "fake-id", key: "fake-key" };

/** Starts all of it. `moto` is the folder of moto's installation. */
export async function startWithSsm(moto: string): Promise<WithSsm> {
  const stack = new AsyncDisposableStack();
  try {
    const cluster = stack.use(await startControlPlaneOnly());
    const store = stack.use(await startParameterStore(moto, readPack("").config.aws.region));
    await cluster.serveWorld(PORT, store.port);
    const operator = await startOperatorProgram(cluster, {
      AWS_SSM_ENDPOINT: `http://${WORLD_ADDRESS}:${PORT}`,
      AWS_STS_ENDPOINT: `http://${WORLD_ADDRESS}:${PORT}`,
      AWS_EC2_METADATA_DISABLED: "true",
    });
    await applyObjects(cluster, [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: CREDENTIALS.namespace } },
      { apiVersion: "v1", kind: "Secret", metadata: CREDENTIALS, stringData: KEYS },
    ]);
    return {
      cluster,
      store,
      operator,
      deploy: async (model, overlay) => {
        await applyObjects(cluster, [secretStore(model)]);
        if (typeof overlay === "string") await cluster.apply(overlay);
        else await applyObjects(cluster, overlay);
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function secretStore({ config: { aws: { region }, cluster } }: Model): Json {
  const auth = {
    secretRef: {
      accessKeyIDSecretRef: { ...CREDENTIALS, key: "id" },
      secretAccessKeySecretRef: { ...CREDENTIALS, key: "key" },
    },
  };
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ClusterSecretStore",
    metadata: { name: cluster.secretStore },
    spec: { provider: { aws: { service: "ParameterStore", region, auth } } },
  };
}
