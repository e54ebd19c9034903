/**
 * The reachability table on real pods (requirement B9): dials every place from every source, with the production overlay and
 * its NetworkPolicies as generated. Removing a part of the policies changes the cells of that part and no others.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PackInput } from "openclaw-pack";
import type { Model } from "../../src/model/model.ts";
import { UNLABELLED_POD } from "../../src/commands/verify/cells.ts";
import { tool } from "../support/tools.ts";
import { sshImage } from "../support/runtime/sandbox_image.ts";
import { sshKeys } from "../support/runtime/ssh_keys.ts";
import { modelOf, S3, SSH } from "../support/support.ts";
import { startBystanders } from "../support/cluster/bystanders.ts";
import { startCluster } from "../support/cluster/cluster.ts";
import { applyObjects } from "../support/cluster/kubectl.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { policiesOf, switching } from "../support/cluster/policy_switch.ts";
import { deployProduction } from "../support/cluster/production.ts";
import { NAMESPACE } from "../support/cluster/trial.ts";
import { holds, withoutCells } from "../support/cluster/private_networks.ts";
import { places } from "../support/cluster/reach_places.ts";
import {
  FIREWALL_SCRIPT,
  inDaemon,
  killDaemon,
  OPEN_FORWARD,
  OPEN_INPUT,
  startBackupPod,
  startSandbox,
} from "../support/cluster/reach_pods.ts";
import {
  type Cell,
  cellsOf,
  isGuarded,
  openCells,
  openOnceSettled,
  opens,
  shutIn,
  wrong,
} from "../support/cluster/reach_table.ts";
import {
  type Connection,
  type Rollout,
  shutTimes,
  watchRollout,
  wrongSince,
  wrongUntil,
} from "../support/cluster/rollout_watch.ts";

const runtime = await tool("a Kubernetes node", clusterRuntime);
const sandboxImage = await tool("the ssh sandbox's image", () => sshImage());

const INPUT = { discord: { enabled: false } };
const VARIANT: PackInput = {
  ...INPUT,
  ...SSH,
  ...S3,
  cluster: { blockedCidrs: ["198.51.100.0/24"] },
  flows: [{ to: { namespace: "monitoring", name: "grafana" }, port: 3000, why: "reads a dashboard" }],
};
/** The wrong cells if the gateway cannot reach LiteLLM. */
const LITELLM_SHUT = ["litellm:4000", "Service of litellm:4000"].map((to) =>
  `openclaw -> ${to}: expected open, was shut`
);
/** The wrong cells if only the policies confine the sandbox: the ones that the gateway's flows open. */
const UNCONFINED = ["litellm:4000", "Service of litellm:4000", "CoreDNS:53", "CoreDNS:53 by UDP"].map((to) =>
  `sandbox -> ${to}: expected shut, was open`
);
/** Cells that the sandbox must reach. Without them a sandbox without a network would pass. */
const SANDBOX_OPEN = ["Service of DNS:53", "Service of DNS:53 by UDP", "internet:443", "internet:80"].map((to) =>
  `sandbox -> ${to}`
);
const SSH_HOST = "[sandbox.openclaw-sandbox.svc.cluster.local]:2222";

