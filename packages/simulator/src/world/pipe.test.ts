import { describe, expect, it } from "vitest";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { EventQueue } from "./event-queue.js";
import { Pipe, type PipeConditions } from "./pipe.js";
import { Random } from "./random.js";

const CONDITIONS: PipeConditions = {
  minLatencyMs: 1,
  meanExtraLatencyMs: 5,
  splitProbability: 0.5,
  windowBytes: 50,
};

/** A pipe with somebody at its end who writes down what arrives. */
class Bench {
  readonly queue = new EventQueue();
  readonly pipe: Pipe;
  readonly received: number[] = [];
  readonly packets: string[] = [];
  readonly reads: Uint8Array[] = [];
  end: string | undefined;
  drained = 0;
  isBlocked = false;
  isReverseBlocked = false;
  isReading = true;
  held: OutgoingPacket["kind"] | undefined;
  #sent = 0;

  constructor(seed: number, conditions = CONDITIONS) {
    this.pipe = new Pipe(this.queue, new Random(seed), conditions, {
      isBlocked: () => this.isBlocked,
      isReverseBlocked: () => this.isReverseBlocked,
      isReading: () => this.isReading,
      holdsAny: () => this.held !== undefined,
      isHeld: (packet) => packet.kind === this.held,
      onPacket: (packet) => this.packets.push(packet.kind),
      onBytes: (bytes) => {
        this.reads.push(bytes);
        this.received.push(...bytes);
      },
      onDrained: () => (this.drained += 1),
      onEnd: (text) => (this.end = text),
    });
  }

  /** Sends bytes that count on from the last ones. */
  send(length: number, packet: OutgoingPacket = { kind: "UPTODATE" }): void {
    const bytes = Uint8Array.from({ length }, () => this.#sent++ & 0xff);
    this.pipe.send(packet, bytes);
  }

  run(): void {
    while (this.queue.advance());
  }
}

function counting(length: number): number[] {
  return Array.from({ length }, (_, at) => at & 0xff);
}

describe("one direction of a connection", () => {
  it("delivers every byte once and in order, cut anywhere", () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const bench = new Bench(seed);
      const random = new Random(seed);
      let sent = 0;
      for (let count = 0; count < 30; count += 1) {
        const length = random.integer(1, 40);
        sent += length;
        bench.queue.after(random.fraction() * 20, () => {
          bench.send(length);
        });
      }
      bench.run();
      expect(bench.received).toEqual(counting(sent));
      expect(bench.packets).toHaveLength(30);
      expect(bench.drained).toBeGreaterThan(0);
    }
  });

  it("delivers a prefix and then the end when it is cut, never a hole", () => {
    const lengths = new Set<number>();
    for (let seed = 1; seed <= 300; seed += 1) {
      const bench = new Bench(seed);
      for (let count = 0; count < 5; count += 1) bench.send(7);
      bench.queue.after(3, () => {
        bench.pipe.finish("cut", false);
      });
      bench.run();
      expect(bench.received).toEqual(counting(bench.received.length));
      expect(bench.end).toBe("cut");
      lengths.add(bench.received.length);
    }
    expect(lengths.size).toBeGreaterThan(20);
  });

  it("delivers everything before the end when the sender leaves in good order", () => {
    const bench = new Bench(1);
    bench.send(200);
    bench.pipe.finish("bye", true);
    bench.run();
    expect(bench.received).toEqual(counting(200));
    expect(bench.end).toBe("bye");
  });

  it("never tells of an end when the sender falls silent", () => {
    const bench = new Bench(1);
    bench.send(20);
    bench.pipe.fallSilent();
    bench.run();
    expect(bench.received).toEqual(counting(20));
    expect(bench.end).toBeUndefined();
  });

  it("is never later than it may be", () => {
    for (const maxExtraLatencyMs of [0, 2, undefined]) {
      const lateness = Array.from({ length: 100 }, (_, seed) => {
        const bench = new Bench(seed, {
          ...CONDITIONS,
          splitProbability: 0,
          ...(maxExtraLatencyMs === undefined ? {} : { maxExtraLatencyMs }),
        });
        bench.send(10);
        bench.run();
        expect(bench.received).toHaveLength(10);
        return bench.queue.nowMs;
      });
      const longestMs = Math.max(...lateness);
      if (maxExtraLatencyMs === undefined) expect(longestMs).toBeGreaterThan(3);
      else expect(longestMs).toBe(1 + maxExtraLatencyMs);
    }
  });

  it("keeps no more than a window on the wire while nobody reads, and goes on later", () => {
    const bench = new Bench(1);
    bench.isReading = false;
    bench.send(200);
    bench.run();
    expect(bench.received).toEqual([]);
    expect(bench.drained).toBe(0);
    bench.isReading = true;
    bench.pipe.kick();
    bench.run();
    expect(bench.received).toEqual(counting(200));
    expect(bench.drained).toBe(1);
  });

  it("sends again what a block held up", () => {
    const bench = new Bench(1);
    bench.send(30);
    bench.isBlocked = true;
    bench.run();
    expect(bench.received).toEqual([]);
    bench.isBlocked = false;
    bench.pipe.kick();
    bench.run();
    expect(bench.received).toEqual(counting(30));
  });

  it("stops at a window when no acknowledgement comes back", () => {
    const bench = new Bench(1);
    bench.isReverseBlocked = true;
    bench.send(200);
    bench.run();
    expect(bench.received).toEqual(counting(50));
    bench.isReverseBlocked = false;
    bench.pipe.kick();
    bench.run();
    expect(bench.received).toEqual(counting(200));
  });

  it("reads in drops when the reader is slow", () => {
    const bench = new Bench(1, { ...CONDITIONS, windowBytes: 1000 });
    bench.pipe.readSlowly(10);
    bench.send(500);
    bench.run();
    expect(bench.received).toEqual(counting(500));
    expect(bench.reads.every((read) => read.length <= 64)).toBe(true);
    expect(bench.queue.nowMs).toBeGreaterThan(70);
  });

  it("holds a packet of a kind, and all that follows, until it is let go", () => {
    const bench = new Bench(1);
    bench.held = "SYNC";
    bench.send(5);
    bench.send(5, { kind: "SYNC" });
    bench.send(5);
    bench.run();
    expect(bench.received).toEqual(counting(5));
    bench.held = undefined;
    bench.pipe.kick();
    bench.run();
    expect(bench.packets).toEqual(["UPTODATE", "SYNC", "UPTODATE"]);
  });

  it("takes back the bytes that it lent", () => {
    const bench = new Bench(1);
    bench.send(10);
    bench.run();
    expect(bench.reads.flatMap((read) => [...read]).every((byte) => byte === 0xa5)).toBe(true);
  });
});
