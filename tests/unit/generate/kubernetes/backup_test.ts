import assert from "node:assert/strict";
import { baseObjects, filesOf, type Json, objectOf, S3, textOf } from "../../../support/support.ts";

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
  assert.deepEqual([backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished], [1, 1800, 604_800]);
  assert.equal(template.spec.restartPolicy, "Never");
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

Deno.test("without a bucket, the backup's pod has no secret and no other image", async () => {
  const pod = podOf(await cronJob());
  assert.equal(pod.initContainers, undefined);
  assert.equal(pod.containers.length, 1);
  assert.doesNotMatch(JSON.stringify(pod), /secretKeyRef|rclone/);
});

Deno.test("with a bucket, the archive is created first, and the copying container has only archives, read-only, and may only put", async () => {
  const pod = podOf(await cronJob({ backup: { s3: { bucket: "b-b", prefix: "a/b", region: "eu-central-2" } } }));
  const [archive] = pod.initContainers;
  const [copy, ...more] = pod.containers;
  assert.deepEqual(more, []);
  assert.doesNotMatch(JSON.stringify(archive), /secretKeyRef/);
  assert.deepEqual(copy.volumeMounts, [
    { name: "state", mountPath: "/home/node/backups", readOnly: true, subPath: "backups" },
  ]);
  assert.deepEqual(argsOf(copy).slice(0, 3), ["copy", "/home/node/backups", ":s3:b-b/a/b/"]);
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
