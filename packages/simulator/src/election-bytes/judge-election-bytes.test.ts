import {
  decodeElectionHello,
  decodeNotification,
  encodeElectionHello,
  encodeNotification,
} from "@jute-ts/quorum/wire";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { Random } from "../world/random.js";
import { type ElectionCodec, judgeElectionBytes } from "./judge-election-bytes.js";

const SERVERS: ElectionCodec = {
  encodeNotification,
  decodeNotification,
  encodeHello: encodeElectionHello,
  decodeHello: decodeElectionHello,
};

/** What is said of a codec over some draws; undefined when nothing is. */
function whatIsSaidOf(change: Partial<ElectionCodec>): string | undefined {
  for (let seed = 1; seed <= effort(300, 50); seed += 1) {
    try {
      judgeElectionBytes(new Random(seed), { ...SERVERS, ...change });
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}

describe("messages of the election port", () => {
  it("are written and read by servers as Apache's do", () => {
    expect(whatIsSaidOf({})).toBeUndefined();
  });

  it("must be written so", () => {
    const later: ElectionCodec["encodeNotification"] = (message) =>
      encodeNotification({ ...message, electionEpoch: message.electionEpoch + 1n });
    expect(whatIsSaidOf({ encodeNotification: later })).toContain("writes another notification");
    const patient: ElectionCodec["encodeNotification"] = (message) =>
      encodeNotification({ ...message, configuration: message.configuration?.slice(0, 1000) });
    expect(whatIsSaidOf({ encodeNotification: patient })).toContain("that nobody reads");
    const nameless: ElectionCodec["encodeHello"] = ({ sid, addresses }) =>
      encodeElectionHello({ sid, addresses: addresses.slice(0, 1) });
    expect(whatIsSaidOf({ encodeHello: nameless })).toContain("writes another hello");
  });

  it("must be read so, whole, cut or followed by others", () => {
    const modern: ElectionCodec["decodeNotification"] = (bytes) => ({
      ...decodeNotification(bytes),
      peerEpoch: 1n,
    });
    expect(whatIsSaidOf({ decodeNotification: modern })).toContain("reads a notification");
    const hasty: ElectionCodec["decodeHello"] = (bytes) =>
      decodeElectionHello(bytes) ?? { hello: { sid: 0n, addresses: [] }, length: 0 };
    expect(whatIsSaidOf({ decodeHello: hasty })).toMatch(/reads a hello .* from its first/);
    const greedy: ElectionCodec["decodeHello"] = (bytes) => {
      const read = decodeElectionHello(bytes);
      return read && { ...read, length: bytes.length };
    };
    expect(whatIsSaidOf({ decodeHello: greedy })).toContain("reads a hello");
  });

  it("must be refused where they are none", () => {
    const believing: ElectionCodec["decodeNotification"] = (bytes) => {
      const whole = new Uint8Array(Math.max(44, Math.min(bytes.length, 65_536)));
      whole.set(bytes.subarray(0, whole.length));
      return decodeNotification(bytes.length === 28 || bytes.length === 40 ? bytes : whole);
    };
    expect(whatIsSaidOf({ decodeNotification: believing })).toContain("believes a notification");
  });
});
