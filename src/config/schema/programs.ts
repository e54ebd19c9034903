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
    docker: text(format.versionedImage, IMAGES.docker, "Docker-in-Docker, and the client of the gateway's pod."),
    rclone: text(format.versionedImage, IMAGES.rclone, "With `backup.s3`: what copies the archives."),
    sandboxBase: text(
      format.image,
      IMAGES.sandboxBase,
      "What the sandbox image is built from; Debian or a relative of it.",
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
        "GitHub CLI, from its release at GitHub; checksums are the release's own, SHA-256.",
      ),
    },
    "Command line tools of the gateway's container, installed once onto the state volume. Another version needs its checksums.",
  ),
  {},
);
