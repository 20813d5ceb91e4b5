/** What happens between two roles, when the disk fails, and when nothing makes sense. */
import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../test/memory-disk.js";
import { PeerHarness, TO_LEADER } from "../test/peer-harness.js";
import { makeTxn, makeTxns, snapshotPackets } from "../test/register-state.js";
import { makeZxid } from "@jute-ts/zookeeper";

const lost = { kind: "disconnected", connection: TO_LEADER, text: "reset" } as const;

describe("a newer configuration, by which others decide", () => {
  const text = "server.2=b:1:2:participant\nserver.3=c:1:2:participant\nversion=100000003";
  const least = -(2n ** 63n);

  it("keeps a server whose data have it from standing, and is reported", () => {
    const peer = new PeerHarness();
    peer.state.committedConfiguration = text;
    expect(peer.say({ kind: "start" })).toContain(`notify 2: looking vote ${least} round 1`);
    const report = { kind: "newerConfiguration", from: undefined, version: 0x1_0000_0003n };
    expect(peer.reports).toContainEqual({ ...report, ownVersion: 0n });
  });

  it("keeps a server whose leader had it from standing against that", () => {
    const peer = new PeerHarness();
    peer.follow();
    peer.hear({ kind: "LEADERINFO", epoch: 1 }, { kind: "DIFF", zxid: 0n });
    peer.hear({ kind: "NEWLEADER", epoch: 1, configuration: text });
    expect(peer.reports.at(-1)).toMatchObject({ kind: "newerConfiguration", from: 3n });
    expect(peer.say(lost)).toContain(`notify 3: looking vote ${least} round 2`);
  });
});

describe("between two roles", () => {
  it("everything that was appended becomes durable, then applied, then voted with (ZOOKEEPER-4712, 2845)", () => {
    const peer = new PeerHarness();
    peer.followUpToDate();
    peer.holdFiles = true;
    for (const txn of makeTxns(1, 1, 3)) peer.hear({ kind: "PROPOSAL", txn });
    expect(peer.say(lost)).toEqual([]);
    expect(peer.peer.status()).toMatchObject({ role: "ending", lastDurableZxid: 0n });
    const trace = peer.traceFiles();
    const said = trace.filter((text) => !text.startsWith("*"));
    expect(said).toEqual([
      "applied 1.1 uncommitted",
      "applied 1.2 uncommitted",
      "applied 1.3 uncommitted",
      "connectElection 2,3",
      "notify 2: looking vote 1 round 2",
      "notify 3: looking vote 1 round 2",
    ]);
    // Nothing is written once the vote is out.
    expect(trace.slice(-said.length)).toEqual(said);
    expect(peer.peer.status()).toMatchObject({
      lastProcessedZxid: makeZxid(1, 3),
      lastDurableZxid: makeZxid(1, 3),
    });
  });

  it("requests are refused and connections closed", () => {
    const peer = new PeerHarness();
    peer.followUpToDate();
    peer.holdFiles = true;
    peer.hear({ kind: "PROPOSAL", txn: makeTxn(makeZxid(1, 1)) });
    peer.say(lost);
    expect(peer.submit(1)).toEqual(["answer 1: refused"]);
    expect(peer.say({ kind: "accepted", connection: 50 })).toEqual([
      "close 50: this server does not take part now",
    ]);
  });

  it("an observer waits a little", () => {
    const peer = new PeerHarness({ sid: 4n, observers: 1 });
    peer.followUpToDate();
    expect(peer.say(lost)).toEqual([]);
    expect(peer.pass(99)).toEqual([]);
    expect(peer.pass(1)[0]).toBe("connectElection 1,2,3");
  });
});

