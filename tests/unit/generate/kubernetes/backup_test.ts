import assert from "node:assert/strict";
import { baseObjects, filesOf, type Json, objectOf, S3, SSH, textOf } from "../../../support/support.ts";

async function cronJob(input = {}): Promise<Json> {
  return objectOf(baseObjects(await filesOf(input)), "CronJob", "openclaw-backup");
}

const podOf = ({ spec }: Json): Json => spec.jobTemplate.spec.template.spec;
const argsOf = ({ args }: Json): string[] => args;

Deno.test("a backup has a deadline, never runs twice at the same time, and keeps its history", async () => {
  const { spec } = await cronJob({ backup: { schedule: "*/30 * * * *", timeZone: "Etc/UTC", keep: 30 } });
  assert.deepEqual([spec.schedule, spec.timeZone, spec.concurrencyPolicy], ["*/30 * * * *", "Etc/UTC", "Forbid"]);
  assert.deepEqual([spec.successfulJobsHistoryLimit, spec.failedJobsHistoryLimit], [1, 3]);
  const { backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished, template } = spec.jobTemplate.spec;
  assert.deepEqual([backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished], [1, 4500, 604_800]);
  assert.equal(template.spec.restartPolicy, "Never");
  const [{ action, onExitCodes }] = spec.jobTemplate.spec.podFailurePolicy.rules;
  assert.deepEqual([action, onExitCodes], ["FailJob", { containerName: "backup", operator: "In", values: [1] }]);
  const { podFailurePolicy } = (await cronJob(S3)).spec.jobTemplate.spec;
  assert.equal(podFailurePolicy.rules[0].onExitCodes.containerName, "report");
  assert.deepEqual(template.spec.containers[0].env.at(-1), { name: "KEEP", value: "30" });
});

Deno.test("the backup runs on the gateway's node, with the gateway's volume, group and image", async () => {
  const objects = baseObjects(await filesOf());
  const gateway = objectOf(objects, "Deployment", "openclaw");
  const pod = podOf(objectOf(objects, "CronJob", "openclaw-backup"));
  const [term, ...more] = pod.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  assert.deepEqual(more, []);
  assert.deepEqual(term.labelSelector.matchLabels, gateway.spec.template.metadata.labels);
  assert.equal(term.topologyKey, "kubernetes.io/hostname");
  const state = (volumes: Json[]) => volumes.find(({ name }) => name === "state");
  assert.deepEqual(state(pod.volumes), state(gateway.spec.template.spec.volumes));
  assert.deepEqual(pod.securityContext, gateway.spec.template.spec.securityContext);
  assert.equal(pod.containers[0].image, gateway.spec.template.spec.containers[0].image);
});

Deno.test("only the backup's pod mounts the archives, and only its copying container has them without the state", async () => {
  for (const input of [{}, S3, SSH]) {
    const objects = baseObjects(await filesOf(input));
    const mounting = objects.filter((object) =>
      JSON.stringify(object.spec ?? {}).includes('"claimName":"openclaw-backups"')
    );
    assert.deepEqual(mounting.map(({ kind, metadata }) => `${kind} ${metadata.name}`), ["CronJob openclaw-backup"]);
    const pod = podOf(mounting[0] ?? {});
    const mounts = [...pod.initContainers, ...pod.containers].flatMap(({ name, volumeMounts }: Json) =>
      volumeMounts.filter(({ name }: Json) => ["state", "workspace", "backups"].includes(name))
        .map((mount: Json) => `${name} ${mount.name}${mount.readOnly ? " ro" : ""}`)
    );
    assert.deepEqual(
      new Set(mounts),
      new Set([
        "archive-workspace workspace ro",
        "backup state",
        "backup workspace",
        "backup backups",
        ...(input === S3 ? ["copy-to-s3 backups ro"] : []),
      ]),
    );
  }
  const claim = objectOf(
    baseObjects(await filesOf({ backup: { storageSize: "50Gi" } })),
    "PersistentVolumeClaim",
    "openclaw-backups",
  );
  assert.equal(claim.spec.resources.requests.storage, "50Gi");
});

Deno.test("the workspace is read by the user of the agent's commands, next to the backup, whose group reads the stream", async () => {
  const users = async (input = {}) => {
    const { initContainers: [workspace], containers: [backup] } = podOf(await cronJob(input));
    assert.deepEqual([workspace.name, workspace.restartPolicy, backup.name], ["archive-workspace", "Always", "backup"]);
    return [workspace, backup].map(({ securityContext: { runAsUser, runAsGroup } }) => `${runAsUser}:${runAsGroup}`);
  };
  assert.deepEqual(await users(), ["1001:1000", "1000:1000"]);
  assert.deepEqual(await users(SSH), ["1000:1000", "1000:1000"]);
});

Deno.test("without a bucket, the backup's pod has no secret and no other image", async () => {
  const pod = podOf(await cronJob());
  assert.deepEqual(pod.containers.map(({ name }: Json) => name), ["backup"]);
  assert.doesNotMatch(JSON.stringify(pod), /secretKeyRef|rclone|FAILURES/);
});

Deno.test("with a bucket, good archives are copied before the run may fail, and the copying container may only put", async () => {
  const pod = podOf(await cronJob({ backup: { s3: { bucket: "b-b", prefix: "a/b", region: "eu-central-2" } } }));
  const [workspace, archive] = pod.initContainers;
  const [copy, report, ...more] = pod.containers;
  assert.deepEqual([workspace.name, archive.name, copy.name, report.name, more.length], [
    "archive-workspace",
    "backup",
    "copy-to-s3",
    "report",
    0,
  ]);
  for (const container of [workspace, archive, report]) assert.doesNotMatch(JSON.stringify(container), /secretKeyRef/);
  assert.deepEqual(report.command, ["sh", "/backup/backup.sh", "report"]);
  assert.deepEqual([archive.env.at(-1), report.env[0]], Array(2).fill({ name: "FAILURES", value: "/tmp/failures" }));
  assert.deepEqual(copy.volumeMounts, [{ name: "backups", mountPath: "/backups", readOnly: true }]);
  assert.deepEqual(argsOf(copy).slice(0, 4), ["copy", "/backups/good", ":s3:b-b/a/b/", "--include=/openclaw-*.tar.gz"]);
  for (const arg of ["--s3-region=eu-central-2", "--ignore-existing", "--s3-no-head", "--s3-no-check-bucket"]) {
    assert.ok(argsOf(copy).includes(arg), arg);
  }
  assert.ok(argsOf(podOf(await cronJob(S3)).containers[0]).includes("--s3-region=ap-northeast-1"));
});

Deno.test("without backups nothing is generated for them; a trial runs them only manually", async () => {
  const files = await filesOf({ backup: { enabled: false } });
  assert.deepEqual(files.filter(({ path }) => /backup/.test(path)), []);
  assert.match(
    textOf(await filesOf(), "kustomize/overlays/trial/patch-cronjob-openclaw-backup.yaml"),
    /spec:\n {2}suspend: true\n$/,
  );
});

Deno.test("files that can be created again are outside the state, so that no archive contains them", async () => {
  const { spec } = objectOf(baseObjects(await filesOf()), "Deployment", "openclaw");
  const keeper = spec.template.spec.containers.find(({ name }: Json) => name === "sandbox-image");
  const { value } = keeper.env.find(({ name }: Json) => name === "ARCHIVE_DIR");
  const state = spec.template.spec.containers[0].env.find(({ name }: Json) => name === "OPENCLAW_STATE_DIR").value;
  assert.ok(!value.startsWith(`${state}/`), value);
});
