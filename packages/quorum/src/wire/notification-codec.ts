/**
 * Notifications as bytes: the payload of an election frame. Three generations
 * are read and the last is written. What a notification means, and whether its
 * sender may vote, is not known here.
 *
 *   offset  0  int   the sender's state
 *           4  long  the proposed leader
 *          12  long  its last zxid
 *          20  long  the sender's round
 *          28  long  the proposed leader's epoch    not in the first generation
 *          36  int   version                        in the second, but not to be read
 *          40  int   length of the configuration    from version 2 on
 *          44        the configuration, UTF-8
 */
import { JuteDecodeError, stringByteLength } from "@jute-ts/runtime";
import { finishEncoding, startDecoding, startEncoding } from "@jute-ts/runtime/codegen";
import { ProtocolViolation } from "../protocol-violation.js";
import type { Notification, ServerState } from "./notification.js";

/** The version that servers write since configurations can change while an ensemble runs. */
export const NOTIFICATION_VERSION = 2;

/** No frame of the election is longer. Java allows eight times as much, and sends a few hundred bytes. */
export const MAX_NOTIFICATION_BYTES = 65_536;

/**
 * The payload of a frame, owned by the caller. Always written as the last
 * generation, whatever `version` says; a missing configuration becomes the empty
 * text. Throws a RangeError when the configuration is too long for a frame: no
 * server would read it.
 */
export function encodeNotification(notification: Notification): Uint8Array {
  const configuration = notification.configuration ?? "";
  const size = WITH_CONFIGURATION_BYTES + stringByteLength(configuration);
  if (size > MAX_NOTIFICATION_BYTES) {
    throw new RangeError(
      `A notification with this configuration takes ${size} bytes, and at most ` +
        `${MAX_NOTIFICATION_BYTES} are read. The ensemble has too many servers for one message.`,
    );
  }
  const output = startEncoding();
  output.writeInt(STATES.indexOf(notification.state));
  output.writeLong(notification.leader);
  output.writeLong(notification.zxid);
  output.writeLong(notification.electionEpoch);
  output.writeLong(notification.peerEpoch);
  output.writeInt(NOTIFICATION_VERSION);
  output.writeString(configuration);
  return finishEncoding(output);
}

/**
 * Reads the payload of a frame. The bytes are only borrowed. What follows a
 * notification is ignored, as a later generation may add to it. Throws a
 * ProtocolViolation of the rule "malformed" when the bytes are no notification;
 * a configuration that is no UTF-8 does not make the vote worthless and is
 * undefined.
 */
export function decodeNotification(bytes: Uint8Array): Notification {
  checkSize(bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const zxid = view.getBigInt64(12);
  const isFirstGeneration = bytes.length === FIRST_GENERATION_BYTES;
  const version = bytes.length <= SECOND_GENERATION_BYTES ? 0 : view.getInt32(36);
  return {
    state: stateOf(view.getInt32(0)),
    leader: view.getBigInt64(4),
    zxid,
    electionEpoch: view.getBigInt64(20),
    // Before there were epochs of their own, a leader's was that of its last txn.
    peerEpoch: isFirstGeneration ? zxid >> 32n : view.getBigInt64(28),
    version,
    configuration: version < NOTIFICATION_VERSION ? undefined : readConfiguration(bytes, view),
  };
}

/** Refuses what no generation is as long as. */
function checkSize(size: number): void {
  const isGeneration =
    size === FIRST_GENERATION_BYTES ||
    size === SECOND_GENERATION_BYTES ||
    (size >= WITH_CONFIGURATION_BYTES && size <= MAX_NOTIFICATION_BYTES);
  if (!isGeneration) {
    throw malformed(
      `${size} bytes are no notification, which takes ${FIRST_GENERATION_BYTES}, ` +
        `${SECOND_GENERATION_BYTES} or ${WITH_CONFIGURATION_BYTES} to ${MAX_NOTIFICATION_BYTES}`,
    );
  }
}

function stateOf(code: number): ServerState {
  const state = STATES[code];
  if (state === undefined) {
    throw malformed(`a sender's state is 0 to ${STATES.length - 1}, not ${code}`);
  }
  return state;
}

function readConfiguration(bytes: Uint8Array, view: DataView): string | undefined {
  const length = view.getInt32(40);
  const available = bytes.length - WITH_CONFIGURATION_BYTES;
  if (length < 0 || length > available) {
    throw malformed(`a configuration of ${length} bytes, of which ${available} are there`);
  }
  const input = startDecoding(bytes.subarray(40), { maxBuffer: MAX_NOTIFICATION_BYTES });
  try {
    return input.readString() ?? undefined;
  } catch (error) {
    if (error instanceof JuteDecodeError && error.kind === "utf8") return undefined;
    throw error;
  } finally {
    input.release();
  }
}

function malformed(text: string): ProtocolViolation {
  return new ProtocolViolation("malformed", text, "notification");
}

/** A state's code is its place. */
const STATES: readonly ServerState[] = ["looking", "following", "leading", "observing"];

const FIRST_GENERATION_BYTES = 28;
const SECOND_GENERATION_BYTES = 40;
const WITH_CONFIGURATION_BYTES = 44;
