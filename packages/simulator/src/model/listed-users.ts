/**
 * Users of SASL and of certificates, as access control lists name them, and whether a list
 * may: as said by Apache's `KerberosName`, and by Java's `X500Principal`, which was asked
 * for each of these names.
 */

export interface ListedUser {
  readonly scheme: "sasl" | "x509";
  readonly id: string;
  readonly isStorable: boolean;
}

/** Who is meant by every user of certificates in a list (`X509AuthenticationProvider.superUser`). */
export const X509_SUPER_USER = "CN=root";
/** Who stands in lists for every user of SASL (`letAnySaslUserDoX`). */
export const ANY_SASL_USER = "anybody";

export const LISTED_USERS: readonly ListedUser[] = [
  ...named("sasl", true, ["ann", "bob@REALM", "zk/host@REALM", "a/b/c", "super", ANY_SASL_USER]),
  ...named("sasl", false, ["a/b/c@REALM", "ann@x@y"]),
  ...named("x509", true, [
    "CN=ann,O=Test",
    'CN="ann, b",O=Test',
    "cn=ann;o=Test",
    "CN=a\\,b",
    "OID.2.5.4.3=ann",
    "1.39=ann",
    "2.40=ann",
    "CN=#040161",
    "",
  ]),
  ...named("x509", false, [
    "ann",
    "CN=ann,",
    "XY=ann",
    "3.1=ann",
    "1.40=ann",
    "CN=a+",
    "CN=a<b",
    'CN="a',
    "CN=#0401",
    "CN=#04820001",
  ]),
];

/** Users whose names hold an encoding that is so long that its length takes more than a byte. */
export const LONG_USERS: readonly ListedUser[] = [
  ...named("x509", true, [`CN=#048180${"61".repeat(128)}`, `CN=#04820101${"61".repeat(257)}`]),
  ...named("x509", false, [`CN=#048180${"61".repeat(127)}`, `CN=#04820101${"61".repeat(258)}`]),
];

/** Whether a list may name this user. Undefined: nobody has said. */
export function isStorableUser(scheme: string, id: string): boolean | undefined {
  return [...LISTED_USERS, ...LONG_USERS].find((user) => user.scheme === scheme && user.id === id)
    ?.isStorable;
}

function named(scheme: ListedUser["scheme"], isStorable: boolean, ids: readonly string[]) {
  return ids.map((id): ListedUser => ({ scheme, id, isStorable }));
}
