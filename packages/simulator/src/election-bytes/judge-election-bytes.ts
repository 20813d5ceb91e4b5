/**
 * ElectionBytes: what servers write on their election connections is what Apache's servers read, byte
 * for byte; what those have ever written they read, however it comes cut; and they refuse what is
 * nothing of the kind. Each run draws a few messages together with their bytes.
 */
import {
  decodeElectionHello,
  decodeNotification,
  ElectionHelloError,
  encodeElectionHello,
  encodeNotification,
} from "@jute-ts/quorum/wire";
import { ProtocolViolation } from "@jute-ts/quorum";
import { InvariantViolation } from "../checkers/checker.js";
import { equalBytes } from "../model/equal-bytes.js";
import { joined } from "../model/plain-bytes.js";
import type { Random } from "../world/random.js";
import {
  bytesOfHello,
  bytesOfNotification,
  drawHello,
  drawHelloBytes,
  drawNotification,
  drawNotificationBytes,
} from "./drawn-bytes.js";

/** How servers write and read. */
export interface ElectionCodec {
  readonly encodeNotification: typeof encodeNotification;
  readonly decodeNotification: typeof decodeNotification;
  readonly encodeHello: typeof encodeElectionHello;
  readonly decodeHello: typeof decodeElectionHello;
}

const SERVERS: ElectionCodec = {
  encodeNotification,
  decodeNotification,
  encodeHello: encodeElectionHello,
  decodeHello: decodeElectionHello,
};

/** Throws InvariantViolation when messages that are drawn now are not written or read as they should be. */
export function judgeElectionBytes(random: Random, codec: ElectionCodec = SERVERS): void {
  const notification = drawNotification(random);
  if (!equalBytes(codec.encodeNotification(notification), bytesOfNotification(notification)))
    throw violation("writes another notification", notification);
  judgeLongest(random, codec);
  for (const { what, bytes, message } of drawNotificationBytes(random))
    judgeRead(`a notification ${what}`, message, () => codec.decodeNotification(bytes));
  const hello = drawHello(random);
  if (!equalBytes(codec.encodeHello(hello), bytesOfHello(hello)))
    throw violation("writes another hello", hello);
  for (const { what, bytes, message, length } of drawHelloBytes(random)) {
    const expected = message === undefined ? undefined : { hello: message, length };
    // More may have come already, and the bytes may lie anywhere.
    const whole = joined(Uint8Array.of(1), bytes, Uint8Array.of(9, 9)).subarray(1);
    judgeRead(`a hello ${what}`, expected, () => codec.decodeHello(whole));
    if (message === undefined) continue;
    const cut = random.integer(0, length - 1);
    if (codec.decodeHello(bytes.subarray(0, cut)) !== undefined)
      throw violation(`reads a hello ${what} from its first ${cut} bytes`, message);
  }
}

/** No frame is longer than 64 KiB: what does not fit is not written. */
function judgeLongest(random: Random, codec: ElectionCodec): void {
  const notification = drawNotification(random);
  codec.encodeNotification({ ...notification, configuration: LONGEST });
  try {
    codec.encodeNotification({ ...notification, configuration: TOO_LONG });
  } catch (error) {
    if (error instanceof RangeError) return;
    throw error;
  }
  throw violation("writes a notification that nobody reads", notification);
}

function judgeRead(what: string, expected: unknown, read: () => unknown): void {
  let found: unknown;
  try {
    found = read();
  } catch (error) {
    const isRefusal = error instanceof ElectionHelloError || error instanceof ProtocolViolation;
    if (!isRefusal) throw error;
    if (expected === undefined) return;
    throw violation(`refuses ${what} (${error.message})`, expected);
  }
  if (expected === undefined) throw violation(`believes ${what}`, found);
  if (shown(found) !== shown(expected))
    throw violation(`reads ${what} as ${shown(found)}`, expected);
}

/** As text that is equal for equal values, whatever the order of their fields. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === "bigint") return `${each}n`;
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function violation(what: string, message: unknown): InvariantViolation {
  return new InvariantViolation("ElectionBytes", `a server ${what}: ${shown(message)}`);
}

/** Made once for all runs: texts as long as these take long to make. */
const LONGEST = "x".repeat(65_536 - 44);
const TOO_LONG = `${LONGEST}x`;
