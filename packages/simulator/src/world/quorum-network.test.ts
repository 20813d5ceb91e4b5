import { describe, expect, it } from "vitest";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { EventQueue } from "./event-queue.js";
import type { PeerEvent } from "./peer-event.js";
import { QuorumNetwork } from "./quorum-network.js";
import { Random } from "./random.js";
import { Reachability } from "./reachability.js";

const UPTODATE: OutgoingPacket = { kind: "UPTODATE" };

/** Three processes that write down what reaches them. Peer 0 leads. */
class Bench {
  readonly queue = new EventQueue();
  readonly up = [true, true, true];
  readonly running = [true, true, true];
  readonly lives = [1, 1, 1];
  readonly events: { index: number; event: PeerEvent }[] = [];
  /** What has been read whole, and by whom. */
  readonly read: string[] = [];
  readonly reachability: Reachability;
  readonly network: QuorumNetwork;

  constructor(identifiesLearners = false) {
    this.reachability = new Reachability(3, (_layer, from, to) => {
      this.network.kick(from, to);
    });
    const random = new Random(1);
    this.network = new QuorumNetwork(
      this.queue,
      () => random,
      this.reachability,
      {
        pipe: {
          minLatencyMs: 1,
          meanExtraLatencyMs: 0.1,
          splitProbability: 0,
          windowBytes: 1000,
        },
        dialTimeoutMs: 5000,
        identifiesLearners,
      },
      () => new Uint8Array(10),
      {
        sids: [10n, 11n, 12n],
        isUp: (index) => this.up[index] === true,
        isRunning: (index) => this.up[index] === true && this.running[index] === true,
        afterInLife: (index, delayMs, call) => {
          const life = this.lives[index];
          this.queue.after(delayMs, () => {
            if (this.lives[index] === life) call();
          });
        },
        deliver: (index, event) => {
          this.events.push({ index, event });
        },
        onPacketRead: (_from, to, _connection, { kind }) => {
          this.read.push(`${to} ${kind}`);
        },
        onMisstatementRead: (_from, to, _connection, { what }) => {
          this.read.push(`${to} ${what}`);
        },
      },
    );
  }

  run(): void {
    while (this.queue.advance());
  }

  kinds(index: number): string[] {
    return this.events.filter((each) => each.index === index).map(({ event }) => event.kind);
  }

  connected(): { readonly leader: number; readonly learner: number } {
    this.network.listen(0);
    this.network.dial(1, 0, 7);
    this.run();
    const ids = this.events.flatMap(({ event }) =>
      "connection" in event ? [event.connection] : [],
    );
    const leader = ids.find((id) => this.network.endpoint(id).owner === 0);
    const learner = ids.find((id) => this.network.endpoint(id).owner === 1);
    if (leader === undefined || learner === undefined) throw new Error("not connected");
    this.events.length = 0;
    return { leader, learner };
  }
}

