/** Compares what a server shows of its tree with the model of it. */
import type { ACL, Stat } from "@jute-ts/zookeeper";
import { equalBytes } from "./equal-bytes.js";
import { type AclModel, differenceOfStats, statOf, type ZnodeModel } from "./znode-model.js";

/** A znode as a server shows it to readers. */
export interface ShownZnode {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
  readonly acl: readonly ACL[];
}

/** What is wrong with a znode, as the end of a sentence about it; undefined when nothing is. */
export function differenceOfZnodes(
  expected: ZnodeModel | undefined,
  actual: ShownZnode | undefined,
): string | undefined {
  if (expected === undefined) return actual === undefined ? undefined : "is there, and should not";
  if (actual === undefined) return "is missing";
  const difference = differenceOfStats(statOf(expected), actual.stat);
  if (difference !== undefined) return `has a wrong stat: ${difference}`;
  if (!isSameData(expected.data, actual.data)) return "has other data";
  return equalAcls(expected.acl, actual.acl)
    ? undefined
    : `has the access control list ${shownAcl(actual.acl.map(aclModelOf))}, and should have ${shownAcl(expected.acl)}`;
}

/** Whether data are the same, of which none are others than empty ones. */
export function isSameData(expected: Uint8Array | null, actual: Uint8Array | null): boolean {
  if (expected === null || actual === null) return expected === actual;
  return equalBytes(expected, actual);
}

/** Whether a list that a server has is the expected one, entry by entry. */
export function equalAcls(expected: readonly AclModel[], actual: readonly ACL[]): boolean {
  if (expected.length !== actual.length) return false;
  return expected.every(({ perms, scheme, id }, at) => {
    const entry = actual[at];
    return entry?.perms === perms && entry.id.scheme === scheme && entry.id.id === id;
  });
}

export function aclModelOf({ perms, id }: ACL): AclModel {
  return { perms, scheme: id.scheme ?? "", id: id.id ?? "" };
}

/** A list as violations name it. */
export function shownAcl(acl: readonly AclModel[]): string {
  return acl.map(({ perms, scheme, id }) => `${scheme}:${id}:${perms}`).join(",") || "nothing";
}