describe("a snapshot", () => {
  it("is not taken of a log that no quorum has confirmed (ZOOKEEPER-1549)", () => {
    const disk = MemoryDisk.holding({ txns: makeTxns(1, 1, 5) });
    const peer = new PeerHarness({ disk, storage: { snapCount: 2 } });
    const hasSnapshot = (): boolean =>
      disk.names().some((name) => name.startsWith("snapshot.") && name !== "snapshot.0");
    peer.lead();
    peer.join(2n, { lastZxid: makeZxid(1, 5), currentEpoch: 1 });
    peer.pass(3000);
    expect(hasSnapshot()).toBe(false);
    peer.follow();
    peer.hear({ kind: "LEADERINFO", epoch: 9 }, { kind: "DIFF", zxid: makeZxid(1, 6) });
    const txn = makeTxn(makeZxid(1, 6));
    peer.hear({ kind: "PROPOSAL", txn }, { kind: "COMMIT", zxid: txn.zxid });
    peer.hear({ kind: "NEWLEADER", epoch: 9, configuration: "" });
    expect(hasSnapshot()).toBe(false);
    peer.hear({ kind: "UPTODATE" });
    const live = makeTxn(makeZxid(9, 1));
    peer.hear({ kind: "PROPOSAL", txn: live }, { kind: "COMMIT", zxid: live.zxid });
    expect(hasSnapshot()).toBe(true);
  });
});

describe("a peer that is asked to stop", () => {
  it("leaves its role, answers its clients, and does nothing any more", () => {
    const peer = new PeerHarness();
    peer.establish();
    peer.submit(1);
    expect(peer.say({ kind: "stop" })).toEqual([
      "stopListening",
      "answer 1: unknown",
      "close 12: this server stops",
      "stopped: asked",
    ]);
    expect(peer.submit(2)).toEqual(["answer 2: refused"]);
    expect(peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(1, 1) })).toEqual([]);
    expect(peer.say({ kind: "start" }, { kind: "deadline" })).toEqual([]);
    expect(peer.peer.nextDeadline()).toBeUndefined();
  });
});

type Scene = (peer: PeerHarness) => string[];

/** Lives of which every operation of the disk is made to fail, one after the other. */
const LIVES: Record<string, readonly Scene[]> = {
  "a leader": [
    (peer) => peer.say({ kind: "start" }),
    (peer) => peer.lead(),
    (peer) => peer.join(2n),
    (peer) => peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(1, 0) }),
    (peer) => peer.submit(1),
    (peer) => peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(1, 1) }),
    (peer) => peer.submit(2),
  ],
  "a follower": [
    (peer) => peer.say({ kind: "start" }),
    (peer) => peer.follow(),
    (peer) => peer.hear({ kind: "LEADERINFO", epoch: 1 }),
    (peer) => peer.hear(...snapshotPackets(makeZxid(1, 1), [makeZxid(1, 1)])),
    (peer) => peer.hear({ kind: "NEWLEADER", epoch: 1, configuration: "" }),
    (peer) => peer.hear({ kind: "UPTODATE" }),
    (peer) => peer.hear({ kind: "PROPOSAL", txn: makeTxn(makeZxid(1, 2)) }),
    (peer) => peer.say(lost),
  ],
};

describe.each(Object.keys(LIVES))("when the disk fails, %s", (name) => {
  it("stops, and promises nothing afterwards (ZOOKEEPER-2247, 4882)", () => {
    const scenes = LIVES[name] ?? [];
    const whole = new PeerHarness();
    const allSaid = scenes.flatMap((scene) => scene(whole));
    expect(whole.fileCount).toBeGreaterThan(20);
    for (let failing = 0; failing < whole.fileCount; failing++) {
      const peer = new PeerHarness();
      peer.fails = (_, index) => index === failing;
      const said: string[] = [];
      for (const scene of scenes) {
        if (peer.peer.status().role !== "stopped") said.push(...scene(peer));
      }
      const stopped = said.findIndex((text) => text.startsWith("stopped: "));
      expect(said[stopped], `operation ${failing}`).toBe("stopped: disk");
      // Up to the failure nothing is different; after it nothing is said.
      const before = said.slice(0, stopped).filter((text) => text.startsWith("send"));
      expect(allSaid.filter((text) => text.startsWith("send")).slice(0, before.length)).toEqual(
        before,
      );
      expect(said.slice(stopped + 1)).toEqual([]);
      for (const scene of [
        () => peer.hear({ kind: "PING", zxid: 0n }),
        () => peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(1, 1) }),
        () => peer.releaseFiles(),
      ]) {
        expect(scene()).toEqual([]);
      }
    }
  });
});
