/**
 * The reachability table on real pods (requirement B9): every source against every place, open cells and shut ones, of the production
 * overlay with its NetworkPolicies as they are generated; and what is taken away from them turns just its own cells red.
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
  openAtLast,
  openCells,
  opens,
  shutIn,
  wrong,
} from "../support/cluster/reach_table.ts";
import {
  type Rollout,
  shutTimes,
  watchRollout,
  type Way,
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
  flows: [{ to: { namespace: "monitoring", name: "grafana" }, port: 3000, why: "asks for a dashboard" }],
};
/** The cells that are red where the gateway cannot ask the models. */
const ASKING_SHUT = ["litellm:4000", "Service of litellm:4000"].map((to) =>
  `openclaw -> ${to}: expected open, was shut`
);
/** The cells that are red where nothing but the policies confines the sandbox: what the gateway's flows open. */
const UNCONFINED = ["litellm:4000", "Service of litellm:4000", "CoreDNS:53", "CoreDNS:53 by UDP"].map((to) =>
  `sandbox -> ${to}: expected shut, was open`
);
/** What the sandbox must reach, or one without any network would do. */
const SANDBOX_OPEN = ["Service of DNS:53", "Service of DNS:53 by UDP", "internet:443", "internet:80"].map((to) =>
  `sandbox -> ${to}`
);
const SSH_HOST = "[sandbox.openclaw-sandbox.svc.cluster.local]:2222";

