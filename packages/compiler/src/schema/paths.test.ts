import { describe, expect, it } from "vitest";
import { normalizePath, relativePath, resolveInclude } from "./paths.js";

describe("paths", () => {
  it.each([
    ["a.jute", "b.jute", "b.jute"],
    ["x/a.jute", "b.jute", "x/b.jute"],
    ["x/a.jute", "../b.jute", "b.jute"],
    ["a.jute", "../b.jute", "../b.jute"],
    ["/x/a.jute", "../../b.jute", "/b.jute"],
    ["/a.jute", "b.jute", "/b.jute"],
    ["x\\y\\a.jute", "z/b.jute", "x/y/z/b.jute"],
    ["x/a.jute", "/b.jute", "x/b.jute"],
    ["../x/a.jute", "../../b.jute", "../../b.jute"],
  ])("%s includes %s, which is %s", (file, include, expected) => {
    expect(resolveInclude(file, include)).toBe(expected);
  });

  it.each([
    ["a.jute", "b.jute", "b.jute"],
    ["x/a.jute", "x/b.jute", "b.jute"],
    ["x/a.jute", "y/b.jute", "../y/b.jute"],
    ["a.jute", "y/z/b.jute", "y/z/b.jute"],
    ["x/y/a.jute", "b.jute", "../../b.jute"],
  ])("from %s, %s is written %s", (file, target, expected) => {
    expect(relativePath(file, target)).toBe(expected);
    expect(resolveInclude(file, relativePath(file, target))).toBe(normalizePath(target));
  });
});
