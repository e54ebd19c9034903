/**
 * The pinned versions that an empty pack.yaml uses. Renovate, or you, update a version here and nowhere else. An image has its
 * tag for readers and its digest for the runtime, so that a moved tag changes nothing.
 *
 * @module
 */

export const IMAGES = {
  // renovate: datasource=docker depName=ghcr.io/openclaw/openclaw
  openclaw:
    "ghcr.io/openclaw/openclaw:2026.9.4@sha256:cc596b846506a5f4cfcee111394a2725f375f01cca2ebb492a161fd1b747f101",
  // renovate: datasource=docker depName=ghcr.io/berriai/litellm
  litellm: "ghcr.io/berriai/litellm:v1.104.2@sha256:3d88bd757134a00e8c00237b85a021ab1f6d54abb9c1df750f411dbe7256a500",
  // renovate: datasource=docker depName=haproxy
  keyProxy: "haproxy:3.2.24-alpine@sha256:1aca32ee932b96d2a75f1882909325839dd23c138ba9c6fd26e4d88179f30f13",
  // renovate: datasource=docker depName=cloudflare/cloudflared
  cloudflared:
    "cloudflare/cloudflared:2026.9.3@sha256:072c067d25ccbe61d46e18f0d0723255f2bb5304f7317caa95b27031520ff92c",
  // renovate: datasource=docker depName=docker
  docker: "docker:29.7.2-dind@sha256:ab772b0eaf0b01e5843f6574e50ccdfc34a7bdcb82bbf2decafde54a0ee884a9",
  // renovate: datasource=docker depName=rclone/rclone
  rclone: "rclone/rclone:1.75.1@sha256:45401ad7410db1d67ffdb58e19059ad20b0d8e0285a60e38bbec55cc1019c7a5",
  // renovate: datasource=docker depName=debian
  sandboxBase: "debian:bookworm-slim@sha256:7b140f374b289a7c2befc338f42ebe6441b7ea838a042bbd5acbfca6ec875818",
} as const;

/**
 * Command line tools that are installed for the gateway's container, with the checksums of their archives by architecture:
 * npm's integrity of `npm view @openai/codex@VERSION-linux-x64` and `-linux-arm64`, and the lines of the release's
 * gh_VERSION_checksums.txt.
 */
export const TOOLS = {
  codex: {
    // renovate: datasource=npm depName=@openai/codex
    version: "0.169.0",
    amd64: "sha512-o05NyAOCDygSPRo1yinzxvkRSdmsZyBD9E7mbpmjRanSfM8lypqWtQgEo4XfNkwhuCR2aFu8mlGOsQGFXVbVww==",
    arm64: "sha512-NZ/DaQUpcQmxmqee7Z9uC1rzw3GhSbooawcaTe1LN5Yk+WlinUKGdTXJgClRT/9ogQEEM9TWxYzvxPfj5G/xFg==",
  },
  gh: {
    // renovate: datasource=github-releases depName=cli/cli
    version: "v2.102.0",
    amd64: "bb766f710eef8ede859c18578c72c327597cd4c8a85b06001b1f3843c6019386",
    arm64: "7862c86c72f43df3a2d93ddde6f473285b4e2af61b494849846827e513ef6484",
  },
} as const;

/**
 * OpenClaw's plugins that npm has and the image does not, with npm's integrity of `npm view @openclaw/discord@VERSION`. The
 * archive bundles its dependencies, so the integrity covers them too. The version is that of `IMAGES.openclaw`.
 */
export const PLUGINS = {
  discord: {
    // renovate: datasource=npm depName=@openclaw/discord
    version: "2026.9.4",
    integrity: "sha512-DiLm3rVNjUsSfiV04MeuLT6SE09aXCgJkSZnnL+yLmq9oM3T9deZH5K7g3JLfIP8O6jQz5oWx8kJmYfz4XkCeA==",
  },
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

/** Version constraints of the Terraform providers; `random` is exact because arch pins it. */
export const PROVIDERS = {
  aws: "~> 6.0",
  cloudflare: { 4: "~> 4.52", 5: "~> 5.0" },
  // renovate: datasource=terraform-provider depName=hashicorp/random
  random: "3.8.1",
} as const;
