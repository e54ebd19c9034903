/**
 * Cloudflare: the tunnel's account, and whom Access admits.
 *
 * @module
 */

import * as v from "valibot";
import * as format from "../formats.ts";
import { flag, list, required, row, section, text } from "./fields.ts";

const GithubOrganizationSchema = row({
  name: required(format.githubName, "The organisation at GitHub; Cloudflare's GitHub app must be installed in it."),
  team: v.optional(v.pipe(format.githubName, v.description("Only this team of it, by its slug."))),
});

/** The kinds of groups that Cloudflare Access knows; `access` is one of its own groups, by ID. */
export const GROUP_KINDS = ["okta", "azure", "gsuite", "access"] as const;

const GroupSchema = row({
  kind: v.pipe(
    v.picklist(GROUP_KINDS, `expected one of ${GROUP_KINDS.join(", ")}`),
    v.description(
      "Whose group it is: the identity provider's (okta, azure, gsuite), or one made in Cloudflare Access.",
    ),
  ),
  id: required(
    format.line,
    "What the provider knows it by: a name (okta), an object ID (azure), an address (gsuite), a group's ID (access).",
  ),
});

/** The section `cloudflare`. */
export const cloudflare = v.optional(
  section({
    provider: v.optional(
      v.pipe(
        v.picklist([4, 5], "expected 4 or 5"),
        v.description(
          "Major version of Cloudflare's Terraform provider; docs/operations.md tells how a live state goes from 4 to 5.",
        ),
      ),
      4,
    ),
    accountId: text(format.cloudflareId, "1984a4314b3e75f3bedce97c7a8e0c81", "Account of the tunnel."),
    zoneId: text(format.cloudflareId, "ec593206d0ef695c3aae3a4cb3173264", "ID of `zone`."),
    identityProvider: text(format.line, "GitHub", "Name of the login method that Access admits."),
    sessionDuration: text(format.duration, "24h", "How long a login lasts."),
    directory: v.optional(v.pipe(
      format.gitPath,
      v.description(
        "Folder below `terraform/` instead of `cloudflare/<zone>/openclaw`, when tfaction's label for that gets too long. " +
          "The key of the state follows it.",
      ),
    )),
    access: v.optional(
      section({
        emails: list(format.email, [], "Addresses to admit."),
        githubOrganizations: list(GithubOrganizationSchema, [], "Organisations at GitHub whose members to admit."),
        groups: list(GroupSchema, [], "Groups whose members to admit."),
        healthToken: flag(
          false,
          "Whether a monitor may ask `/healthz`, and nothing else, with a service token instead of a login.",
        ),
      }, "Who of those who log in by `identityProvider` is admitted. With nothing listed, everyone who can."),
      {},
    ),
  }, "The way in from outside."),
  {},
);
