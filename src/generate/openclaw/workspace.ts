/**
 * The files of the agent's workspace that come from Git.
 *
 * @module
 */

import codexReview from "./skills/codex-review/SKILL.md" with { type: "text" };
import githubExchange from "./skills/github-exchange/SKILL.md" with { type: "text" };
import soul from "./SOUL.md" with { type: "text" };

/** The files, each with its key in the ConfigMap, which cannot contain a slash, and its path in the workspace. */
export const WORKSPACE_FILES = [
  { key: "SOUL.md", path: "SOUL.md", text: soul },
  { key: "codex-review.md", path: "skills/codex-review/SKILL.md", text: codexReview },
  { key: "github-exchange.md", path: "skills/github-exchange/SKILL.md", text: githubExchange },
] as const;

/**
 * Names in the workspace that OpenClaw would put into every prompt, or load skills from. A link to nowhere takes each of them, so
 * that no sandbox can. MEMORY.md is missing here on purpose: it is the agent's own memory.
 */
export const BLOCKED_NAMES = ["AGENTS.md", "BOOTSTRAP.md", "IDENTITY.md", "USER.md", ".agents"] as const;

/** Entries of the workspace that belong to the gateway, and that a sandbox can read but not change. */
export const GATEWAY_ENTRIES: readonly string[] = [
  ...new Set(WORKSPACE_FILES.map(({ path }) => path.replace(/\/.*/, ""))),
  // OpenClaw mounts the skills into the sandbox there.
  ".openclaw",
  // Where repo.sh puts what it fetches.
  "inbox",
  ...BLOCKED_NAMES,
];

/** The skills that the agent sees. OpenClaw's own skills and those that the agent creates are not included. */
export const SKILLS = ["codex-review", "github-exchange"] as const;
