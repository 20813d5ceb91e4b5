import { describe, expect, test } from "vitest";
import { isValidPath, sequenceSuffix, splitPath } from "./znode-path.js";

describe("a client may use", () => {
  test.each(["/", "/a", "/a/b", "/...", "/a..b", "/.a/b.", "/ ", "/é€", "/\ud7ff\uf900\uffef"])(
    "%j",
    (path) => {
      expect(isValidPath(path)).toBe(true);
    },
  );
});

describe("a client may not use", () => {
  test.each([
    "",
    "a",
    "a/b",
    "/a/",
    "//",
    "/a//b",
    "/.",
    "/..",
    "/a/./b",
    "/a/..",
    "/a\0",
    "/\u001f",
    "/\u007f",
    "/\u009f",
    "/\ud800",
    "/\ue000",
    "/\uf8ff",
    "/\ufff0",
    "/\ud83d\ude00",
  ])("%j", (path) => {
    expect(isValidPath(path)).toBe(false);
  });
});

test.each([
  ["/a", { parent: "", name: "a" }],
  ["/a/b", { parent: "/a", name: "b" }],
  ["a/b", { parent: "a", name: "b" }],
  ["/", undefined],
  ["", undefined],
  ["/a/", undefined],
  ["a", undefined],
])("%j falls apart into %j", (path, expected) => {
  expect(splitPath(path)).toEqual(expected);
});

test.each([
  [0, "0000000000"],
  [12, "0000000012"],
  [2147483647, "2147483647"],
  [-1, "-000000001"],
  [-2147483648, "-2147483648"],
])("a parent that has counted %s gives %s", (cversion, expected) => {
  expect(sequenceSuffix(cversion)).toBe(expected);
});
