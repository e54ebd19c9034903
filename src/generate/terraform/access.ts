/**
 * What Cloudflare Access is configured with, independent of the provider's version: whom it admits, and the settings of the
 * application with the reason for each. cloudflare_v4.ts and cloudflare_v5.ts put it into their own.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";

type Access = PackConfig["cloudflare"]["access"];

/** One thing that may be true of a person. */
export type AccessRule =
  | { readonly kind: "login" }
  | { readonly kind: "email"; readonly address: string }
  | { readonly kind: "github"; readonly name: string; readonly team?: string | undefined }
  | Access["groups"][number];

/** A policy: one rule of `include` must hold, and all of `require`. */
export interface Admission {
  readonly include: readonly AccessRule[];
  readonly require: readonly AccessRule[];
}

/**
 * Whom the policy admits. By itself anyone who logs in by the one method; where pack.yaml narrows it, those of them alone, so
 * that an address that another method vouches for is not enough.
 */
export function admission({ emails, githubOrganizations, groups }: Access): Admission {
  const login: AccessRule = { kind: "login" };
  const narrowed: AccessRule[] = [
    ...emails.map((address) => ({ kind: "email", address }) as const),
    ...githubOrganizations.map((organization) => ({ kind: "github", ...organization }) as const),
    ...groups,
  ];
  return narrowed.length === 0 ? { include: [login], require: [] } : { include: narrowed, require: [login] };
}

/** Settings of an application by their names in cdktf, each with its value and the reason for it. */
type Settings = Readonly<Record<string, { readonly value: boolean | string; readonly why: string }>>;

const HIDDEN = {
  value: false,
  why: "who uses it knows its address; the launcher would show it to everyone who logs in to the account",
} as const;

/** The assistant's application. */
export const APPLICATION_SETTINGS = {
  autoRedirectToIdentity: {
    value: true,
    why: "with one login method, in allowed_idps, there is nothing to choose and no page to imitate",
  },
  appLauncherVisible: HIDDEN,
  httpOnlyCookieAttribute: {
    value: true,
    why: "the web UI shows what models and strangers wrote: no script of a page may read the login",
  },
  sameSiteCookieAttribute: {
    value: "lax",
    why: "no other site's page can act with the login; strict would lose it on the way back from the login page",
  },
} as const satisfies Settings;

/** The monitor's application. */
export const HEALTH_SETTINGS = {
  serviceAuth401Redirect: { value: true, why: "without its token a monitor gets 401, and not the login page with 200" },
  appLauncherVisible: HIDDEN,
  httpOnlyCookieAttribute: { value: true, why: "a monitor has no scripts" },
  sameSiteCookieAttribute: { value: "strict", why: "a monitor comes from no other site" },
} as const satisfies Settings;

/** Resource name of all that belongs to the monitor. */
export const HEALTH = "openclaw_health";

/** The path that a monitor may ask: it tells no more than whether the gateway lives. */
export const HEALTH_PATH = "/healthz";

/** How long the monitor's token lasts: a year, after which Access refuses it. */
export const HEALTH_TOKEN_DURATION = "8760h";

/** The values of settings, for cdktf. */
export function valuesOf<S extends Settings>(settings: S): { [K in keyof S]: S[K]["value"] } {
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value])) as {
    [K in keyof S]: S[K]["value"];
  };
}

/** The reasons for settings, by their names in Terraform. */
export function reasonsFor(settings: Settings): Record<string, string> {
  const snake = (name: string) => name.replace(/[A-Z]|[0-9]+/g, (part) => `_${part.toLowerCase()}`);
  return Object.fromEntries(Object.entries(settings).map(([name, { why }]) => [snake(name), why]));
}
