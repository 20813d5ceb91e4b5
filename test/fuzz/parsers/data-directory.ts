/**
 * A whole data directory, of which one file is hostile. The peer that finds it
 * must start with what can be trusted or stop with a reason, and what it starts
 * with must be there again the next time.
 */
import { PeerHarness } from "../../../packages/quorum/test/peer-harness.js";
import { MemoryDisk } from "../../../packages/quorum/test/memory-disk.js";
import { makeTxns } from "../../../packages/quorum/test/register-state.js";
import { sampleLog } from "../../../packages/persistence/test/sample-logs.js";
import { encodeEpochFile } from "@jute-ts/persistence";
import type { FuzzedParser } from "../fuzzed-parser.js";
import { withChecksums } from "./logs.js";

const FIRST = "log.100000001";
const SECOND = "log.100000005";
const txns = makeTxns(1, 1, 8);
const logOf = (from: number, to: number): Uint8Array =>
  sampleLog(
    txns.slice(from, to).map(({ bytes }) => bytes),
    64,
  );

/** The files whose place the input takes; those of the epochs are small and have a parser of their own. */
const PLACES = [
  { directory: "log", name: FIRST },
  { directory: "log", name: SECOND },
  { directory: "log", name: SECOND },
  { directory: "data", name: "snapshot.100000004" },
  { directory: "data", name: "currentEpoch" },
] as const;

export const dataDirectory: FuzzedParser = {
  name: "data-directory",
  samples: [logOf(0, 4), logOf(4, 8), logOf(0, 8), encodeEpochFile(1)],
  repair: withChecksums,
  begin: (random) => {
    const disk = new MemoryDisk();
    disk.put({ directory: "log", name: FIRST }, logOf(0, 4));
    disk.put({ directory: "log", name: SECOND }, logOf(4, 8));
    for (const name of ["currentEpoch", "acceptedEpoch"]) {
      disk.put({ directory: "data", name }, encodeEpochFile(1));
    }
    const place = random.pick(PLACES);
    return (input) => {
      disk.put(place, input);
      const recovered = recoveredFrom(disk);
      if (recovered === undefined) return "refused";
      const again = recoveredFrom(disk);
      if (again !== recovered) throw new Error(`${recovered} became ${again ?? "nothing"}`);
      return "accepted";
    };
  },
};

/** Which txns a peer has after its start; undefined when it does not start. */
function recoveredFrom(disk: MemoryDisk): string | undefined {
  const peer = new PeerHarness({ disk });
  const stopped = peer.step({ kind: "start" }).some((effect) => effect.kind === "stopped");
  return stopped ? undefined : peer.state.applied.map((zxid) => zxid.toString(16)).join(" ");
}