describe("the quorum network", () => {
  it("connects a learner with a leader that listens, and names each end for its owner", () => {
    const bench = new Bench(true);
    bench.network.listen(0);
    bench.network.dial(1, 0, 7);
    bench.run();
    const [accepted, connected] = ["accepted", "connected"].map((kind) =>
      bench.events.find(({ event }) => event.kind === kind),
    );
    expect(accepted).toMatchObject({ index: 0, event: { provenSids: [11n] } });
    expect(connected).toMatchObject({ index: 1, event: { attempt: 7 } });
  });

  it("is never later than it may be, with dials as with packets", () => {
    const bench = new Bench();
    const lateness = (): { readonly dialMs: number; readonly packetMs: number } => {
      bench.events.length = 0;
      const dialledMs = bench.queue.nowMs;
      const { leader } = bench.connected();
      const sentMs = bench.queue.nowMs;
      bench.network.send(leader, UPTODATE);
      while (!bench.kinds(1).includes("received")) bench.queue.advance();
      return { dialMs: sentMs - dialledMs, packetMs: bench.queue.nowMs - sentMs };
    };
    const usual = lateness();
    expect(usual.dialMs).toBeGreaterThan(2);
    expect(usual.packetMs).toBeGreaterThan(1);
    bench.network.boundLatency(0);
    const bounded = lateness();
    expect(bounded.dialMs).toBeCloseTo(2, 9);
    expect(bounded.packetMs).toBeCloseTo(1, 9);
  });

  it("refuses a dial when nobody listens", () => {
    const bench = new Bench();
    bench.network.dial(1, 0, 7);
    bench.run();
    expect(bench.events).toEqual([
      { index: 1, event: { kind: "connectFailed", attempt: 7, text: "refused" } },
    ]);
  });

  it("leaves a dial unanswered after a block, and gives up in the end", () => {
    const bench = new Bench();
    bench.network.listen(0);
    bench.reachability.block("quorum", 0, 1);
    bench.network.dial(1, 0, 7);
    bench.run();
    expect(bench.kinds(1)).toEqual(["connectFailed"]);
    expect(bench.queue.nowMs).toBeGreaterThan(2000);
  });

  it("opens a connection for a process that sleeps, and tells it when it wakes", () => {
    const bench = new Bench();
    bench.network.listen(0);
    bench.running[0] = false;
    bench.network.dial(1, 0, 7);
    bench.run();
    expect(bench.kinds(1)).toEqual(["connected"]);
    expect(bench.kinds(0)).toEqual([]);
    bench.running[0] = true;
    bench.network.resumed(0);
    expect(bench.kinds(0)).toEqual(["accepted"]);
  });

  it("never answers the dial of a process that has ended", () => {
    const bench = new Bench();
    bench.network.listen(0);
    bench.network.dial(1, 0, 7);
    bench.queue.advance();
    bench.lives[1] = 2;
    bench.network.processEnded(1, false);
    bench.run();
    expect(bench.kinds(1)).toEqual([]);
    expect(bench.kinds(0)).toEqual(["accepted", "disconnected"]);
  });

  it("tells only the other end when one end is closed", () => {
    const bench = new Bench();
    const { leader, learner } = bench.connected();
    bench.network.close(leader);
    bench.network.send(learner, UPTODATE);
    bench.run();
    expect(bench.kinds(0)).toEqual([]);
    expect(bench.kinds(1)).toContain("disconnected");
  });

  it("tells both ends when the connection is cut", () => {
    const bench = new Bench();
    bench.connected();
    expect(bench.network.cut(0, 1)).toBe(1);
    bench.run();
    expect(bench.kinds(0)).toEqual(["disconnected"]);
    expect(bench.kinds(1)).toEqual(["disconnected"]);
  });

  it("breaks the connection on which the packet is sent that was waited for, and no other", () => {
    const bench = new Bench();
    const { leader } = bench.connected();
    let broken = 0;
    bench.network.breakAt("UPTODATE", 2, () => {
      broken += 1;
    });
    bench.network.send(leader, { kind: "DIFF", zxid: 0n });
    bench.network.send(leader, UPTODATE);
    bench.run();
    expect([...bench.kinds(0), ...bench.kinds(1)]).not.toContain("disconnected");
    bench.network.send(leader, UPTODATE);
    expect(broken).toBe(1);
    bench.run();
    expect(bench.kinds(0)).toContain("disconnected");
    expect(bench.kinds(1)).toContain("disconnected");
  });

  it.each([
    ["malformed", ["1 DIFF", "1 nonsense"]],
    ["needless", ["1 DIFF", "1 nonsense", "1 UPTODATE"]],
  ] as const)("has something said before a packet, which is %s", (rule, read) => {
    const bench = new Bench();
    const { leader } = bench.connected();
    bench.network.misstateAt("UPTODATE", 1, (from, to, packet) => {
      expect([from, to, packet]).toEqual([0, 1, UPTODATE]);
      return { kind: "MISSTATEMENT", what: "nonsense", rule, bytes: new Uint8Array(3) };
    });
    bench.network.send(leader, { kind: "DIFF", zxid: 0n });
    bench.network.send(leader, UPTODATE);
    bench.run();
    // What follows something that breaks a rule is not shown: nobody may have read it.
    expect(bench.read).toEqual(read);
  });

  it("says nothing any more that was to be said once that is forgotten", () => {
    const bench = new Bench();
    const { leader } = bench.connected();
    bench.network.misstateAt("UPTODATE", 1, () => {
      throw new Error("it is forgotten");
    });
    bench.network.forgetAwaited();
    bench.network.send(leader, UPTODATE);
    bench.run();
    expect(bench.read).toEqual(["1 UPTODATE"]);
  });

  it("leaves the other end in the dark when a machine vanishes, until it is back", () => {
    const bench = new Bench();
    const { learner } = bench.connected();
    bench.up[0] = false;
    bench.network.processEnded(0, true);
    bench.network.send(learner, UPTODATE);
    bench.run();
    expect(bench.kinds(1)).not.toContain("disconnected");
    bench.up[0] = true;
    bench.network.machineIsBack(0);
    bench.run();
    expect(bench.kinds(1)).toContain("disconnected");
  });

  it("says when everything that was sent has left", () => {
    const bench = new Bench();
    const { leader } = bench.connected();
    bench.network.send(leader, UPTODATE);
    bench.network.send(leader, UPTODATE);
    bench.run();
    expect(bench.kinds(0)).toEqual(["drained"]);
    expect(new Set(bench.kinds(1))).toEqual(new Set(["received"]));
  });
});
