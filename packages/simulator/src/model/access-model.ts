/** Who may do what, as "ZooKeeper access control using ACLs" describes it. */
import type { ChangeRequest } from "@jute-ts/quorum";
import type { AclModel } from "./znode-model.js";

/** Whether somebody who has proven these ids has one of the permissions. */
export function isPermitted(
  acl: readonly AclModel[],
  permissions: number,
  ids: ChangeRequest["authInfo"],
): boolean {
  // Old servers wrote znodes without a list, which are open to all.
  if (acl.length === 0) return true;
  if (ids.some(({ scheme }) => scheme === "super")) return true;
  return acl.some(
    ({ perms, scheme, id }) =>
      (perms & permissions) !== 0 &&
      ((scheme === "world" && id === "anyone") ||
        ids.some((own) => own.scheme === scheme && isMeant(scheme, own.id, id))),
  );
}

/** An address may stand for all that begin with the same bits: 10.1.0.0/16. */
function isMeant(scheme: string, own: string, listed: string): boolean {
  if (scheme !== "ip") return own === listed;
  const [ownBits, listedBits] = [addressBits(own), addressBits(listed)];
  return ownBits !== undefined && listedBits !== undefined && ownBits.startsWith(listedBits);
}

/** The bits of an address that count, as digits; undefined for what is no address. */
export function addressBits(text: string): string | undefined {
  const [address = "", length = "32", ...more] = text.split("/");
  const numbers = address.split(".");
  const isAddress =
    more.length === 0 &&
    numbers.length === 4 &&
    numbers.every((number) => /^\d{1,3}$/.test(number) && Number(number) < 256);
  if (!isAddress || !/^\d+$/.test(length) || Number(length) > 32) return undefined;
  const bits = numbers.map((number) => Number(number).toString(2).padStart(8, "0")).join("");
  return bits.slice(0, Number(length));
}
