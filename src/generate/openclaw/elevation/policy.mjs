/**
 * Refuses commands that an approval cannot cover, before anyone is asked. OpenClaw's card in Discord shows the first 1,000
 * characters of a command, the names of its environment variables without their values, and nothing of what is typed into a
 * program later. A user can approve a command only if the card shows all of it.
 *
 * A call that does not request elevation stays in the sandbox, whatever the session's settings say.
 */

/** Well below the 1,000 characters of the card, also with a line break shown as `\u{A}`. */
const MAX_LENGTH = 900;
/**
 * Letters written from left to right, digits, punctuation and symbols. No invisible characters, of which U+2800 is a symbol, none
 * that reorder a line, and no long gap, which would move the end of a command out of view.
 */
const READABLE =
  /^(?!.*(?:\u2800| {4}))[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Nd}\p{P}\p{S}ー ]*$/u;
/** Arguments of `exec` that the card shows, or that do not change what runs. */
const SHOWN = new Set(["command", "workdir", "elevated", "timeoutSeconds", "yieldMs"]);

/** Returns why a command outside the sandbox must not be asked for; undefined if it may. */
export function refusal({ command, ...others }) {
  const hidden = Object.keys(others).filter((name) => !SHOWN.has(name));
  if (hidden.length > 0) return `arguments that the approval does not show: ${hidden.join(", ")}`;
  if (typeof command !== "string" || command === "") return "no command";
  if (command.length > MAX_LENGTH) return `more than ${MAX_LENGTH} characters`;
  if (!READABLE.test(command)) {
    return "a line break, a long gap, or a character that the approval does not show as it is";
  }
  return undefined;
}

export default {
  id: "elevation",
  name: "Elevation",
  description: "Keeps commands outside the sandbox within what an approval shows.",
  register(api) {
    api.on("before_tool_call", ({ params }) => {
      if (params.elevated !== true) return { params: { ...params, elevated: false, host: "sandbox" } };
      const reason = refusal(params);
      return reason === undefined ? undefined : { block: true, blockReason: `outside the sandbox: ${reason}` };
    }, { matcher: ["exec"] });
  },
};
