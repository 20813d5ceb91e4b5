/** How the clients of client ports may prove who they are, beyond their address and by digest. Equal on all servers. */
import { ANY_SASL_USER, X509_SUPER_USER } from "../model/listed-users.js";
import type { Random } from "./random.js";

export interface LoginSettings {
  /** Whether servers know the users of SASL. Without them, a login by SASL proves nothing, and is not refused. */
  readonly sasl: boolean;
  /** Whether servers look at certificates. */
  readonly x509: boolean;
  /** Whether clients may name the ensemble that they mean. */
  readonly ensemble: boolean;
  /** One of these must be proven before a request is served; none: nothing must. */
  readonly requiredSchemes: ReadonlySet<string>;
  /** Whether a connection outlives a login by SASL that has failed. */
  readonly allowsFailedSasl: boolean;
  /** As how many a connection may be known, and how many characters their names may have together. */
  readonly mostIds: number;
  readonly mostIdCharacters: number;
}

export function drawLogins(random: Random): LoginSettings {
  const sasl = random.chance(0.85);
  const x509 = random.chance(0.7);
  const schemes = ["digest", ...(sasl ? ["sasl"] : []), ...(x509 ? ["x509"] : [])];
  const required = random.pick([
    ...[[], [], [], ["ip"]],
    ...schemes.map((scheme) => [scheme]),
    random.shuffled(schemes).slice(0, 2),
  ]);
  const ensemble = random.chance(0.5);
  const allowsFailedSasl = random.chance(0.5);
  // What the longest introduction needs, and little more; or what servers allow where nobody says anything.
  const [mostIds, mostIdCharacters] = random.pick([
    ...[MOST_IDS, MOST_IDS],
    ...([
      [6, 200],
      [7, 140],
    ] as const),
  ]);
  const requiredSchemes = new Set(required);
  return { sasl, x509, ensemble, requiredSchemes, allowsFailedSasl, mostIds, mostIdCharacters };
}

const MOST_IDS = [1000, 256 * 1024] as const;

/** Users of SASL with their passwords: plain, to be quoted, of one byte a letter, of more, and none. */
export const SASL_PASSWORDS: ReadonlyMap<string, string> = new Map([
  ["ann", "pear"],
  ["bob@REALM", 'a "b" \\c'],
  ["k\u00e4the", "gr\u00fcn"],
  ["\u540d\u524d", "\u5bc6\u7801"],
  ["empty", ""],
  ["root", "turnip"],
  ["super", "not this one"],
]);

/** The password of the user super is this one. */
export const SUPER_PASSWORD = "admin";

/** Who may do everything, of the users of SASL. */
export const SASL_SUPER_USERS: ReadonlySet<string> = new Set(["root"]);

/** Who may do everything, of those with a digest: by `printf root:carrot | openssl sha1 -binary | base64`. */
export const SUPER_CREDENTIALS = "root:carrot";
export const SUPER_DIGEST = "root:c/ObmzIV890gNhOKS5FN3seGEz8=";

/** The subjects of certificates; the last one may do everything. */
export const CERTIFICATES: readonly string[] = ["CN=ann,O=Test", "2.40=ann", X509_SUPER_USER];

export const ENSEMBLE_NAMES = ["simulated", "other name"] as const;

/** Whom lists may mean by these logins. */
export const LOGIN_IDS: readonly { readonly scheme: string; readonly id: string }[] = [
  ...["ann", "bob@REALM", ANY_SASL_USER].map((id) => ({ scheme: "sasl", id })),
  ...CERTIFICATES.slice(0, 2).map((id) => ({ scheme: "x509", id })),
];
