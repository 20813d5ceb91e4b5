import { describe, expect, it } from "vitest";
import { AckWatch } from "./ack-watch.js";

describe("the watch over a follower's acks", () => {
  it("is overdue once the oldest proposal has waited for too long", () => {
    const watch = new AckWatch();
    expect(watch.isOverdue(1e9, 100)).toBe(false);
    watch.onSent(1n, 1000);
    watch.onSent(2n, 1090);
    expect([1100, 1101].map((nowMs) => watch.isOverdue(nowMs, 100))).toEqual([false, true]);
  });

  it("begins again with the latest proposal, and ends with its ack", () => {
    const watch = new AckWatch();
    watch.onSent(1n, 1000);
    watch.onSent(2n, 1010);
    watch.onSent(3n, 1090);
    watch.onAck(1n);
    expect([1190, 1191].map((nowMs) => watch.isOverdue(nowMs, 100))).toEqual([false, true]);
    watch.onAck(3n);
    expect(watch.isOverdue(1e9, 100)).toBe(false);
  });

  it("does not wait for what was acknowledged already, by itself or with a later one", () => {
    const watch = new AckWatch();
    watch.onAck(5n);
    watch.onSent(4n, 1000);
    expect(watch.isOverdue(1e9, 100)).toBe(false);
    watch.onSent(6n, 1000);
    watch.onSent(7n, 1000);
    watch.onAck(7n);
    watch.onAck(6n);
    expect(watch.isOverdue(1e9, 100)).toBe(false);
  });
});
