/** Messages of the election port from JSON. */
import type { JsonObject } from "@jute-ts/runtime";
import { BinaryOutputArchive, JuteJsonError } from "@jute-ts/runtime";
import { intIn, longIn, textIn } from "./json-reading.js";

/** A hello. Without addresses it is the sid alone, as before there were versions. */
export function encodeHello(message: JsonObject): Uint8Array {
  const output = new BinaryOutputArchive();
  const addresses = textIn(message, "addresses");
  const sid = longIn(message, "sid");
  if (addresses !== null) output.writeLong(longIn(message, "version", ONE_ADDRESS));
  output.writeLong(sid);
  if (addresses !== null) output.writeString(addresses);
  return output.toBytes();
}

/** A notification, in the generation that its fields make. */
export function encodeNotification(message: JsonObject): Uint8Array {
  const output = new BinaryOutputArchive();
  output.writeInt(stateOf(message));
  output.writeLong(longIn(message, "leader"));
  output.writeLong(longIn(message, "zxid"));
  output.writeLong(longIn(message, "electionEpoch"));
  if ((message["peerEpoch"] ?? null) === null) return output.toBytes();
  output.writeLong(longIn(message, "peerEpoch"));
  const configuration = textIn(message, "configuration");
  const version = (message["version"] ?? null) === null ? undefined : intIn(message, "version");
  output.writeInt(version ?? (configuration === null ? 1 : WITH_CONFIGURATION));
  if (configuration !== null) output.writeString(configuration);
  return output.toBytes();
}

function stateOf(message: JsonObject): number {
  const { state } = message;
  if (typeof state === "number") return intIn(message, "state");
  const code = typeof state === "string" ? STATES.indexOf(state.toLowerCase()) : -1;
  if (code < 0) throw new JuteJsonError("state", `one of ${STATES.join(", ")}`, state);
  return code;
}

/** A state's code is its place. */
const STATES: readonly string[] = ["looking", "following", "leading", "observing"];
const ONE_ADDRESS = -65536n;
const WITH_CONFIGURATION = 2;
