/** Who may do what, as "ZooKeeper access control using ACLs" describes it. */
import type { ChangeRequest } from "@jute-ts/quorum";
import { ANY_SASL_USER, X509_SUPER_USER } from "./listed-users.js";
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

/** Who has proven to be one may be meant by the name of another. */
function isMeant(scheme: string, own: string, listed: string): boolean {
  switch (scheme) {
    case "ip": {
      // An address may stand for all that begin with the same bits: 10.1.0.0/16.
      const [ownBits, listedBits] = [addressBits(own), addressBits(listed)];
      if (ownBits === undefined || listedBits === undefined) return false;
      return own.includes(":") === listed.includes(":") && ownBits.startsWith(listedBits);
    }
    case "sasl":
      return own === listed || own === "super" || listed === ANY_SASL_USER;
    case "x509":
      return own === listed || own === X509_SUPER_USER;
    default:
      return own === listed;
  }
}

/** The bits of an address that count, as digits; undefined for what is no address. */
export function addressBits(text: string): string | undefined {
  const [address = "", length, ...more] = text.split("/");
  const bits = address.includes(":") ? bitsOfV6(address) : bitsOfV4(address);
  if (bits === undefined || more.length > 0) return undefined;
  if (length === undefined) return bits;
  const isLength = /^\d+$/.test(length) && Number(length) <= bits.length;
  return isLength ? bits.slice(0, Number(length)) : undefined;
}

function bitsOfV4(address: string): string | undefined {
  const numbers = address.split(".");
  const isAddress =
    numbers.length === 4 &&
    numbers.every((number) => /^\d{1,3}$/.test(number) && Number(number) < 256);
  if (!isAddress) return undefined;
  return numbers.map((number) => Number(number).toString(2).padStart(8, "0")).join("");
}

/** Eight groups; two colons side by side, once, stand for those that are missing, all zero. */
function bitsOfV6(address: string): string | undefined {
  const sides = address.split("::").map((side) => (side === "" ? [] : side.split(":")));
  const count = sides.flat().length;
  const isWhole = sides.length === 1 ? count === 8 : sides.length === 2 && count < 8;
  if (!isWhole || !sides.flat().every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return undefined;
  const [before = [], after = []] = sides;
  const groups = [...before, ...new Array<string>(8 - count).fill("0"), ...after];
  return groups.map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}
