import { describe, expect, it } from "vitest";
import { OpenFiles } from "./open-files.js";

describe("open files", () => {
  it("are shared by all who hold them", () => {
    const files = new OpenFiles<number>(2);
    const first = files.add("a", 1);
    expect(files.hold("a")).toBe(first);
    expect(files.hold("b")).toBeUndefined();
    expect(() => files.add("a", 2)).toThrow("open already");
  });

  it("are closed beyond the limit, the one that was used longest ago first", () => {
    const files = new OpenFiles<number>(2);
    for (const [path, descriptor] of [
      ["a", 1],
      ["b", 2],
    ] as const) {
      expect(files.release(files.add(path, descriptor))).toEqual([]);
    }
    const again = files.hold("a");
    if (again !== undefined) expect(files.release(again)).toEqual([]);
    expect(files.release(files.add("c", 3))).toEqual([2]);
    expect(files.size).toBe(2);
  });

  it("are never closed while anybody holds them", () => {
    const files = new OpenFiles<number>(1);
    const held = files.add("a", 1);
    files.hold("a");
    expect(files.release(files.add("b", 2))).toEqual([2]);
    expect(files.release(held)).toEqual([]);
    expect(files.release(files.add("c", 3))).toEqual([3]);
    expect(files.release(held)).toEqual([]);
    expect(files.release(files.add("d", 4))).toEqual([1]);
  });

  it("stay open while something in them is not synced, beyond the limit if need be", () => {
    const files = new OpenFiles<number>(1);
    const written = files.add("a", 1);
    written.isUnsynced = true;
    expect(files.release(written)).toEqual([]);
    expect(files.release(files.add("b", 2))).toEqual([2]);
    files.hold("a");
    written.isUnsynced = false;
    expect(files.release(written)).toEqual([]);
    expect(files.release(files.add("c", 3))).toEqual([1]);
  });

  it("that their path does not lead to any more are closed with the last hold", () => {
    const files = new OpenFiles<number>(4);
    const removed = files.add("a", 1);
    expect(files.forget("a")).toEqual([]);
    const next = files.add("a", 2);
    expect(files.release(removed)).toEqual([1]);
    expect(files.release(next)).toEqual([]);
    expect(files.forget("a")).toEqual([2]);
    expect(files.forget("a")).toEqual([]);
  });

  it("are all forgotten at the end", () => {
    const files = new OpenFiles<number>(4);
    files.release(files.add("a", 1));
    const held = files.add("b", 2);
    expect(files.forgetAll()).toEqual([1]);
    expect(files.release(held)).toEqual([2]);
  });
});
