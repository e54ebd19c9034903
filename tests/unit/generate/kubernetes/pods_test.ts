import assert from "node:assert/strict";
import { OWN_ENV } from "../../../../src/tables/environment.ts";
import { baseObjects, filesOf, type Json, S3, SSH } from "../../../support/support.ts";

/** Returns the pods of Deployments and of CronJobs. */
async function pods(input = {}): Promise<{ name: string; ends: boolean; spec: Json; containers: Json[] }[]> {
  return baseObjects(await filesOf(input)).flatMap(({ kind, metadata, spec }) => {
    const pod = kind === "Deployment" ? spec.template.spec : spec?.jobTemplate?.spec.template.spec;
    if (pod === undefined) return [];
    return [{
      name: metadata.name,
      ends: kind === "CronJob",
      spec: pod,
      containers: [...(pod.initContainers ?? []), ...pod.containers],
    }];
  });
}

for (const [backend, input] of Object.entries({ docker: S3, ssh: SSH })) {
  Deno.test(`every container has only the privileges that it needs (${backend} sandbox)`, async () => {
    const privileged: string[] = [];
    for (const { name, spec, containers } of await pods(input)) {
      assert.equal(spec.automountServiceAccountToken, false, name);
      assert.equal(spec.enableServiceLinks, false, name);
      assert.equal(spec.securityContext.seccompProfile.type, "RuntimeDefault", name);
      for (const field of ["hostNetwork", "hostPID", "hostIPC"]) assert.equal(spec[field], undefined, name);
      for (const { name: container, securityContext: context } of containers) {
        if (context.privileged) {
          privileged.push(`${name}/${container}`);
          continue;
        }
        assert.equal(context.runAsNonRoot, true, container);
        // Numeric, because the kubelet cannot determine whether a user name is root.
        assert.ok(context.runAsUser >= 1000, container);
        assert.equal(context.allowPrivilegeEscalation, false, container);
        assert.equal(context.readOnlyRootFilesystem, true, container);
        assert.deepEqual(context.capabilities, { drop: ["ALL"] }, container);
      }
    }
    assert.deepEqual(privileged, backend === "docker" ? ["openclaw/docker"] : []);
  });

  Deno.test(`every container has limits and a pinned image, and every long-running one has probes (${backend} sandbox)`, async () => {
    for (const { ends, spec, containers } of await pods(input)) {
      for (const { name, image, imagePullPolicy, resources } of containers) {
        assert.match(image, /@sha256:[0-9a-f]{64}$|:\d+\.\d+\.\d+$/, name);
        assert.equal(imagePullPolicy, "IfNotPresent", name);
        for (const kind of ["requests", "limits"]) {
          for (const resource of ["cpu", "memory"]) assert.ok(resources[kind][resource], `${name} ${kind} ${resource}`);
        }
      }
      if (ends) continue;
      const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }: Json) => restartPolicy === "Always");
      for (const { name, ports, startupProbe, livenessProbe, readinessProbe } of [...sidecars, ...spec.containers]) {
        assert.ok(startupProbe ?? livenessProbe, name);
        if (ports === undefined) continue;
        assert.ok(livenessProbe, name);
        assert.ok(readinessProbe, name);
      }
    }
  });

  Deno.test(`no container has a duplicate variable (${backend} sandbox)`, async () => {
    for (const { containers } of await pods(input)) {
      for (const { name, env = [] } of containers) {
        const names = env.map((variable: { name: string }) => variable.name);
        assert.deepEqual(
          names.filter((variable: string, index: number) => names.indexOf(variable) !== index),
          [],
          name,
        );
      }
    }
  });

  Deno.test(`every mounted volume exists, and every volume is mounted (${backend} sandbox)`, async () => {
    for (const { name, spec, containers } of await pods(input)) {
      const mounted = new Set(
        containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map((mount: Json) => mount.name)),
      );
      const there = new Set((spec.volumes ?? []).map((volume: Json) => volume.name));
      assert.deepEqual(mounted, there, name);
    }
  });
}

