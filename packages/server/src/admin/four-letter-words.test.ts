import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PeerStatus } from "@jute-ts/quorum";
import { AdminCommands } from "./admin-commands.js";
import { PeerMetrics } from "./peer-metrics.js";

const NOT_SERVING = "This ZooKeeper instance is not currently serving requests\n";

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

describe("four-letter words", () => {
  it("tell the mode of a server that serves", () => {
    for (const command of ["srvr", "stat"]) {
      expect(commandsOf(true).answer(command)).toContain("\nMode: follower\nNode count: 3\n");
    }
    expect(commandsOf(true).answer("isro")).toBe("rw");
    expect(commandsOf(true).answer("mntr")).toContain("zk_server_state\tfollower\n");
  });

  // What Apache ZooKeeper 3.8.0 answers while it looks for a leader.
  it.each([
    ["ruok", "imok"],
    ["isro", "null"],
    ["srvr", NOT_SERVING],
    ["stat", NOT_SERVING],
    ["mntr", NOT_SERVING],
    ["conf", NOT_SERVING],
  ])("are answered before in Java's words: %s", (command, answer) => {
    expect(commandsOf(false).answer(command)).toBe(answer);
  });

  it("name a release that tools can read, and this package's version", () => {
    const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    const [first] = (commandsOf(true).answer("srvr") ?? "").split("\n");
    expect(first).toMatch(/^Zookeeper version: \d+\.\d+\.\d+-/u);
    expect(first?.endsWith(`-${version}`)).toBe(true);
    expect(commandsOf(true).answer("mntr")).toContain(`-${version}\n`);
  });
});
