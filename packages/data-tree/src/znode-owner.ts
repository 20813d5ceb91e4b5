/**
 * What the `ephemeralOwner` of a stat means. ZooKeeper packed three things into
 * one field: the session of an ephemeral znode, a mark for containers, and the
 * time to live of a TTL znode. The last exists only where extended types are
 * enabled; elsewhere such a number is a session like any other.
 */

/**
 * Whether numbers may be times to live: never; those that ZooKeeper writes since
 * 3.5.4; or, for trees that 3.5.3 has written, every negative one
 * (`extendedTypesEnabled`, `emulate353TTLNodes`).
 */
export type ExtendedTypes = "off" | "on" | "as in 3.5.3";

export type ZnodeOwner =
  | { readonly kind: "nobody" }
  | { readonly kind: "session"; readonly sessionId: bigint }
  | { readonly kind: "container" }
  /** A time of 0 means without limit. */
  | { readonly kind: "ttl"; readonly ttlMs: bigint };

/** What an owner field means. */
export function znodeOwner(ephemeralOwner: bigint, types: ExtendedTypes): ZnodeOwner {
  if (ephemeralOwner === 0n) return NOBODY;
  if (ephemeralOwner === CONTAINER_OWNER) return CONTAINER;
  if (isTtl(ephemeralOwner, types)) return { kind: "ttl", ttlMs: ephemeralOwner & MAX_TTL };
  return { kind: "session", sessionId: ephemeralOwner };
}

/** The owner field of a TTL znode; undefined for a time that does not fit. */
export function ttlOwner(ttlMs: bigint): bigint | undefined {
  return ttlMs > 0n && ttlMs <= MAX_TTL ? (TTL_MARK << TTL_BITS) | ttlMs : undefined;
}

/** The owner field as clients see it: the session, or 0. */
export function visibleOwner(ephemeralOwner: bigint, types: ExtendedTypes): bigint {
  const owner = znodeOwner(ephemeralOwner, types);
  return owner.kind === "session" ? owner.sessionId : 0n;
}

function isTtl(ephemeralOwner: bigint, types: ExtendedTypes): boolean {
  switch (types) {
    case "off":
      return false;
    case "on":
      return ephemeralOwner >> TTL_BITS === TTL_MARK;
    case "as in 3.5.3":
      return ephemeralOwner < 0n;
  }
}

/** The owner field of a container. */
export const CONTAINER_OWNER: bigint = -(2n ** 63n);

const NOBODY: ZnodeOwner = { kind: "nobody" };
const CONTAINER: ZnodeOwner = { kind: "container" };

/** A time to live has the low 40 bits, about 34 years. */
const TTL_BITS = 40n;
const MAX_TTL = (1n << TTL_BITS) - 1n;

/** What the upper 24 bits of a TTL's owner are: 0xff0000, as a signed number. */
const TTL_MARK = -0x10000n;