Deno.test({
  name: "on real pods, every cell of the reachability table is open or shut as the flows define",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await startCluster();
    const { machine } = cluster;
    const [model] = await Promise.all([
      deployProduction(cluster, INPUT),
      startBystanders(cluster, await modelOf(INPUT)),
    ]);
    await startBackupPod(cluster, INPUT);
    const found = await places(cluster, model);
    let sandbox = await startSandbox(cluster, model, found.sources);
    let cells = cellsOf([...found.sources, sandbox], found.spots);
    const wanted = (cell: Cell) => opens(model, cell);
    /** Returns cells that a model opens although nothing may. All other expectations come from the model, so check it. */
    const forbidden = (model: Model) =>
      cells.filter((cell) => cell.to.place.kind === "forbidden" && cell.from.as !== undefined && opens(model, cell));
    const check = async (expected: (cell: Cell) => boolean) =>
      wrong(cells, await openOnceSettled(machine, cells, expected), expected);

    await t.step("the table", async () => {
      assert.deepEqual(withoutCells(model), []);
      assert.deepEqual(forbidden(model), []);
      assert.deepEqual(await check(wanted), []);
      const start = Date.now();
      const open = await openCells(machine, cells);
      console.log(`${cells.length} cells, ${open.size} open, in ${Date.now() - start} ms`);
      assert.deepEqual(wrong(cells, open, wanted), []);
      for (const name of SANDBOX_OPEN) assert.ok(cells.some((cell) => cell.name === name && open.has(cell)), name);
    });

    await t.step("without its firewall the sandbox reaches what the gateway's flows open", async () => {
      await inDaemon(cluster, ...OPEN_FORWARD);
      const unconfined = (cell: Cell) => opens(model, cell, ["INPUT"]);
      const open = await openOnceSettled(machine, cells, unconfined);
      assert.deepEqual(wrong(cells, open, unconfined), []);
      assert.deepEqual(wrong(cells, open, wanted).toSorted(), UNCONFINED.toSorted());
      // Run again while the daemon is running, in addition to docker's own rules.
      await inDaemon(cluster, ...FIREWALL_SCRIPT);
      assert.deepEqual(await check(wanted), []);
    });

    const killed = async (before?: readonly string[]) => {
      await killDaemon(cluster, before);
      sandbox = await startSandbox(cluster, model, found.sources);
      cells = cellsOf([...found.sources, sandbox], found.spots);
      assert.deepEqual(await check(wanted), []);
    };
    await t.step(
      "the firewall is restored after the docker daemon is killed and every rule is lost",
      () => killed(),
    );
    // The new daemon finds the firewall in place, and adds docker's own rules.
    await t.step(
      "the firewall is no weaker if it is set up before docker's own rules",
      () => killed(FIREWALL_SCRIPT),
    );

    await t.step(
      "without policies every cell is open except those that the firewall blocks for the sandbox",
      async () => {
        await cluster.run(["-n", NAMESPACE, "delete", "networkpolicy", "--all"]);
        assert.deepEqual(await check((cell) => shutIn(model, cell) === undefined), []);
        await inDaemon(cluster, ...OPEN_INPUT);
        assert.deepEqual(await check((cell) => shutIn(model, cell) !== "FORWARD"), []);
        await inDaemon(cluster, ...OPEN_FORWARD);
        assert.deepEqual(await check(() => true), []);
        await inDaemon(cluster, ...FIREWALL_SCRIPT);
        assert.deepEqual(await check((cell) => shutIn(model, cell) === undefined), []);
        await applyObjects(cluster, policiesOf(model));
        assert.deepEqual(await check(wanted), []);
      },
    );

    const policies = switching(cluster, model);
    const wrongWith = async (broken: Model) => {
      await policies(broken);
      const expected = (cell: Cell) => opens(broken, cell);
      const open = await openOnceSettled(machine, cells, expected);
      // The result is exactly the table of the broken model.
      assert.deepEqual(wrong(cells, open, expected), []);
      return wrong(cells, open, wanted);
    };

    await t.step("without a flow, its cells are shut and no others", async () => {
      for (const flow of model.flows) {
        const names = await wrongWith({ ...model, flows: model.flows.filter((other) => other !== flow) });
        console.log(`without "${flow.from} ${flow.why}": ${names.length} cells`);
        assert.notEqual(names.length, 0);
        if (flow.why === "asks the models") assert.deepEqual(names, LITELLM_SHUT);
      }
    });

    await t.step("without one end of a flow, the other end does not open it", async () => {
      const flows = model.flows.filter(({ why }) => why !== "asks the models");
      for (const end of ["openclaw-network", "litellm-network"]) {
        await policies(model);
        assert.deepEqual(await check(wanted), []);
        await applyObjects(cluster, policiesOf({ ...model, flows }).filter(({ metadata }) => metadata.name === end));
        const open = await openOnceSettled(machine, cells, (cell) => opens({ ...model, flows }, cell));
        assert.deepEqual(wrong(cells, open, wanted), LITELLM_SHUT);
        await applyObjects(cluster, policiesOf(model));
      }
    });

    await t.step("without an exception, its addresses are open and no others", async () => {
      const excepts = model.internet.flatMap(({ except }) => except).filter((cidr) =>
        !cidr.includes(":") && !cidr.startsWith("127.")
      );
      for (const cidr of excepts) {
        const internet = model.internet.map((block) => ({
          ...block,
          except: block.except.filter((other) => other !== cidr),
        }));
        const broken = { ...model, internet };
        assert.notDeepEqual(forbidden(broken), []);
        const names = await wrongWith(broken);
        console.log(`without ${cidr}: ${names.length} cells`);
        const opened = cells.filter(({ name }) => names.includes(`${name}: expected shut, was open`));
        assert.equal(opened.length, names.length);
        assert.deepEqual(opened.filter(({ to: { address } }) => !holds(cidr, `${address}/32`)), []);
      }
      await policies(model);
      assert.deepEqual(await check(wanted), []);
    });

    await t.step("without a policy, its cells are open or shut by the remaining policies", async () => {
      const without = async (name: string, expected: (cell: Cell) => boolean) => {
        await cluster.run(["-n", NAMESPACE, "delete", "networkpolicy", name]);
        assert.deepEqual(await check(expected), []);
        assert.notEqual(cells.filter((cell) => expected(cell) !== wanted(cell)).length, 0);
        await applyObjects(cluster, policiesOf(model));
        assert.deepEqual(await check(wanted), []);
      };
      // Pods that no workload's policy selects are unrestricted in both directions.
      await without("default-deny", (cell) => {
        const { from, to } = cell;
        const free = to.place.kind === "pod" && to.place.namespace === NAMESPACE;
        return wanted(cell) || (from.as === UNLABELLED_POD ? !isGuarded(model, to) : from.as === undefined && free);
      });
      // The default policy still blocks what this one allowed.
      await without("litellm-network", (cell) => {
        const { from: { as }, to: { place } } = cell;
        return wanted(cell) && as !== "litellm" && !(place.kind === "workload" && place.workload === "litellm");
      });
    });

    await t.step("a rollout of litellm and cloudflared opens nothing, and open cells are restored", async () => {
      const sources = [...found.sources, sandbox].filter(({ name }) => WATCHING.includes(name));
      const spots = found.spots.filter(({ name }) => WATCHED.includes(name));
      const watched = (name: "litellm" | "cloudflared") => {
        const begin = () => cluster.run(["-n", NAMESPACE, "rollout", "restart", `deployment/${name}`]);
        return watchRollout(cluster, model, { name, begin, sources, spots });
      };
      const [litellm, cloudflared] = [await watched("litellm"), await watched("cloudflared")];
      // Only one process may write the spend record, so the old pod ends before the new one starts.
      const isWanted = ({ wanted }: Connection) => wanted;
      assert.deepEqual(litellm.handover.filter(isWanted).filter(({ states }) => states.at(-1)?.open !== true), []);
      const shut = litellm.handover.filter((connection) => !isWanted(connection));
      checkRollout("litellm", { ...litellm, handover: shut }, Math.min(litellm.ready, ENGINE_MS));
      // The fake is Ready immediately, possibly before the engine has updated its tables.
      checkRollout("cloudflared", cloudflared, ENGINE_MS);
    });

    await t.step("the table after the rollouts", async () => {
      const now = await places(cluster, model);
      const cells = cellsOf([...now.sources, sandbox], now.spots);
      assert.deepEqual(wrong(cells, await openOnceSettled(machine, cells, wanted), wanted), []);
    });

    const withSsh = async () => {
      const variant = await modelOf(VARIANT);
      const keys = await sshKeys(SSH_HOST);
      const images = { [VARIANT.sandbox?.image ?? ""]: sandboxImage.value };
      const begin = () => deployProduction(cluster, VARIANT, { real: { ...keys }, images });
      const sources = found.sources.filter(({ name }) => ["openclaw/stranger", "argocd/argocd-server"].includes(name));
      const spots = found.spots.filter(({ name }) => WATCHED.includes(name));
      // This rollout replaces the gateway's pod.
      const rollout = await watchRollout(cluster, variant, { name: "openclaw", begin, sources, spots });
      checkRollout("openclaw", rollout, Math.min(rollout.ready, ENGINE_MS));

      await startBystanders(cluster, variant);
      const now = await places(cluster, variant);
      const cells = cellsOf(now.sources, now.spots);
      assert.deepEqual(withoutCells(variant), []);
      const wanted = (cell: Cell) => opens(variant, cell);
      assert.deepEqual(wrong(cells, await openOnceSettled(machine, cells, wanted), wanted), []);
      const open = new Set(cells.filter(wanted).map(({ name }) => name));
      console.log(`${cells.length} cells, ${open.size} open`);
      for (const name of ["openclaw -> sandbox:2222", "sandbox -> internet:80", "backup -> internet:443"]) {
        assert.ok(open.has(name), name);
      }
      const shut = ["openclaw:18789", "litellm:4000", "Service of litellm:4000", "monitoring/named-0:3000"];
      for (const name of [...shut.map((to) => `sandbox -> ${to}`), "openclaw -> internet:80"]) {
        assert.ok(cells.some((cell) => cell.name === name) && !open.has(name), name);
      }
    };
    await t.step({
      name: "with the ssh sandbox, copies to S3, the user's own flow and the user's own blocked network",
      ignore: sandboxImage.ignore,
      fn: withSsh,
    });
  },
});

