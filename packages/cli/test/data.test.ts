/** `jute data` on directories that Apache's classes and our tree have written. */
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { DataTree } from "@jute-ts/data-tree";
import { encodeTxnLogHeader, encodeTxnLogRecords, readTxnLog } from "@jute-ts/persistence";
import { CreateRequest, decodeTxn, makeZxid, OpCode, OPEN_ACL_UNSAFE } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { Scratch } from "./scratch.js";

const recorded = path.resolve(import.meta.dirname, "../../../test/java/persistence/recorded");

/** A directory with the logs of Apache's classes and their snapshot. */
function apacheDirectory(): Scratch {
  const scratch = new Scratch({ "v/currentEpoch": "2", "v/acceptedEpoch": "2" });
  for (const name of ["log.100000001", "log.200000001"]) {
    copyFileSync(path.join(recorded, "logs", name), scratch.path(`v/${name}`));
  }
  copyFileSync(
    path.join(recorded, "two-seals/snapshot.200000002"),
    scratch.path("v/snapshot.200000002"),
  );
  return scratch;
}

/** A log of ten creates, with the digests that a leader tells. */
function tenCreates(): Uint8Array {
  const tree = new DataTree();
  const txns = Array.from({ length: 10 }, (_, index) => {
    const body = CreateRequest.encode({
      path: `/n${index}`,
      data: null,
      acl: OPEN_ACL_UNSAFE,
      flags: 0,
    });
    const request = { sessionId: 0n, cxid: index, opCode: OpCode.create, body, authInfo: [] };
    const zxid = makeZxid(1, index + 1);
    const bytes = tree.prepare(request, zxid, 1_700_000_000_000n);
    tree.apply({ zxid, header: decodeTxn(bytes).header, bytes });
    return bytes;
  });
  return Buffer.concat([encodeTxnLogHeader(), encodeTxnLogRecords(txns)]);
}

describe("jute data verify", () => {
  it("finds nothing wrong with what Apache's classes wrote", async () => {
    const { exitCode, stdout } = await apacheDirectory().jute("data", "verify", "v");
    expect(exitCode).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      "ok     log.100000001: 14 txns, padding at byte 4416",
      "ok     log.200000001: 2 txns, end at byte 223",
      "ok     snapshot.200000002: 10 znodes, 1 sessions",
      "ok     snapshot.200000002: replayed from 0x200000002 to 0x200000002",
      "ok     acceptedEpoch: epoch 2",
      "ok     currentEpoch: epoch 2",
    ]);
  });

  it("says what is damaged, missing or out of order", async () => {
    const scratch = apacheDirectory();
    const log = readFileSync(scratch.path("v/log.100000001"));
    const { records } = readTxnLog(log);
    const [, second, third] = records;
    if (second === undefined || third === undefined) throw new Error("no records");
    // The second record is taken out.
    scratch.write(
      "v/log.100000001",
      Buffer.concat([log.subarray(0, second.offset), log.subarray(third.offset)]),
    );
    const snapshot = readFileSync(scratch.path("v/snapshot.200000002"));
    snapshot.writeUInt8(7, 300);
    scratch.write("v/snapshot.200000002", snapshot);
    scratch.write("v/currentEpoch", "1");
    const { exitCode, stdout } = await scratch.jute("data", "verify", "v");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("note   log.100000001: a gap: 0x100000003 follows 0x100000001");
    expect(stdout).toMatch(/error {2}snapshot\.200000002: seal 1 says/);
    expect(stdout).toContain(
      "error  currentEpoch: epoch 1 is before that of the last txn, 0x200000002",
    );
  });
});

describe("jute data tree and diff", () => {
  it("show the tree after a txn, and what changed between two", async () => {
    const scratch = new Scratch();
    scratch.write("v/log.100000001", tenCreates());
    const tree = await scratch.jute("data", "tree", "v", "--zxid", "0x100000004");
    expect(tree).toMatchObject({ exitCode: 0, stderr: "" });
    const paths = tree.stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]);
    expect(paths.filter((name) => name?.startsWith("/n"))).toEqual(["/n0", "/n1", "/n2", "/n3"]);
    const diff = await scratch.jute(
      "data",
      "diff",
      "v",
      "--from",
      "0x100000004",
      "--to",
      "0x100000006",
    );
    expect(diff).toEqual({
      exitCode: 0,
      stdout: "changed    /  children\ncreated    /n4\ncreated    /n5\n",
      stderr: "",
    });
  });

  it("refuse what makes no sense", async () => {
    const scratch = apacheDirectory();
    for (const [words, message] of [
      ["diff v", "needs --from"],
      ["diff v --from 0x2 --to 0x1", "before --from"],
      ["history v", "needs --path"],
      ["look v", "verify, tree, diff, history or cut"],
      ["verify nowhere", "no directory nowhere"],
      ["cut v/log.100000001 --zxid 0x100000001", "needs --out"],
    ] as const) {
      const { exitCode, stderr } = await scratch.jute("data", ...words.split(" "));
      expect(exitCode, words).toBe(2);
      expect(stderr).toContain(message);
    }
  });
});

describe("jute data history", () => {
  it("tells who created and deleted a path, and when", async () => {
    const { exitCode, stdout } = await apacheDirectory().jute(
      "data",
      "history",
      "v",
      "--path",
      "/app/bob",
    );
    expect(exitCode).toBe(0);
    const [created, closed, ...more] = stdout.trim().split("\n");
    expect(created).toContain("create zxid=0x100000005 session=0x2000000000000002");
    expect(closed).toContain("closeSession zxid=0x10000000e session=0x2000000000000002");
    expect(more).toEqual([]);
  });
});

describe("jute data cut", () => {
  it("copies a log up to a txn, and never over a file", async () => {
    const scratch = apacheDirectory();
    const before = readFileSync(scratch.path("v/log.100000001"));
    const words = ["data", "cut", "v/log.100000001", "--zxid", "0x100000005", "--out", "short"];
    expect(await scratch.jute(...words)).toMatchObject({
      exitCode: 0,
      stdout: "short: 5 txns, 461 bytes\n",
    });
    const { records, end } = readTxnLog(new Uint8Array(readFileSync(scratch.path("short"))));
    expect(records.map(({ zxid }) => zxid).at(-1)).toBe(0x100000005n);
    expect(end.kind).toBe("end");
    expect(readFileSync(scratch.path("v/log.100000001")).equals(before)).toBe(true);
    expect(await scratch.jute(...words)).toMatchObject({ exitCode: 2 });
  });
});
