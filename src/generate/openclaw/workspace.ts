/**
 * The files of the agent's workspace that come from Git.
 *
 * @module
 */

import codexReview from "./skills/codex-review/SKILL.md" with { type: "text" };
import soul from "./SOUL.md" with { type: "text" };

/** Each with its key in the ConfigMap, which can hold no slash, and its path in the workspace. */
export const WORKSPACE_FILES = [
  { key: "SOUL.md", path: "SOUL.md", text: soul },
  { key: "codex-review.md", path: "skills/codex-review/SKILL.md", text: codexReview },
] as const;

/** The skills that the agent sees; OpenClaw's own and those that the agent makes are not among them. */
export const SKILLS = ["codex-review"] as const;