Deno.test("a pod sets exactly the variables that no secret may use", async () => {
  const set: Record<string, Set<string>> = {};
  for (const { name, ends, spec } of [...await pods(), ...await pods(SSH)]) {
    // pack.yaml cannot give this workload a secret.
    if (ends) continue;
    const [main] = spec.containers;
    for (const { name: variable, valueFrom } of main.env ?? []) {
      if (valueFrom === undefined) (set[name] ??= new Set()).add(variable);
    }
  }
  for (const [name, own] of Object.entries(OWN_ENV)) {
    assert.deepEqual([...set[name] ?? []].toSorted(), [...own].toSorted(), name);
  }
});

Deno.test("selectors are narrow and disjoint", async () => {
  const objects = baseObjects(await filesOf(SSH)).filter(({ kind }) => kind === "Deployment");
  const labels = objects.map(({ spec }) => {
    assert.deepEqual(spec.selector.matchLabels, spec.template.metadata.labels);
    return Object.entries(spec.selector.matchLabels).map(([key, value]) => `${key}=${value}`);
  });
  const all = labels.flat();
  assert.equal(new Set(all).size, all.length, "two workloads share a label");
});

Deno.test("the docker daemon has the workspace at the gateway's path", async () => {
  const [pod] = (await pods()).filter(({ name }) => name === "openclaw");
  const path = (name: string) =>
    pod?.containers.find((container) => container.name === name).volumeMounts.find((mount: Json) =>
      mount.name === "state"
    )
      .mountPath;
  assert.equal(path("docker"), "/home/node");
  assert.equal(path("openclaw"), path("docker"));
});

Deno.test("programs on the volume do not replace the image's programs in the gateway's PATH", async () => {
  for (const input of [{}, SSH]) {
    const gateway = (await pods(input)).find(({ name }) => name === "openclaw")?.spec.containers[0];
    const path: string[] = gateway.env.find(({ name }: Json) => name === "PATH").value.split(":");
    assert.deepEqual(path.filter((folder) => folder.startsWith("/home/")), []);
    assert.equal(path.at(-1), "/opt/tools/bin");
  }
});

Deno.test("only its own init container can write to what the gateway runs from outside the image", async () => {
  for (const input of [{}, SSH]) {
    const gateway = (await pods(input)).find(({ name }) => name === "openclaw");
    const mounts = ["plugins", "tools"].map((volume) => {
      assert.ok(gateway?.spec.volumes.find(({ name }: Json) => name === volume).emptyDir.sizeLimit);
      return gateway?.containers.flatMap(({ name, volumeMounts }) =>
        volumeMounts.filter((mount: Json) => mount.name === volume).map(({ readOnly, mountPath }: Json) => [
          name,
          mountPath,
          readOnly ?? false,
        ])
      );
    });
    assert.deepEqual(mounts, [
      [["install-plugins", "/opt/plugins", false], ["openclaw", "/home/node/.openclaw/npm", true]],
      [["install-tools", "/opt/tools", false], ["openclaw", "/opt/tools", true]],
    ]);
  }
});

Deno.test("the init containers that download have no secrets", async () => {
  for (const input of [{}, SSH]) {
    const gateway = (await pods(input)).find(({ name }) => name === "openclaw");
    for (const downloads of ["install-plugins", "install-tools"]) {
      const step = gateway?.spec.initContainers.find(({ name }: Json) => name === downloads);
      assert.deepEqual(step.env.filter(({ valueFrom }: Json) => valueFrom !== undefined), []);
      assert.equal(step.envFrom, undefined);
    }
  }
});

Deno.test("two gateways never run at the same time", async () => {
  const gateway = baseObjects(await filesOf()).find(({ kind, metadata }) =>
    kind === "Deployment" && metadata.name === "openclaw"
  );
  assert.deepEqual([gateway.spec.replicas, gateway.spec.strategy.type], [1, "Recreate"]);
});
