/** The messages of the election port: a hello by the side that connects, then notifications in frames. Neither is a Jute record. */
import { quantity } from "../quantity.js";
import { FieldTrace } from "../field-trace.js";
import type { Item } from "../item.js";
import { hexLong } from "../meanings.js";
import { messageItem, type MessageSource, traceFrame } from "./message.js";
import { utf8Text } from "./text.js";
import { quotedText } from "../shown-text.js";

/** Who connects, and where it can be reached. */
export function layHello(source: MessageSource): Item {
  const trace = new FieldTrace(source.bytes, source.offset);
  const first = trace.long("version", (value) => versionNames.get(value) ?? "a server's id alone");
  const isVersioned = first !== undefined && first < 0n;
  const sid = isVersioned ? trace.long("sid", sidMeaning) : first;
  let addresses: string | undefined;
  if (isVersioned) {
    const length = trace.int("addresses", () => "bytes");
    if (length !== undefined) {
      addresses = utf8Text(trace.peek().subarray(0, Math.max(length, 0)));
      trace.raw("addresses.text", Math.max(length, 0), quotedText(addresses));
    }
  }
  const facts = { kind: "hello", name: "hello" } as const;
  const shown = addresses === undefined ? "" : ` addresses=${addresses}`;
  return messageItem(source, facts, trace, {
    detail: `sid=${sid ?? "?"}${shown}`,
    json: {
      version: String(isVersioned ? first : 0n),
      sid: String(sid ?? 0n),
      addresses: addresses ?? null,
    },
  });
}

/** A vote, in any of its three generations (see `decodeNotification`). */
export function layNotification(source: MessageSource): Item {
  const trace = new FieldTrace(source.bytes, source.offset);
  traceFrame(trace, source);
  const size = trace.left;
  const state = trace.int("state", (value) => STATES[value]);
  const leader = trace.long("leader");
  const zxid = trace.long("zxid", hexLong);
  const electionEpoch = trace.long("electionEpoch", hexLong);
  const peerEpoch = size === FIRST_GENERATION_BYTES ? undefined : trace.long("peerEpoch");
  const version = size > FIRST_GENERATION_BYTES ? trace.int("version") : undefined;
  let configuration: string | undefined;
  if (size > SECOND_GENERATION_BYTES && version !== undefined && version > 1) {
    const length = trace.int("configuration", () => "bytes");
    if (length !== undefined && length >= 0 && length <= trace.left) {
      configuration = utf8Text(trace.peek().subarray(0, length));
      trace.raw("configuration.text", length, quotedText(configuration));
    } else if (length !== undefined) {
      const there = `${trace.left} ${trace.left === 1 ? "is" : "are"} there`;
      const reason = `a configuration of ${quantity(length, "byte")}, of which ${there}`;
      trace.fail(reason, { path: "configuration" });
    }
  }
  // A later generation may add to it.
  if (size > SECOND_GENERATION_BYTES && !trace.failed) trace.rest("later", "of a later version");
  const stateName = state === undefined ? "?" : (STATES[state] ?? `state ${state}`);
  if (state !== undefined && STATES[state] === undefined) {
    trace.fail(`a sender's state is 0 to ${STATES.length - 1}, not ${state}`, { path: "state" });
  }
  const facts = { kind: "notification", name: stateName.toUpperCase(), zxid } as const;
  return messageItem(source, facts, trace, {
    detail: `leader=${leader ?? "?"} round=${electionEpoch ?? "?"} peerEpoch=${peerEpoch ?? "-"}`,
    json: {
      state: state ?? null,
      leader: String(leader ?? 0n),
      electionEpoch: String(electionEpoch ?? 0n),
      peerEpoch: peerEpoch === undefined ? null : String(peerEpoch),
      version: version ?? null,
      configuration: configuration ?? null,
    },
  });
}

/** An observer without an id of its own. */
function sidMeaning(sid: bigint): string | undefined {
  return sid === ANONYMOUS ? "an observer without an id" : undefined;
}

const versionNames: ReadonlyMap<bigint, string> = new Map([
  [-65536n, "one address"],
  [-65535n, "several addresses"],
]);

/** A state's code is its place. */
const STATES: readonly string[] = ["looking", "following", "leading", "observing"];
const ANONYMOUS = 0x7fff_ffff_ffff_ffffn;
const FIRST_GENERATION_BYTES = 28;
const SECOND_GENERATION_BYTES = 40;