Deno.test({
  name: "every cell of the reachability table is as the flows want it, on real pods",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await startCluster();
    const { machine } = cluster;
    const [model] = await Promise.all([
      deployProduction(cluster, INPUT),
      startBystanders(cluster, await modelOf(INPUT)),
    ]);
    await startBackupPod(cluster, model, INPUT);
    const found = await places(cluster, model);
    let sandbox = await startSandbox(cluster, model, found.sources);
    let cells = cellsOf([...found.sources, sandbox], found.spots);
    const wanted = (cell: Cell) => opens(model, cell);
    /** What a model opens although nothing may: what is wanted comes of the model, so the model itself is held to this. */
    const forbidden = (model: Model) =>
      cells.filter((cell) => cell.to.place.kind === "forbidden" && cell.from.as !== undefined && opens(model, cell));
    const check = async (expected: (cell: Cell) => boolean) =>
      wrong(cells, await openAtLast(machine, cells, expected), expected);

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
      const open = await openAtLast(machine, cells, unconfined);
      assert.deepEqual(wrong(cells, open, unconfined), []);
      assert.deepEqual(wrong(cells, open, wanted).toSorted(), UNCONFINED.toSorted());
      // By a daemon that runs, beside docker's own rules.
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
      "the firewall is there again after the docker daemon was killed and every rule was lost",
      () => killed(),
    );
    // The daemon that comes finds it, and adds docker's own rules.
    await t.step(
      "the firewall is no weaker when it was there before docker's own rules",
      () => killed(FIREWALL_SCRIPT),
    );

    await t.step("without policies every cell is open, but what the firewall shuts to the sandbox", async () => {
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
    });

    const policies = switching(cluster, model);
    const red = async (broken: Model) => {
      await policies(broken);
      const expected = (cell: Cell) => opens(broken, cell);
      const open = await openAtLast(machine, cells, expected);
      // What the table of the broken model would be, and nothing else.
      assert.deepEqual(wrong(cells, open, expected), []);
      return wrong(cells, open, wanted);
    };

    await t.step("a flow less: its cells are shut, and no other", async () => {
      for (const flow of model.flows) {
        const names = await red({ ...model, flows: model.flows.filter((other) => other !== flow) });
        console.log(`without "${flow.from} ${flow.why}": ${names.length} cells`);
        assert.notEqual(names.length, 0);
        if (flow.why === "asks the models") assert.deepEqual(names, ASKING_SHUT);
      }
    });

    await t.step("one end of a flow less: the other does not open it", async () => {
      const flows = model.flows.filter(({ why }) => why !== "asks the models");
      for (const end of ["openclaw-network", "litellm-network"]) {
        await policies(model);
        assert.deepEqual(await check(wanted), []);
        await applyObjects(cluster, policiesOf({ ...model, flows }).filter(({ metadata }) => metadata.name === end));
        const open = await openAtLast(machine, cells, (cell) => opens({ ...model, flows }, cell));
        assert.deepEqual(wrong(cells, open, wanted), ASKING_SHUT);
        await applyObjects(cluster, policiesOf(model));
      }
    });

    await t.step("an exception less: its addresses are open, and no other", async () => {
      const excepts = model.internet.flatMap(({ except }) => except).filter((cidr) =>
        !cidr.includes(":") && !cidr.startsWith("127.")
      );
      for (const cidr of excepts) {
        const less = model.internet.map((block) => ({
          ...block,
          except: block.except.filter((other) => other !== cidr),
        }));
        const broken = { ...model, internet: less };
        assert.notDeepEqual(forbidden(broken), []);
        const names = await red(broken);
        console.log(`without ${cidr}: ${names.length} cells`);
        const reds = cells.filter(({ name }) => names.includes(`${name}: expected shut, was open`));
        assert.equal(reds.length, names.length);
        assert.deepEqual(reds.filter(({ to: { address } }) => !holds(cidr, `${address}/32`)), []);
      }
      await policies(model);
      assert.deepEqual(await check(wanted), []);
    });

    await t.step("a policy less", async () => {
      const without = async (name: string, expected: (cell: Cell) => boolean) => {
        await cluster.run(["-n", NAMESPACE, "delete", "networkpolicy", name]);
        assert.deepEqual(await check(expected), []);
        assert.notEqual(cells.filter((cell) => expected(cell) !== wanted(cell)).length, 0);
        await applyObjects(cluster, policiesOf(model));
        assert.deepEqual(await check(wanted), []);
      };
      // What no workload's policy chooses is free both ways.
      await without("default-deny", (cell) => {
        const { from, to } = cell;
        const free = to.place.kind === "pod" && to.place.namespace === NAMESPACE;
        return wanted(cell) || (from.as === UNLABELLED_POD ? !isGuarded(model, to) : from.as === undefined && free);
      });
      // The default still refuses what it allowed.
      await without("litellm-network", (cell) => {
        const { from: { as }, to: { place } } = cell;
        return wanted(cell) && as !== "litellm" && !(place.kind === "workload" && place.workload === "litellm");
      });
    });

    await t.step("a rollout of litellm and cloudflared: nothing opens, and what is open comes back", async () => {
      const sources = [...found.sources, sandbox].filter(({ name }) => WATCHING.includes(name));
      const spots = found.spots.filter(({ name }) => WATCHED.includes(name));
      const watched = (name: "litellm" | "cloudflared") => {
        const begin = () => cluster.run(["-n", NAMESPACE, "rollout", "restart", `deployment/${name}`]);
        return watchRollout(cluster, model, { name, begin, sources, spots });
      };
      const [litellm, cloudflared] = [await watched("litellm"), await watched("cloudflared")];
      // Its record of what was spent has one writer: the old pod ends before the new one starts.
      const isWanted = ({ wanted }: Way) => wanted;
      assert.deepEqual(litellm.handover.filter(isWanted).filter(({ states }) => states.at(-1)?.open !== true), []);
      const shut = litellm.handover.filter((way) => !isWanted(way));
      judgeRollout("litellm", { ...litellm, handover: shut }, Math.min(litellm.ready, ENGINE_MS));
      // The stand-in is Ready at once, and the engine may be later.
      judgeRollout("cloudflared", cloudflared, ENGINE_MS);
    });

    await t.step("the table after the rollouts", async () => {
      const now = await places(cluster, model);
      const cells = cellsOf([...now.sources, sandbox], now.spots);
      assert.deepEqual(wrong(cells, await openAtLast(machine, cells, wanted), wanted), []);
    });

    const withSsh = async () => {
      const variant = await modelOf(VARIANT);
      const keys = await sshKeys(SSH_HOST);
      const made = { [VARIANT.sandbox?.image ?? ""]: sandboxImage.value };
      const begin = () => deployProduction(cluster, VARIANT, { real: { ...keys }, made });
      const sources = found.sources.filter(({ name }) => ["openclaw/stranger", "argocd/argocd-server"].includes(name));
      const spots = found.spots.filter(({ name }) => WATCHED.includes(name));
      // Where the gateway's pod takes the place of another.
      const rollout = await watchRollout(cluster, variant, { name: "openclaw", begin, sources, spots });
      judgeRollout("openclaw", rollout, Math.min(rollout.ready, ENGINE_MS));

      await startBystanders(cluster, variant);
      const now = await places(cluster, variant);
      const cells = cellsOf(now.sources, now.spots);
      assert.deepEqual(withoutCells(variant), []);
      const wanted = (cell: Cell) => opens(variant, cell);
      assert.deepEqual(wrong(cells, await openAtLast(machine, cells, wanted), wanted), []);
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
      name: "the ssh sandbox, copies to S3, a flow and a blocked network of the user's",
      ignore: sandboxImage.ignore,
      fn: withSsh,
    });
  },
});

/**
 * Milliseconds from a new pod's network to its being in the engine's tables. Until then this engine leaves it open, which the
 * NetworkPolicy specification forbids.
 */
const ENGINE_MS = 10_000;
/** Who is watched during a rollout. */
const WATCHING = ["openclaw", "sandbox", "openclaw/stranger", "argocd/argocd-server"];
/** Places on either side of what flows open, one of each kind. */
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

/** What must hold during a rollout; of the new pod itself, from a time on. */
function judgeRollout(name: string, { others, own, handover, ready }: Rollout, since: number): void {
  console.log(`${name}: its ways are as the table says from ${wrongUntil(own)} ms on; Ready at ${ready} ms`);
  for (const way of handover.filter(({ wanted }) => wanted)) console.log(`${way.name}: shut ${shutTimes(way)}`);
  if (Deno.env.has("OPENCLAW_PACK_DEBUG")) console.error(JSON.stringify(own));
  assert.deepEqual(wrongSince(others), []);
  assert.deepEqual(wrongSince(own, since), []);
  assert.deepEqual(wrongSince(handover), []);
}
