/** Numbers of the protocols and limits against hostile bytes, by the names that they have in Lua. */

export const NUMBERS: Readonly<Record<string, number>> = {
  CREATE: 1,
  CREATE_SESSION: -10,
  CLOSE_SESSION: -11,
  NOTIFICATION_XID: -1,
  PROPOSAL: 2,
  ACK: 3,
  FOLLOWERINFO: 11,
  SNAP: 15,
  OBSERVERINFO: 16,
  DIGEST_BYTES: 12,
  DIGEST_VERSION: 2,
  /** The halves of -0xa0dbcafecafe1234, with which a SASL exchange between servers begins. */
  AUTHENTICATION_HIGH: magicHalf(32n),
  AUTHENTICATION_LOW: magicHalf(0n),
  SLASH: 0x2f,
  /** The length of "BenWasHere", with which a snapshot between servers ends. */
  SIGNATURE_LENGTH: 10,
  /** What follows the data of a znode: the id of its list and a StatPersisted. */
  ZNODE_TAIL: 68,
  LAST_TIME_MS: 253_402_300_800_000,
  MAX_ADDRESSES: 2048,
  MAX_DEPTH: 32,
  MAX_ID: 65_536,
  MAX_IDS: 65_536,
  MAX_ITEMS: 20_000,
  MAX_MESSAGE: 16 * 1024 * 1024,
  MAX_NOTIFICATION: 524_288,
  MAX_PARTS: 1_000_000,
  MAX_SHOWN_TEXT: 80,
  MAX_TOKEN: 1024 * 1024,
};

function magicHalf(shift: bigint): number {
  return Number(BigInt.asIntN(32, -0xa0dbcafecafe1234n >> shift));
}

/** The ops that the reserved xids stand for where a request was not seen. */
export const OPS_BY_XID: Readonly<Record<number, number>> = { [-2]: 11, [-4]: 100, [-8]: 101 };
