/**
 * DocumentedHandshakes: the first answer on a connection is, byte for byte, what Apache's server
 * sends: the session's timeout and id with the password that belongs to the id, or zeros where there
 * is no session to be had; and whether it only serves readers, but to nobody from before 3.4.
 */
import { type Checker, InvariantViolation, type Observation } from "../../checkers/checker.js";
import type { FrameHappening } from "../frame-event.js";

export class DocumentedHandshakes implements Checker {
  readonly name = "documented-handshakes";
  readonly watches = ["frame"] as const;
  /** Connections whose clients know of no readers. */
  readonly #old = new Set<number>();

  observe(observation: Observation): void {
    if (observation.kind === "frame") this.#onFrame(observation.happening);
  }

  #onFrame({ client, connection, event }: FrameHappening): void {
    if (event.kind === "connecting" && event.isOld === true) this.#old.add(connection);
    else if (event.kind === "closed") this.#old.delete(connection);
    if (event.kind !== "connected" && event.kind !== "expired") return;
    const { bytes } = event;
    if (bytes === undefined) return;
    const timeoutMs = event.kind === "connected" ? event.timeoutMs : 0;
    const sessionId = event.kind === "connected" ? event.sessionId : 0n;
    const password = sessionId === 0n ? NO_PASSWORD : passwordOf(sessionId);
    const fixed = ["00000000", hex(timeoutMs, 8), hex(sessionId, 16), hex(16, 8), password].join(
      "",
    );
    const readers = this.#old.has(connection) ? [""] : ["00", "01"];
    const said = Array.from(bytes, (byte) => hex(byte, 2)).join("");
    if (readers.some((last) => said === fixed + last)) return;
    throw new InvariantViolation(
      "DocumentedHandshakes",
      `${client} is answered ${said} to its first message, where ${fixed}${readers.join(" or ")} is right`,
    );
  }
}

/**
 * As `ZooKeeperServer.generatePasswd` makes it: 16 bytes of a `java.util.Random` whose seed is the id,
 * mixed with the server's constant. The documentation of that class gives its numbers.
 */
export function passwordOf(sessionId: bigint): string {
  let seed = (sessionId ^ 0xb3415c00n ^ 0x5deece66dn) & LOW_48_BITS;
  let digits = "";
  for (let word = 0; word < 4; word += 1) {
    seed = (seed * 0x5deece66dn + 0xbn) & LOW_48_BITS;
    // Of the upper 32 bits the lowest byte comes first.
    for (let shift = 16n; shift < 48n; shift += 8n) digits += hex((seed >> shift) & 0xffn, 2);
  }
  return digits;
}

function hex(number: number | bigint, digits: number): string {
  const unsigned = BigInt.asUintN(4 * digits, BigInt(number));
  return unsigned.toString(16).padStart(digits, "0");
}

const LOW_48_BITS = (1n << 48n) - 1n;
const NO_PASSWORD = "00".repeat(16);
