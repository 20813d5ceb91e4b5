import { describe, expect, it } from "vitest";
import { cancel, EventQueue } from "./event-queue.js";
import { Random } from "./random.js";

describe("the event queue", () => {
  it("lets things happen in the order of time, and of being put in for equal times", () => {
    const random = new Random(1);
    const queue = new EventQueue();
    const happened: { atMs: number; nth: number }[] = [];
    const expected: { atMs: number; nth: number }[] = [];
    for (let nth = 0; nth < 1000; nth += 1) {
      const atMs = random.integer(0, 50);
      expected.push({ atMs, nth });
      queue.at(atMs, () => happened.push({ atMs: queue.nowMs, nth }));
    }
    // A stable sort is the obvious twin of the heap.
    expected.sort((one, other) => one.atMs - other.atMs);
    while (queue.advance());
    expect(happened).toEqual(expected);
  });

  it("does not let happen what was taken back", () => {
    const queue = new EventQueue();
    const happened: string[] = [];
    const scheduled = queue.at(1, () => happened.push("cancelled"));
    queue.at(2, () => happened.push("kept"));
    cancel(scheduled);
    expect(queue.nextMs()).toBe(2);
    while (queue.advance());
    expect(happened).toEqual(["kept"]);
  });

  it("never goes back in time", () => {
    const queue = new EventQueue();
    queue.idleUntil(10);
    const times: number[] = [];
    queue.at(5, () => times.push(queue.nowMs));
    queue.advance();
    expect(times).toEqual([10]);
  });

  it("says when time stands still instead of running forever", () => {
    const queue = new EventQueue();
    const again = (): void => {
      queue.after(0, again);
    };
    again();
    expect(() => {
      while (queue.advance());
    }).toThrow("time stands still at 0 ms");
  });
});
