/**
 * Cloudflare: the tunnel's account, and the users whom Access admits.
 *
 * @module
 */

import * as v from "valibot";
import * as format from "../formats.ts";
import { flag, list, required, row, section, text } from "./fields.ts";

const GithubOrganizationSchema = row({
  name: required(format.githubName, "The GitHub organisation; Cloudflare's GitHub app must be installed in it."),
  team: v.optional(v.pipe(format.githubName, v.description("The slug of a team, to admit only its members."))),
});

/** The kinds of groups that Cloudflare Access knows; `access` is a group defined in Cloudflare Access. */
export const GROUP_KINDS = ["okta", "azure", "gsuite", "access"] as const;

const GroupSchema = row({
  kind: v.pipe(
    v.picklist(GROUP_KINDS, `expected one of ${GROUP_KINDS.join(", ")}`),
    v.description(
      "Where the group is defined: at the identity provider (okta, azure, gsuite), or in Cloudflare Access (access).",
    ),
  ),
  id: required(
    format.line,
    "The provider's identifier of the group: a name (okta), an object ID (azure), an address (gsuite) or a group ID (access).",
  ),
});

/** The section `cloudflare`. */
export const cloudflare = v.optional(
  section({
    provider: v.optional(
      v.pipe(
        v.picklist([4, 5], "expected 4 or 5"),
        v.description(
          "Major version of Cloudflare's Terraform provider; docs/operations.md explains how to migrate a live state from 4 to 5.",
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
        "Folder below `terraform/` to use instead of `cloudflare/<zone>/openclaw`, if tfaction's label for that is too long. " +
          "The key of the state contains it too.",
      ),
    )),
    access: v.optional(
      section({
        emails: list(format.email, [], "Addresses to admit."),
        githubOrganizations: list(GithubOrganizationSchema, [], "GitHub organisations whose members to admit."),
        groups: list(GroupSchema, [], "Groups whose members to admit."),
        healthToken: flag(
          false,
          "Whether a monitor may request `/healthz`, and nothing else, with a service token instead of a login.",
        ),
      }, "Which users who log in with `identityProvider` are admitted. If nothing is listed, everyone who can log in."),
      {},
    ),
  }, "Access from the internet: the tunnel and the login."),
  {},
);
