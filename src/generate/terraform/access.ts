/**
 * The configuration of Cloudflare Access, independent of the provider's version: whom it admits, and the settings of the
 * applications with their reasons. cloudflare_v4.ts and cloudflare_v5.ts convert it.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";

type Access = PackConfig["cloudflare"]["access"];

/** One condition on a person who logs in. */
export type AccessRule =
  | { readonly kind: "login" }
  | { readonly kind: "email"; readonly address: string }
  | { readonly kind: "github"; readonly name: string; readonly team?: string | undefined }
  | Access["groups"][number];

/** A policy: at least one rule of `include` and all rules of `require` must match. */
export interface Admission {
  readonly include: readonly AccessRule[];
  readonly require: readonly AccessRule[];
}

/**
 * Returns whom the policy admits: by default anyone who uses the login method. If pack.yaml lists people, they must also use
 * this login method, so that an address verified by another method is not enough.
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

/** Settings of an application by their names in cdktf, each with its value and reason. */
type Settings = Readonly<Record<string, { readonly value: boolean | string; readonly why: string }>>;

const HIDDEN = {
  value: false,
  why: "its users know the address, and the launcher would show it to everyone who logs in to the account",
} as const;

/** The assistant's application. */
export const APPLICATION_SETTINGS = {
  autoRedirectToIdentity: {
    value: true,
    why: "with one login method in allowed_idps, there is nothing to choose and no login page to imitate",
  },
  appLauncherVisible: HIDDEN,
  httpOnlyCookieAttribute: {
    value: true,
    why: "the web UI shows text from models and strangers, so no script may read the login",
  },
  sameSiteCookieAttribute: {
    value: "lax",
    why: "other sites cannot use the login; strict would lose it on the redirect from the login page",
  },
} as const satisfies Settings;

/** The monitor's application. */
export const HEALTH_SETTINGS = {
  serviceAuth401Redirect: {
    value: true,
    why: "a monitor without its token receives 401 instead of the login page with 200",
  },
  appLauncherVisible: HIDDEN,
  httpOnlyCookieAttribute: { value: true, why: "a monitor runs no scripts" },
  sameSiteCookieAttribute: { value: "strict", why: "a monitor is not redirected from another site" },
} as const satisfies Settings;

/** The name of the monitor's resources. */
export const HEALTH = "openclaw_health";

/** The path that a monitor may request; it only says whether the gateway is alive. */
export const HEALTH_PATH = "/healthz";

/** How long the monitor's token is valid: a year, after which Access refuses it. */
export const HEALTH_TOKEN_DURATION = "8760h";

/** Returns the values of settings, for cdktf. */
export function valuesOf<S extends Settings>(settings: S): { [K in keyof S]: S[K]["value"] } {
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value])) as {
    [K in keyof S]: S[K]["value"];
  };
}

/** Returns the reasons for settings, by their names in Terraform. */
export function reasonsFor(settings: Settings): Record<string, string> {
  const snake = (name: string) => name.replace(/[A-Z]|[0-9]+/g, (part) => `_${part.toLowerCase()}`);
  return Object.fromEntries(Object.entries(settings).map(([name, { why }]) => [snake(name), why]));
}
