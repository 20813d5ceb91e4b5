/** The client port: what anybody may send there, in place of a four-letter command. */
import type { PeerStatus } from "@jute-ts/quorum";
import { AdminCommands } from "../../../packages/server/src/admin/admin-commands.js";
import { PeerMetrics } from "../../../packages/server/src/admin/peer-metrics.js";
import type { FuzzedParser } from "../fuzzed-parser.js";

const SERVING: PeerStatus = {
  sid: 1n,
  role: "following",
  phase: "broadcast",
  serving: true,
  leader: 2n,
  acceptedEpoch: 1,
  currentEpoch: 1,
  epoch: 1,
  lastLoggedZxid: 0x100000001n,
  lastDurableZxid: 0x100000001n,
  lastProcessedZxid: 0x100000001n,
  lastCommittedZxid: 0x100000001n,
  outstanding: 0,
  learners: [],
};

const COMMANDS = ["ruok", "srvr", "stat", "mntr", "conf", "isro"];

export const fourLetterWords: FuzzedParser = {
  name: "four-letter-words",
  samples: [...COMMANDS, "envi", "kill", "ruok\n"].map((word) => new TextEncoder().encode(word)),
  words: COMMANDS,
  begin: (random) => {
    const metrics = new PeerMetrics(1n);
    const noFsyncs = { count: 0, totalMs: 0, maxMs: 0 };
    if (random.pick([true, false])) metrics.observe(SERVING, noFsyncs, 0n);
    const commands = new AdminCommands({
      host: "127.0.0.1",
      port: 0,
      allowed: random.pick([["*"], ["srvr"], []]),
      metrics: () => metrics,
      nodeCount: () => 5,
      configuration: [["tickTime", "2000"]],
    });
    return (input) => {
      const answer = commands.answer(Buffer.from(input).toString("latin1"));
      return answer === undefined ? "refused" : "accepted";
    };
  },
};
