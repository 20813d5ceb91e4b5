import { describe, expect, it } from "vitest";
import { ElectionNetwork } from "./election-network.js";
import { EventQueue } from "./event-queue.js";
import { Random } from "./random.js";
import { Reachability } from "./reachability.js";

/** Two processes that write down which messages reach them. */
class Bench {
  readonly queue = new EventQueue();
  readonly up = [true, true];
  readonly running = [true, true];
  readonly lives = [1, 1];
  readonly received: [string[], string[]] = [[], []];
  readonly network: ElectionNetwork;
  readonly reachability = new Reachability(2, (_layer, _from, to) => {
    this.network.kick(to);
  });

  constructor() {
    const random = new Random(1);
    this.network = new ElectionNetwork(
      this.queue,
      () => random,
      this.reachability,
      { minLatencyMs: 1, meanExtraLatencyMs: 1 },
      {
        sids: [10n, 11n],
        isUp: (index) => this.up[index] === true,
        isRunning: (index) => this.up[index] === true && this.running[index] === true,
        lifeOf: (index) => this.lives[index] ?? 0,
        deliver: (index, event) => {
          const box = this.received[index];
          if (event.kind === "notified") box?.push(String.fromCharCode(...event.bytes));
          else box?.push(event.kind);
        },
      },
    );
  }

  send(from: number, to: number, text: string): void {
    this.network.send(
      from,
      to,
      Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
    );
  }

  run(): void {
    while (this.queue.advance());
  }
}

describe("the links of the election", () => {
  it("connect when there is something to send, and keep the order", () => {
    const bench = new Bench();
    bench.send(0, 1, "a");
    bench.run();
    for (const text of ["b", "c", "d"]) bench.send(0, 1, text);
    bench.run();
    expect(bench.received[1]).toEqual(["electionLinkUp", "a", "b", "c", "d"]);
    expect(bench.received[0]).toEqual(["electionLinkUp"]);
  });

  it("let the newest message take the place of one that still waits", () => {
    const bench = new Bench();
    bench.send(0, 1, "old");
    bench.send(0, 1, "new");
    bench.run();
    expect(bench.received[1]).toEqual(["electionLinkUp", "new"]);
  });

  it("send the last message again when they come up again", () => {
    const bench = new Bench();
    bench.send(0, 1, "a");
    bench.run();
    bench.network.cut(0, 1);
    bench.network.connect(1, 0);
    bench.run();
    expect(bench.received[1]).toEqual(["electionLinkUp", "a", "electionLinkUp", "a"]);
  });

  it("become half-open: who believes in them loses a message, is told, and connects with the next", () => {
    const bench = new Bench();
    bench.send(0, 1, "a");
    bench.run();
    expect(bench.network.halfOpen(0, 1, 1000)).toBe(true);
    expect(bench.network.halfOpen(0, 1, 1000)).toBe(false);
    bench.network.connect(0, 1);
    bench.send(0, 1, "lost");
    bench.send(0, 1, "lost too");
    bench.run();
    expect(bench.received[1]).toEqual(["electionLinkUp", "a"]);
    bench.send(0, 1, "c");
    bench.run();
    expect(bench.received[1]).toEqual(["electionLinkUp", "a", "electionLinkUp", "c"]);
  });

  it("are whole again when the other side of a half-open one connects, and send the last message again", () => {
    const bench = new Bench();
    bench.send(0, 1, "a");
    bench.run();
    bench.network.halfOpen(0, 1, 1000);
    bench.send(0, 1, "lost");
    bench.send(1, 0, "b");
    bench.run();
    expect(bench.received[0]).toEqual(["electionLinkUp", "electionLinkUp", "b"]);
    expect(bench.received[1]).toEqual(["electionLinkUp", "a", "electionLinkUp", "lost"]);
  });

  it("stay half-open while nothing gets through, until the time is over", () => {
    const bench = new Bench();
    bench.send(0, 1, "a");
    bench.run();
    bench.reachability.block("election", 1, 0);
    bench.network.halfOpen(0, 1, 1000);
    bench.send(0, 1, "lost");
    while ((bench.queue.nextMs() ?? Infinity) < 900) bench.queue.advance();
    bench.reachability.unblock("election", 1, 0);
    bench.network.connect(0, 1);
    expect(bench.received[1]).toEqual(["electionLinkUp", "a"]);
    bench.run();
    bench.network.connect(0, 1);
    bench.run();
    expect(bench.received[1]).toEqual(["electionLinkUp", "a", "electionLinkUp", "lost"]);
  });

  it("lose what is under way when they break", () => {
    const bench = new Bench();
    bench.send(0, 1, "a");
    bench.run();
    bench.send(0, 1, "b");
    bench.network.cut(0, 1);
    bench.run();
    expect(bench.received[1]).toEqual(["electionLinkUp", "a"]);
  });

  it("do not come up while one side is down or a direction is blocked", () => {
    const bench = new Bench();
    bench.reachability.block("election", 1, 0);
    bench.send(0, 1, "a");
    bench.run();
    bench.up[1] = false;
    bench.reachability.unblock("election", 1, 0);
    bench.network.connect(0, 1);
    bench.run();
    expect(bench.received).toEqual([[], []]);
    bench.up[1] = true;
    bench.network.connect(0, 1);
    bench.run();
    expect(bench.received[1]).toEqual(["electionLinkUp", "a"]);
  });

  it("keep the last hundred messages for a process that sleeps", () => {
    const bench = new Bench();
    bench.send(0, 1, "first");
    bench.run();
    bench.running[1] = false;
    for (let count = 0; count < 150; count += 1) {
      bench.send(0, 1, `m${count}`);
      bench.run();
    }
    bench.running[1] = true;
    bench.network.kick(1);
    const gathered = bench.received[1].slice(2);
    expect(gathered).toHaveLength(100);
    expect(gathered.at(0)).toBe("m50");
    expect(gathered.at(-1)).toBe("m149");
  });

  it("bring a message to oneself back, but not into another life", () => {
    const bench = new Bench();
    bench.send(0, 0, "a");
    bench.run();
    bench.send(0, 0, "b");
    bench.lives[0] = 2;
    bench.run();
    expect(bench.received[0]).toEqual(["a"]);
  });

  it("double and break when they are told to", () => {
    const bench = new Bench();
    bench.send(0, 1, "a");
    bench.run();
    bench.network.setNoise({ breakProbability: 0, duplicateProbability: 1 });
    bench.send(0, 1, "b");
    bench.run();
    expect(bench.received[1].slice(2)).toEqual(["b", "b"]);
    bench.network.setNoise({ breakProbability: 1, duplicateProbability: 0 });
    bench.send(0, 1, "c");
    bench.run();
    expect(bench.received[1].slice(4)).toEqual([]);
  });
});
