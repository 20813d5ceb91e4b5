import { describe, expect, it } from "vitest";
import { Backlog } from "./backlog.js";

describe("a backlog", () => {
  it("is full for a server with too many requests, or too many bytes, and for no other", () => {
    const backlog = new Backlog({ maxCount: 3, maxBytes: 100 });
    backlog.add(1n, 10);
    backlog.add(1n, 0);
    expect(backlog.isFull(1n)).toBe(false);
    backlog.add(1n, 10);
    backlog.add(2n, 100);
    expect([1n, 2n, 3n].map((sid) => backlog.isFull(sid))).toEqual([true, true, false]);
    backlog.remove(1n, 0);
    backlog.remove(2n, 100);
    expect([1n, 2n].map((sid) => backlog.isFull(sid))).toEqual([false, false]);
  });
});
