/**
 * The forms in which a program may repeat a value.
 *
 * @module
 */

/** Returns a value in each form, by the form's name. */
export function formsOf(value: string): Map<string, string> {
  const bytes = new TextEncoder().encode(value);
  const hex = (width: number, code: number) => code.toString(16).padStart(width, "0");
  const each = (form: (code: number) => string) => [...value].map((c) => form(c.codePointAt(0) ?? 0)).join("");
  return new Map([
    ["unchanged", value],
    ["Python's repr", `'${value.replaceAll(/[\\']/g, "\\$&")}'`],
    ["Python's repr of bytes", `b'${[...bytes].map((byte) => `\\x${hex(2, byte)}`).join("")}'`],
    ["JSON", JSON.stringify(value)],
    ["JSON within JSON", JSON.stringify(JSON.stringify(value))],
    ["Unicode escapes", each((code) => `\\u${hex(4, code)}`)],
    ["numeric character references", each((code) => `&#${code};`)],
    ["URL-encoded", encodeURIComponent(value)],
    ["entirely URL-encoded", [...bytes].map((byte) => `%${hex(2, byte)}`).join("")],
    ["base64", bytes.toBase64()],
    ["base64url without padding", bytes.toBase64({ alphabet: "base64url", omitPadding: true })],
    ["hexadecimal", bytes.toHex()],
    ["its beginning", `${value.slice(0, 12)}...`],
    ["its end", `...${value.slice(-12)}`],
    ["without its last character", value.slice(0, -1)],
    ["wrapped", value.replaceAll(/.{10}/g, "$&\n")],
    ["one character per line", [...value].join("\n")],
    ["split by colours", [...value].join("\x1b[0m")],
    ["capitals", value.toUpperCase()],
    ["in a command line", `aws ssm put-parameter --value ${value}`],
    ["in a stack trace", `Traceback (most recent call last):\n  File "x", line 1\nValueError: ${value}`],
  ]);
}