/**
 * Milliseconds within which the engine adds a new pod's network to its tables. Until then this engine leaves the pod open,
 * which the NetworkPolicy specification forbids.
 */
const ENGINE_MS = 10_000;
/** Sources that dial during a rollout. */
const WATCHING = ["openclaw", "sandbox", "openclaw/stranger", "argocd/argocd-server"];
/** Places that are dialled during a rollout: one of each kind, open and shut. */
const WATCHED = [
  "internet:443",
  "internet:9999",
  "10.0.0.0:443",
  "metadata:443",
  "node:10250",
  "API server:443",
  "openclaw:18789",
  "Service of litellm:4000",
  "backup:443",
  "argocd/argocd-server:443",
  "Service of DNS:53",
  "Service of DNS:53 by UDP",
];

/** Throws if a connection was open or shut against the flows. Those of the new pod count only from `since` on. */
function checkRollout(name: string, { others, own, handover, ready }: Rollout, since: number): void {
  console.log(`${name}: connections match the table from ${wrongUntil(own)} ms on; Ready at ${ready} ms`);
  for (const connection of handover.filter(({ wanted }) => wanted)) {
    console.log(`${connection.name}: shut ${shutTimes(connection)}`);
  }
  if (Deno.env.has("OPENCLAW_PACK_DEBUG")) console.error(JSON.stringify(own));
  assert.deepEqual(wrongSince(others), []);
  assert.deepEqual(wrongSince(own, since), []);
  assert.deepEqual(wrongSince(handover), []);
}
