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
        onPacketRead: () => undefined,
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

  it("refuses a dial when nobody listens", () => {
    const bench = new Bench();
    bench.network.dial(1, 0, 7);
    bench.run();
    expect(bench.events).toEqual([
      { index: 1, event: { kind: "connectFailed", attempt: 7, text: "refused" } },
    ]);
  });

  it("leaves a dial unanswered behind a block, and gives up in the end", () => {
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
