/**
 * The pinned versions that an empty pack.yaml gets: the only place to edit when Renovate, or you, raise one. An
 * image stands with its tag for readers and its digest for the runtime, so that nobody can move it.
 *
 * @module
 */

export const IMAGES = {
  // renovate: datasource=docker depName=ghcr.io/openclaw/openclaw
  openclaw:
    "ghcr.io/openclaw/openclaw:2026.9.4@sha256:cc596b846506a5f4cfcee111394a2725f375f01cca2ebb492a161fd1b747f101",
  // renovate: datasource=docker depName=ghcr.io/berriai/litellm
  litellm: "ghcr.io/berriai/litellm:v1.104.2@sha256:3d88bd757134a00e8c00237b85a021ab1f6d54abb9c1df750f411dbe7256a500",
  // renovate: datasource=docker depName=cloudflare/cloudflared
  cloudflared:
    "cloudflare/cloudflared:2026.9.3@sha256:072c067d25ccbe61d46e18f0d0723255f2bb5304f7317caa95b27031520ff92c",
  // renovate: datasource=docker depName=docker
  docker: "docker:29.7.2-dind@sha256:ab772b0eaf0b01e5843f6574e50ccdfc34a7bdcb82bbf2decafde54a0ee884a9",
  // renovate: datasource=docker depName=debian
  sandboxBase: "debian:bookworm-slim@sha256:7b140f374b289a7c2befc338f42ebe6441b7ea838a042bbd5acbfca6ec875818",
} as const;

/** What aqua installs for tfaction in each Terraform directory. */
export const AQUA = {
  // renovate: datasource=github-releases depName=aquaproj/aqua-registry
  registry: "v4.554.0",
  // renovate: datasource=github-releases depName=hashicorp/terraform
  terraform: "v1.15.9",
  // renovate: datasource=github-releases depName=terraform-linters/tflint
  tflint: "v0.64.0",
  // renovate: datasource=github-releases depName=aquasecurity/trivy
  trivy: "v0.74.0",
} as const;

/** Version constraints of the Terraform providers; `random` is exact because arch has it so. */
export const PROVIDERS = {
  aws: "~> 6.0",
  cloudflare: { 4: "~> 4.52", 5: "~> 5.0" },
  // renovate: datasource=terraform-provider depName=hashicorp/random
  random: "3.8.1",
} as const;
