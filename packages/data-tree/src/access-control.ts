/**
 * Who may do what: access control lists against the ids that a client's server
 * has authenticated. The schemes are those that a Java server knows by itself:
 * world, auth, digest and ip in lists, and super among the client's ids.
 */
import { ACL, ErrorCode, Id } from "@jute-ts/zookeeper";
import { type AclList, aclKey } from "./acl-cache.js";
import { addressMatches, isAddressRange } from "./ip-address.js";
import { RequestRefused, require } from "./request-refused.js";

/** The ids of a client. */
export type AuthInfo = readonly { readonly scheme: string; readonly id: string }[];

/** Refuses with NOAUTH what the list does not permit. An empty list permits everything, as in Java. */
export function requirePermission(acl: AclList, permission: number, authInfo: AuthInfo): void {
  if (acl.length === 0 || authInfo.some(({ scheme }) => scheme === "super")) return;
  const permitted = acl.some(
    (entry) => (entry.perms & permission) !== 0 && isMeant(entry.id, authInfo),
  );
  require(permitted, ErrorCode.NOAUTH);
}

/**
 * The list to store for one that a client sent: without repetitions, and with
 * the client's own ids in the place of `auth`. Refuses with INVALIDACL a list that
 * is empty or has an entry that no znode can have.
 */
export function storableAcl(acl: AclList | null, authInfo: AuthInfo): AclList {
  const entries = withoutRepetitions(acl ?? []);
  require(entries.length > 0, ErrorCode.INVALIDACL);
  return entries.flatMap((entry) => {
    if (entry.id.scheme === "auth") return ownEntries(entry.perms, authInfo);
    require(isStorable(entry.id), ErrorCode.INVALIDACL);
    return [entry];
  });
}

function isMeant({ scheme, id }: Id, authInfo: AuthInfo): boolean {
  if (scheme === "world") return id === "anyone";
  if (id === null) return false;
  return authInfo.some((own) => own.scheme === scheme && idMatches(scheme, own.id, id));
}

function idMatches(scheme: string, own: string, listed: string): boolean {
  switch (scheme) {
    case "digest":
      return own === listed;
    case "ip":
      return addressMatches(own, listed);
    default:
      return false;
  }
}

/** An address is no proof of who somebody is, so `auth` stands for the digests alone. */
function ownEntries(perms: number, authInfo: AuthInfo): ACL[] {
  const proven = authInfo.filter(({ scheme }) => scheme === "digest");
  if (proven.length === 0) throw new RequestRefused(ErrorCode.INVALIDACL);
  return proven.map(({ scheme, id }) => new ACL({ perms, id: new Id({ scheme, id }) }));
}

function isStorable({ scheme, id }: Id): boolean {
  if (id === null) return false;
  switch (scheme) {
    case "world":
      return id === "anyone";
    case "digest":
      return isDigest(id);
    case "ip":
      return isAddressRange(id);
    default:
      return false;
  }
}

/** A user and a hash with a colon between. Java does not count empty parts at the end. */
function isDigest(id: string): boolean {
  return /^[^:]*:[^:]+:*$/.test(id);
}

function withoutRepetitions(acl: AclList): AclList {
  const byKey = new Map(acl.map((entry) => [aclKey([entry]), entry]));
  return [...byKey.values()];
}
