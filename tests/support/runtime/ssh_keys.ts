/**
 * Real key pairs instead of the fake ones, created as described in docs/deploy.md.
 *
 * @module
 */

import { join } from "node:path";
import { runOrThrow } from "../tools.ts";
import { tempDir } from "../temp_dir.ts";
import { program } from "./debian.ts";

/** Two key pairs, as values of the pods' Secrets. */
export interface SshKeys {
  readonly openclaw: Readonly<Record<"SANDBOX_SSH_CLIENT_KEY" | "SANDBOX_SSH_KNOWN_HOSTS", string>>;
  readonly sandbox: Readonly<Record<"SANDBOX_SSH_HOST_KEY" | "SANDBOX_SSH_AUTHORIZED_KEYS", string>>;
}

/** Creates the key pairs. `options` is the beginning of the line in authorized_keys. */
export async function sshKeys(host: string, options = "restrict,pty"): Promise<SshKeys> {
  await using folder = await tempDir();
  const keygen = await program("ssh-keygen", "usr/bin/ssh-keygen", "openssh-client");
  const pair = async (name: string) => {
    await runOrThrow(keygen, ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder.path, name)]);
    return { key: await folder.read(name), line: (await folder.read(`${name}.pub`)).trim() };
  };
  const client = await pair("client");
  const server = await pair("host");
  return {
    openclaw: {
      SANDBOX_SSH_CLIENT_KEY: client.key,
      SANDBOX_SSH_KNOWN_HOSTS: `${host} ${server.line.split(" ", 2).join(" ")}\n`,
    },
    sandbox: {
      SANDBOX_SSH_HOST_KEY: server.key,
      SANDBOX_SSH_AUTHORIZED_KEYS: `${options} ${client.line}\n`.trimStart(),
    },
  };
}
