/** The access control list that a znode gets for one that a client asks for ("ACL permissions", "Builtin ACL schemes"). */
import type { ChangeRequest } from "@jute-ts/quorum";
import type { ACL } from "@jute-ts/zookeeper";
import { addressBits } from "./access-model.js";
import { isStorableUser } from "./listed-users.js";
import type { AclModel } from "./znode-model.js";

/**
 * Each entry once, and whoever asks in the place of "auth"; undefined for a list that no
 * znode can have. `knowsLogins`: whether lists may name users of SASL and of certificates.
 */
export function storedAcl(
  list: readonly ACL[] | null,
  ids: ChangeRequest["authInfo"],
  knowsLogins: boolean,
): readonly AclModel[] | undefined {
  const entries = (list ?? []).map(({ perms, id }) => ({
    perms,
    scheme: id.scheme ?? "",
    id: id.id ?? "",
  }));
  const stored: AclModel[] = [];
  for (const [at, entry] of entries.entries()) {
    if (entries.findIndex((each) => isSame(each, entry)) < at) continue;
    // Whoever has proven to be somebody may be named, whatever the name.
    const meant =
      entry.scheme === "auth"
        ? ownEntries(entry.perms, ids, knowsLogins)
        : [entry].filter((each) => isStorable(each, knowsLogins));
    if (meant.length === 0) return undefined;
    stored.push(...meant);
  }
  return stored.length === 0 ? undefined : stored;
}

function isSame(one: AclModel, other: AclModel): boolean {
  return one.perms === other.perms && one.scheme === other.scheme && one.id === other.id;
}

/** An address proves nothing. */
function ownEntries(
  perms: number,
  ids: ChangeRequest["authInfo"],
  knowsLogins: boolean,
): readonly AclModel[] {
  return ids
    .filter(({ scheme }) => scheme === "digest" || (knowsLogins && LOGINS.has(scheme)))
    .map(({ scheme, id }) => ({ perms, scheme, id }));
}

function isStorable({ scheme, id }: AclModel, knowsLogins: boolean): boolean {
  switch (scheme) {
    case "world":
      return id === "anyone";
    case "digest":
      return /^[^:]+:[^:]+$/.test(id);
    case "ip":
      return addressBits(id) !== undefined;
    default:
      return knowsLogins && LOGINS.has(scheme) && isStorableUser(scheme, id) === true;
  }
}

const LOGINS: ReadonlySet<string> = new Set(["sasl", "x509"]);
