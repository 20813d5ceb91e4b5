import { describe, expect, it } from "vitest";
import { dataFileKind, logFileName, parseDataFileName, snapshotFileName } from "./index.js";

describe("the name of a file in a data directory", () => {
  it.each([
    ["log.100000001", { kind: "log", zxid: 0x1_0000_0001n, compression: "none" }],
    ["snapshot.0", { kind: "snapshot", zxid: 0n, compression: "none" }],
    ["snapshot.a.gz", { kind: "snapshot", zxid: 10n, compression: "gz" }],
    ["snapshot.a.snappy", { kind: "snapshot", zxid: 10n, compression: "snappy" }],
    ["snapshot.7fffffffffffffff", { kind: "snapshot", zxid: 2n ** 63n - 1n, compression: "none" }],
  ])("%s says what it is", (name, parsed) => {
    expect(parseDataFileName(name)).toEqual(parsed);
  });

  it.each([
    "",
    "log",
    "log.",
    "snapshot.",
    "snapshot.5.tmp",
    "currentEpoch",
    "acceptedEpoch.tmp",
    "synced",
    "log.1.gz",
    "log.g",
    "log.0x1",
    "log.A",
    "log.01",
    "log.00",
    "log.-1",
    "log.+1",
    "log.1 ",
    " log.1",
    "log.1\n",
    "log.1.1",
    "Log.1",
    "logs.1",
    "snapshot.8000000000000000",
    "snapshot.10000000000000000",
    "snapshot.1.lz4",
    "snapshot.1.gz.gz",
    "snapshot.1.",
    "../log.1",
  ])("%j is no data", (name) => {
    expect(parseDataFileName(name)).toBeUndefined();
  });

  it.each([
    ["log.1", "log"],
    ["log.1.gz", "log"],
    ["log.00A", "log"],
    ["snapshot.5.tmp", "snapshot"],
    ["snapshot.a.snappy", "snapshot"],
    ["log.", undefined],
    ["log.txt", undefined],
    ["Log.1", undefined],
    ["snapshot", undefined],
    ["synced", undefined],
  ] as const)("%s is taken for data by Java, or not", (name, kind) => {
    expect(dataFileKind(name)).toBe(kind);
  });

  it("is refused for what is no zxid", () => {
    expect(() => logFileName(-1n)).toThrow(RangeError);
    expect(() => snapshotFileName(2n ** 63n)).toThrow(RangeError);
  });
});
