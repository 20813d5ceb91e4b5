/** What the command line and the tests run: real peers, every client and every checker. */
import { allCheckers } from "../checkers/all-checkers.js";
import { judgeConfigurationTexts } from "../configurations/judge-texts.js";
import { drawClients } from "../clients/draw-clients.js";
import { judgeDirectories } from "../directories/judge-directories.js";
import { judgeLiveDigests } from "../digests/judge-live-digests.js";
import { judgeElectionBytes } from "../election-bytes/judge-election-bytes.js";
import {
  planFaults,
  planMisstatements,
  planOlderLosses,
  planTakenPorts,
} from "../faults/plan-faults.js";
import { judgePacketBytes } from "../packet-bytes/judge-packet-bytes.js";
import { judgeTrees } from "../trees/judge-trees.js";
import { judgeVotes } from "../votes/judge-votes.js";
import { quorumKit } from "../world/quorum-kit.js";
import type { Cast } from "./run-seed.js";

export const standardCast: Cast = {
  kit: quorumKit,
  newCheckers: (settings) => allCheckers(settings),
  judgesBesides: {
    texts: judgeConfigurationTexts,
    electionBytes: judgeElectionBytes,
    directories: judgeDirectories,
    liveDigests: judgeLiveDigests,
    votes: judgeVotes,
    trees: judgeTrees,
    packets: judgePacketBytes,
  },
  newClients: (random, settings) => drawClients(random, settings),
  planFaults(random, settings, safetyMs) {
    const plan = [...planFaults(random, settings, safetyMs)];
    plan.push(...planOlderLosses(random, settings, safetyMs, plan.length + 1));
    plan.push(...planMisstatements(random, settings, safetyMs, plan.length + 1));
    plan.push(...planTakenPorts(random, settings, safetyMs, plan.length + 1));
    return plan;
  },
};
