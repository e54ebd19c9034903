/**
 * The pinned images and command line tools.
 *
 * @module
 */

import * as v from "valibot";
import { IMAGES, TOOLS } from "../../tables/pins.ts";
import * as format from "../formats.ts";
import { section, type Text, text } from "./fields.ts";

const tool = (
  version: Text,
  checksum: Text,
  pin: Readonly<Record<"version" | "amd64" | "arm64", string>>,
  description: string,
) =>
  v.optional(
    section({
      version: text(version, pin.version, "Its version."),
      amd64: text(checksum, pin.amd64, "Checksum of the archive for amd64."),
      arm64: text(checksum, pin.arm64, "Checksum of the archive for arm64."),
    }, description),
    {},
  );

/** The section `images`. */
export const images = v.optional(
  section({
    openclaw: text(format.versionedImage, IMAGES.openclaw, "The gateway."),
    litellm: text(format.versionedImage, IMAGES.litellm, "LiteLLM, the proxy in front of the models."),
    keyProxy: text(
      format.versionedImage,
      IMAGES.keyProxy,
      "HAProxy in LiteLLM's pod: it holds the Anthropic key and checks requests before LiteLLM reads them.",
    ),
    cloudflared: text(format.versionedImage, IMAGES.cloudflared, "The tunnel's client."),
    docker: text(format.versionedImage, IMAGES.docker, "Docker-in-Docker, and the docker client of the gateway's pod."),
    rclone: text(format.versionedImage, IMAGES.rclone, "rclone, which copies the archives with `backup.s3`."),
    sandboxBase: text(
      format.image,
      IMAGES.sandboxBase,
      "Base of the sandbox image; Debian or a derivative.",
    ),
  }, "Images, each with an exact version, a digest, or both."),
  {},
);

/** The section `tools`. */
export const tools = v.optional(
  section(
    {
      codex: tool(
        format.npmVersion,
        format.npmIntegrity,
        TOOLS.codex,
        "Codex CLI, from npm (`@openai/codex`); checksums are npm's integrity, sha512-...",
      ),
      gh: tool(
        format.releaseTag,
        format.sha256,
        TOOLS.gh,
        "GitHub CLI, from its release on GitHub; checksums are the release's SHA-256.",
      ),
    },
    "Command line tools of the gateway's container, installed once on the state volume. Another version needs its own checksums.",
  ),
  {},
);
