/** Each limit by what the administrator's guide says of its keys, against slow twins, and where it once went wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testSeed } from "../../../../../test/seed.js";
import {
  ConnectionCounts,
  ConnectionThrottle,
  IdleConnections,
  LargeRequests,
  OwnLargeRequests,
} from "./index.js";

describe("the connection throttle", () => {
  it("is off without tokens", () => {
    const throttle = new ConnectionThrottle(undefined, 0);
    for (let count = 0; count < 1000; count++) expect(throttle.admits("global", 0)).toBe(true);
  });

  it("gives away what is in the bucket, then as much as comes in", () => {
    const throttle = new ConnectionThrottle({ tokens: 3, fillTimeMs: 10 }, 0);
    const admitted = (nowMs: number, times: number) =>
      Array.from({ length: times }, () => throttle.admits("global", nowMs)).filter(Boolean).length;
    expect(admitted(0, 5)).toBe(3);
    expect(admitted(9, 5)).toBe(0);
    expect(admitted(10, 5)).toBe(1);
    expect(admitted(25, 5)).toBe(1);
    expect(admitted(30, 5)).toBe(1);
    expect(admitted(10_000, 9)).toBe(3);
  });

  it("weighs the ways to connect", () => {
    const weights = { local: 1, renewed: 2, global: 3 };
    const throttle = new ConnectionThrottle({ tokens: 6, weights }, 0);
    const kinds = ["global", "renewed", "renewed", "local", "local"] as const;
    const admitted = kinds.map((kind) => throttle.admits(kind, 0));
    expect(admitted).toEqual([true, true, false, true, false]);
  });

  it("admits after a quiet month (ZOOKEEPER-4933)", () => {
    const throttle = new ConnectionThrottle({ tokens: 2, fillCount: 1000 }, 0);
    expect([0, 0, 0].map(() => throttle.admits("global", 0))).toEqual([true, true, false]);
    expect(throttle.admits("global", 40 * 24 * 3600 * 1000)).toBe(true);
    expect(throttle.tokenDeficit).toBe(1);
  });

  it("does what a bucket does that is filled millisecond by millisecond", () => {
    const step = fc.tuple(fc.nat(30), fc.constantFrom("local", "renewed", "global"));
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 9 }), (steps, fillTimeMs) => {
        const weights = { local: 1, renewed: 2, global: 3 };
        const throttle = new ConnectionThrottle({ tokens: 4, fillTimeMs, weights }, 0);
        let [nowMs, tokens] = [0, 4];
        for (const [passedMs, kind] of steps) {
          for (let ms = 0; ms < passedMs; ms++) {
            nowMs++;
            if (nowMs % fillTimeMs === 0) tokens = Math.min(tokens + 1, 4);
          }
          const fits = tokens >= weights[kind];
          expect(throttle.admits(kind, nowMs)).toBe(fits);
          if (fits) tokens -= weights[kind];
          expect(throttle.tokenDeficit).toBe(4 - tokens);
        }
      }),
      { seed: testSeed() },
    );
  });

  it("refuses more and more by chance while the bucket is empty, and fewer while it is full", () => {
    let chance = 0.999;
    const blue = {
      freezeTimeMs: 100,
      dropIncrease: 0.5,
      dropDecrease: 0.25,
      decreaseRatio: 0,
      random: () => chance,
    };
    const throttle = new ConnectionThrottle({ tokens: 1, fillTimeMs: 1000, blue }, 0);
    expect(throttle.admits("global", 0)).toBe(true);
    expect(throttle.admits("global", 100)).toBe(false);
    expect(throttle.dropProbability).toBe(0);
    expect(throttle.admits("global", 101)).toBe(false);
    expect(throttle.dropProbability).toBe(0.5);
    chance = 0.2;
    expect(throttle.admits("global", 1000)).toBe(false);
    // It is full again by then, and the chance of being refused goes down.
    expect(throttle.dropProbability).toBe(0.25);
    chance = 0.3;
    expect(throttle.admits("global", 1050)).toBe(true);
  });
});

describe("connection counts", () => {
  it("limit each address by itself, 60 unless told otherwise", () => {
    const counts = new ConnectionCounts();
    for (let count = 0; count < 60; count++) expect(counts.add("10.0.0.1")).toBe(true);
    expect(counts.add("10.0.0.1")).toBe(false);
    expect(counts.add("10.0.0.2")).toBe(true);
    counts.remove("10.0.0.1");
    expect(counts.add("10.0.0.1")).toBe(true);
    expect(counts.size).toBe(61);
  });

  it("limit all addresses together, and 0 limits nothing", () => {
    const counts = new ConnectionCounts({ perAddress: 0, total: 100 });
    for (let count = 0; count < 100; count++) expect(counts.add("10.0.0.1")).toBe(true);
    expect(counts.add("10.0.0.2")).toBe(false);
    counts.remove("10.0.0.1");
    expect(counts.add("10.0.0.2")).toBe(true);
  });

  it("count what was added and not removed", () => {
    const step = fc.tuple(fc.constantFrom("add", "remove"), fc.constantFrom("a", "b", "c"));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const counts = new ConnectionCounts({ perAddress: 2, total: 4 });
        const open: string[] = [];
        for (const [what, address] of steps) {
          const own = open.filter((each) => each === address).length;
          if (what === "add") {
            const fits = own < 2 && open.length < 4;
            expect(counts.add(address)).toBe(fits);
            if (fits) open.push(address);
          } else if (own > 0) {
            counts.remove(address);
            open.splice(open.indexOf(address), 1);
          }
          expect(counts.size).toBe(open.length);
        }
      }),
      { seed: testSeed() },
    );
  });
});

describe("large requests", () => {
  it("are limited together, small ones never", () => {
    const requests = new LargeRequests({ thresholdBytes: 100, maxBytes: 250 });
    expect(requests.begin(100)).toBe(true);
    expect(requests.bytes).toBe(0);
    expect([101, 149, 101].map((length) => requests.begin(length))).toEqual([true, true, false]);
    requests.finish(149);
    requests.finish(100);
    expect(requests.bytes).toBe(101);
    expect(requests.begin(149)).toBe(true);
  });

  it.each([undefined, -1, 0])("are none with the threshold %j", (thresholdBytes) => {
    const requests = new LargeRequests({ thresholdBytes, maxBytes: 1 });
    expect(requests.begin(1_000_000)).toBe(true);
    expect(requests.bytes).toBe(0);
  });
});

describe("the large requests of a connection", () => {
  it("count from their length on until they are answered", () => {
    const all = new LargeRequests({ thresholdBytes: 100, maxBytes: 450 });
    const [own, other] = [new OwnLargeRequests(all), new OwnLargeRequests(all)];
    for (let times = 0; times < 3; times++) expect(own.arriving(200)).toBe(true);
    expect(all.bytes).toBe(200);
    expect(own.arrived(200, 0)).toBe(true);
    expect(own.arrived(10, 1)).toBe(true);
    expect(own.arrived(250, 2)).toBe(true);
    expect(all.bytes).toBe(450);
    expect([other.arriving(100), other.arriving(101), other.arrived(101, 0)]).toEqual([
      true,
      false,
      false,
    ]);
    own.answered(0);
    expect(all.bytes).toBe(450);
    own.answered(2);
    expect(all.bytes).toBe(250);
    expect(other.arrived(101, 0)).toBe(true);
    expect(other.arriving(99)).toBe(true);
    own.clear();
    other.arriving(90);
    expect(all.bytes).toBe(101);
    expect(other.arriving(300)).toBe(true);
    other.clear();
    expect(all.bytes).toBe(0);
  });
});

describe("idle connections", () => {
  it("are closed between their timeout and one step of the grid later", () => {
    const idle = new IdleConnections<string>(10_000);
    idle.touch("no session", 3000, undefined);
    idle.touch("session", 3000, 30_000);
    expect(idle.nextDeadlineMs).toBe(20_000);
    expect(idle.expire(19_999)).toEqual([]);
    expect(idle.expire(20_000)).toEqual(["no session"]);
    expect(idle.nextDeadlineMs).toBe(40_000);
    expect(idle.expire(100_000)).toEqual(["session"]);
    expect(idle.nextDeadlineMs).toBeUndefined();
  });

  it("are those of which nothing came for long enough", () => {
    const step = fc.tuple(
      fc.constantFrom("touch", "touch", "remove", "expire"),
      fc.nat(4),
      fc.nat(300),
      fc.option(fc.nat(1000), { nil: undefined }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const idle = new IdleConnections<number>(100);
        const due = new Map<number, number>();
        let nowMs = 0;
        for (const [what, connection, passedMs, timeoutMs] of steps) {
          nowMs += passedMs;
          if (what === "touch") {
            idle.touch(connection, nowMs, timeoutMs);
            const end = nowMs + (timeoutMs ?? 100);
            due.set(connection, end - (end % 100) + 100);
          } else if (what === "remove") {
            idle.remove(connection);
            due.delete(connection);
          } else {
            const expected = [...due].filter(([, at]) => at <= nowMs).map(([each]) => each);
            expect(idle.expire(nowMs).sort()).toEqual(expected.sort());
            for (const each of expected) due.delete(each);
          }
          if (due.size === 0) expect(idle.nextDeadlineMs).toBeUndefined();
          else expect(idle.nextDeadlineMs).toBeLessThanOrEqual(Math.min(...due.values()));
        }
      }),
      { seed: testSeed() },
    );
  });
});
