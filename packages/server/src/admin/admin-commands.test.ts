import { describe, expect, it } from "vitest";
import type { PeerStatus } from "@jute-ts/quorum";
import { AdminCommands } from "./admin-commands.js";
import { PeerMetrics } from "./peer-metrics.js";

/** The commands of a follower that has, or has not yet, the leader's history. */
function commandsOf(serving: boolean): AdminCommands {
  const status: PeerStatus = {
    sid: 1n,
    role: "following",
    phase: serving ? "broadcast" : "synchronization",
    serving,
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
  const metrics = new PeerMetrics(1n);
  metrics.observe(status, { count: 0, totalMs: 0, maxMs: 0 }, 0n);
  return new AdminCommands({
    host: "127.0.0.1",
    port: 0,
    allowed: ["*"],
    metrics: () => metrics,
    nodeCount: () => 3,
    configuration: [],
  });
}

describe("srvr and stat", () => {
  it("tell the mode of a server that serves", () => {
    for (const command of ["srvr", "stat"]) {
      expect(commandsOf(true).answer(command)).toContain("\nMode: follower\nNode count: 3\n");
    }
  });

  it("tell no mode before, in Java's words, which scripts wait to end", () => {
    for (const command of ["srvr", "stat"]) {
      expect(commandsOf(false).answer(command)).toBe(
        "This ZooKeeper instance is not currently serving requests\n",
      );
    }
  });

  it("leave it to mntr to tell what the server is doing meanwhile", () => {
    expect(commandsOf(false).answer("mntr")).toContain("zk_server_state\tfollower\n");
  });
});
