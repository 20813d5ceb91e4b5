/** The client port: what anybody may send there, in place of a four-letter command. */
import { AdminCommands } from "../../../packages/server/src/admin/admin-commands.js";
import { PeerMetrics } from "../../../packages/server/src/admin/peer-metrics.js";
import type { FuzzedParser } from "../fuzzed-parser.js";

const COMMANDS = ["ruok", "srvr", "stat", "mntr", "conf", "isro"];

export const fourLetterWords: FuzzedParser = {
  name: "four-letter-words",
  samples: [...COMMANDS, "envi", "kill", "ruok\n"].map((word) => new TextEncoder().encode(word)),
  words: COMMANDS,
  begin: (random) => {
    const commands = new AdminCommands({
      host: "127.0.0.1",
      port: 0,
      allowed: random.pick([["*"], ["srvr"], []]),
      metrics: () => new PeerMetrics(1n),
      nodeCount: () => 5,
      configuration: [["tickTime", "2000"]],
    });
    return (input) => {
      const answer = commands.answer(Buffer.from(input).toString("latin1"));
      return answer === undefined ? "refused" : "accepted";
    };
  },
};
