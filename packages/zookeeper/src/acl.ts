/**
 * Identities and access control lists that come with ZooKeeper, as Java's
 * `ZooDefs.Ids`. They are frozen plain values, which every request accepts, so
 * that no caller can change them for the others.
 */
import { Perms } from "./perms.js";
import type { ACLInit, IdInit } from "./records.js";

/** Everybody. */
export const ANYONE_ID_UNSAFE: Readonly<IdInit> = Object.freeze({ scheme: "world", id: "anyone" });

/** Whatever the client is authenticated as: the server puts those identities in its place. Only for setting lists. */
export const AUTH_IDS: Readonly<IdInit> = Object.freeze({ scheme: "auth", id: "" });

/** Everybody may do everything. */
export const OPEN_ACL_UNSAFE: readonly Readonly<ACLInit>[] = only(Perms.ALL, ANYONE_ID_UNSAFE);

/** Whoever creates the znode may do everything, and nobody else anything. */
export const CREATOR_ALL_ACL: readonly Readonly<ACLInit>[] = only(Perms.ALL, AUTH_IDS);

/** Everybody may read. */
export const READ_ACL_UNSAFE: readonly Readonly<ACLInit>[] = only(Perms.READ, ANYONE_ID_UNSAFE);

function only(perms: number, id: Readonly<IdInit>): readonly Readonly<ACLInit>[] {
  return Object.freeze([Object.freeze({ perms, id })]);
}
