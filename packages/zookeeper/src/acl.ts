/**
 * Identities and access control lists that come with ZooKeeper, as Java's
 * `ZooDefs.Ids`. They are records whose types let them stand in any field, and
 * frozen, so that no caller can change them for the others: an attempt throws.
 */
import { Perms } from "./perms.js";
import { ACL, Id } from "./records.js";

/** Everybody. */
export const ANYONE_ID_UNSAFE: Id = /* @__PURE__ */ identity("world", "anyone");

/** Whatever the client is authenticated as: the server puts those identities in its place. Only for setting lists. */
export const AUTH_IDS: Id = /* @__PURE__ */ identity("auth", "");

/** Everybody may do everything. Frozen: copy it to change it. */
export const OPEN_ACL_UNSAFE: ACL[] = /* @__PURE__ */ only(Perms.ALL, ANYONE_ID_UNSAFE);

/** Whoever creates the znode may do everything, and nobody else anything. Frozen: copy it to change it. */
export const CREATOR_ALL_ACL: ACL[] = /* @__PURE__ */ only(Perms.ALL, AUTH_IDS);

/** Everybody may read. Frozen: copy it to change it. */
export const READ_ACL_UNSAFE: ACL[] = /* @__PURE__ */ only(Perms.READ, ANYONE_ID_UNSAFE);

function identity(scheme: string, id: string): Id {
  return Object.freeze(new Id({ scheme, id }));
}

function only(perms: number, id: Id): ACL[] {
  const list = [Object.freeze(new ACL({ perms, id }))];
  Object.freeze(list);
  return list;
}
