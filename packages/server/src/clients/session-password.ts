/**
 * The password of a session: what Java's servers derive from its id, so that a
 * client can move between their servers and ours. It is no secret: whoever knows
 * the id can compute it.
 */

/** 16 bytes: `nextBytes` of a java.util.Random that is seeded with the id. The caller owns them. */
export function sessionPassword(sessionId: bigint): Uint8Array {
  let state = BigInt.asUintN(48, sessionId ^ SECRET ^ MULTIPLIER);
  const password = new Uint8Array(PASSWORD_BYTES);
  const view = new DataView(password.buffer);
  for (let at = 0; at < PASSWORD_BYTES; at += 4) {
    state = BigInt.asUintN(48, state * MULTIPLIER + INCREMENT);
    view.setUint32(at, Number(state >> 16n), true);
  }
  return password;
}

/** Whether this is the password of a session. Every password of session 0 is wrong. */
export function isPasswordOf(sessionId: bigint, password: Uint8Array | null): boolean {
  if (sessionId === 0n || password?.length !== PASSWORD_BYTES) return false;
  return sessionPassword(sessionId).every((byte, index) => byte === password[index]);
}

const PASSWORD_BYTES = 16;
/** Java's constant of the server. */
const SECRET = 0xb341_5c00n;
/** The constants of java.util.Random, as its documentation states them. */
const MULTIPLIER = 0x5_deec_e66dn;
const INCREMENT = 11n;
