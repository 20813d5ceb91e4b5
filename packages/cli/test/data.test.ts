/** `jute data` on directories that Apache's classes and our tree have written. */
import { copyFileSync, existsSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { DataTree } from "@jute-ts/data-tree";
import { encodeTxnLogHeader, encodeTxnLogRecords, readTxnLog } from "@jute-ts/persistence";
import {
  CreateRequest,
  decodeTxn,
  encodeTxn,
  makeZxid,
  OpCode,
  OPEN_ACL_UNSAFE,
  READ_ACL_UNSAFE,
  TxnHeader,
} from "@jute-ts/zookeeper";
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
function tenCreates(data: Uint8Array | null = null, acl = OPEN_ACL_UNSAFE): Uint8Array {
  const tree = new DataTree();
  const txns = Array.from({ length: 10 }, (_, index) => {
    const body = CreateRequest.encode({
      path: `/n${index}`,
      data,
      acl,
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

describe("jute data verify of a log that a crash tore", () => {
  const whole = tenCreates();
  const { records } = readTxnLog(whole);
  /** Where the 8th record begins. */
  const cutAt = records[7]?.offset ?? 0;

  async function verified(rest: Uint8Array): Promise<{ exitCode: number; lines: string[] }> {
    const scratch = new Scratch();
    scratch.write("v/log.100000001", whole.subarray(0, cutAt + 5));
    const first = readTxnLog(rest).records[0]?.zxid.toString(16) ?? "";
    scratch.write(`v/log.${first}`, rest);
    const { exitCode, stdout } = await scratch.jute("data", "verify", "v");
    return { exitCode, lines: stdout.trim().split("\n") };
  }

  const header = encodeTxnLogHeader();

  it("is nothing wrong where the next log goes on", async () => {
    const { exitCode, lines } = await verified(Buffer.concat([header, whole.subarray(cutAt)]));
    expect(lines).toEqual([
      `note   log.100000001: 7 txns, torn at byte ${cutAt}: the file ends 5 bytes into a record`,
      expect.stringMatching(/^ok {5}log\.100000008: 3 txns/),
    ]);
    expect(exitCode).toBe(0);
  });

  it("is an error where txns are missing after it", async () => {
    const from = records[8]?.offset;
    const { exitCode, lines } = await verified(Buffer.concat([header, whole.subarray(from)]));
    expect(lines).toEqual([
      expect.stringMatching(/^error {2}log\.100000001: 7 txns, torn/),
      expect.stringMatching(/^ok {5}log\.100000009: 2 txns/),
      "note   log.100000009: a gap: 0x100000009 follows 0x100000007",
    ]);
    expect(exitCode).toBe(1);
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

  it("compare two directories, and a directory with a snapshot", async () => {
    const scratch = apacheDirectory();
    scratch.write("w/log.100000001", tenCreates());
    // Apache's snapshot is what Apache's logs lead to.
    for (const [one, other] of [
      ["v", "v"],
      ["v", "v/snapshot.200000002"],
      ["v/snapshot.200000002", "v"],
    ] as const) {
      const same = await scratch.jute("data", "diff", one, other);
      expect(same).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    }
    const { exitCode, stdout } = await scratch.jute(
      "data",
      "diff",
      "w",
      "v",
      "--to",
      "0x100000003",
    );
    expect(exitCode).toBe(0);
    const expected = ["/app", ...Array.from({ length: 10 }, (_, index) => `/n${index}`)];
    expect(stdout.trim().split("\n").slice(1)).toEqual(
      expected.map((znode) => `${znode === "/app" ? "created  " : "deleted  "}  ${znode}`),
    );
    const part = await scratch.jute(
      "data",
      "diff",
      "w",
      "w",
      "--from",
      "0x100000008",
      "--path=/n9",
    );
    expect(part.stdout).toBe("created    /n9\n");
  });

  it("find data and ACLs that differ though all numbers agree", async () => {
    const scratch = new Scratch();
    scratch.write("v/log.100000001", tenCreates());
    scratch.write("w/log.100000001", tenCreates(Uint8Array.of(1), READ_ACL_UNSAFE));
    const { stdout } = await scratch.jute("data", "diff", "v", "w", "--path", "/n3");
    expect(stdout).toBe("changed    /n3  data, acl\n");
  });

  it("say what is missing: txns, the snapshots that are damaged, a txn that never was", async () => {
    const scratch = new Scratch();
    const whole = tenCreates();
    const { records } = readTxnLog(whole);
    const [, , third, fourth] = records;
    if (third === undefined || fourth === undefined) throw new Error("no records");
    scratch.write(
      "v/log.100000001",
      Buffer.concat([whole.subarray(0, third.offset), whole.subarray(fourth.offset)]),
    );
    scratch.write("v/snapshot.100000001", "no snapshot at all");
    const { exitCode, stderr } = await scratch.jute("data", "tree", "v");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("snapshot.100000001: ");
    expect(stderr).toContain("log.100000001: txns are missing between 0x100000002 and 0x100000004");
    const later = await scratch.jute("data", "tree", "v", "--zxid", "0x100000020");
    expect(later.stderr).toContain("the last txn is 0x10000000a, before 0x100000020");
  });

  it("say that a txn was in a file that is gone, or that is no log", async () => {
    const scratch = apacheDirectory();
    const told = async (zxid: string): Promise<readonly [number, string]> => {
      const { exitCode, stderr } = await scratch.jute("data", "tree", "v", "--zxid", zxid);
      return [exitCode, stderr];
    };
    // The epoch was not full: nothing is missing between the two logs.
    expect((await told("0x1ffffffff"))[0]).toBe(0);
    renameSync(scratch.path("v/log.100000001"), scratch.path("old"));
    for (const zxid of ["0x100000005", "0x1ffffffff"]) {
      const [exitCode, stderr] = await told(zxid);
      expect(exitCode, zxid).toBe(1);
      expect(stderr).toContain("log.200000001: txns are missing before 0x200000001");
    }
    expect((await told("0x200000002"))[0]).toBe(0);
    renameSync(scratch.path("v/log.200000001"), scratch.path("v/log.200000002"));
    scratch.write("v/snapshot.100000001", readFileSync(scratch.path("v/snapshot.200000002")));
    const [exitCode, stderr] = await told("0x100000005");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("txns are missing between 0x100000001 and 0x200000002");
    scratch.write("v/log.100000002", "this is no log, but has the name of one");
    expect(await told("0x100000005")).toEqual([
      1,
      expect.stringMatching(/^jute: log\.100000002: 0x74686973 is not/),
    ]);
  });

  it("show JSON that names path, stat and ACL", async () => {
    const scratch = apacheDirectory();
    const words = ["--path", "/app/second", "--output", "json"];
    const { stdout } = await scratch.jute("data", "tree", "v", ...words);
    expect(JSON.parse(stdout)).toMatchObject({
      path: "/app/second",
      stat: { czxid: "8589934593", mtime: "1700000000593" },
    });
    const diff = await scratch.jute("data", "diff", "v", "--from", "0x100000001", ...words);
    expect(JSON.parse(diff.stdout)).toEqual({ path: "/app/second", kind: "created", what: [] });
    const apart = new Scratch();
    copyFileSync(scratch.path("v/snapshot.200000002"), apart.path("snapshot.200000002"));
    for (const action of ["tree", "verify"]) {
      const both = await apart.jute("data", action, ".", "--log-dir", scratch.path("v"));
      expect(both.exitCode).toBe(0);
      expect(both.stdout).toContain(action === "tree" ? "/app/second" : "log.100000001");
    }
    const checked = await scratch.jute("data", "verify", "v", "--output", "json");
    expect(JSON.parse(checked.stdout.split("\n")[0] ?? "")).toEqual({
      file: "log.100000001",
      severity: "ok",
      text: "14 txns, padding at byte 4416",
    });
  });

  it("read a directory once that is named as both", async () => {
    const scratch = apacheDirectory();
    symlinkSync(scratch.path("v"), scratch.path("link"));
    for (const words of ["verify v", "history v --path /app", "tree v"]) {
      const line = ["data", ...words.split(" ")];
      const once = await scratch.jute(...line);
      expect(once.exitCode).toBe(0);
      for (const logDir of ["v", "./v/", "link"]) {
        expect(await scratch.jute(...line, "--log-dir", logDir)).toEqual(once);
      }
    }
  });

  it("refuse what makes no sense", async () => {
    const scratch = apacheDirectory();
    for (const [words, message] of [
      ["diff v", "needs --from"],
      ["diff v --from 0x2 --to 0x1", "before --from"],
      ["diff v/log.100000001 v", "name its directory"],
      ["diff v/snapshot.200000002 v --from 0x2", "is a file"],
      ["diff v w --log-dir v", "--log-dir"],
      ["tree v w", "tree takes one place, and w is a second. A znode is named by --path w"],
      ["verify v w", "verify takes one place, and w is a second."],
      ["tree v --from 0x1", "--from is not for tree"],
      ["verify v --path /a", "--path is not for verify"],
      ["diff v --from 0x1 --zxid 0x2", "--zxid is not for diff"],
      ["tree v --path app", "does not begin with /"],
      ["history . --path /a", "no log in ."],
      ["history v --path /a --from 0x2 --to 0x1", "before --from"],
      ["cut - --zxid 0x100000001 --out x", "standard input"],
      ["history v --path /a --out x", "--out is not for history"],
      ["cut v/log.100000001 --zxid 1 --out x --output json", "--output is not for cut"],
      ["tree v --zxid soon", "must be a zxid"],
      ["tree . --zxid 1", "neither a log nor a snapshot in ."],
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

describe("a txn that is whole but that nobody can decode", () => {
  const header = { clientId: 1n, cxid: 1, time: 1n, zxid: makeZxid(1, 11) };
  it.each([
    ["of a type that there is not", TxnHeader.encode({ ...header, type: 99 }), "op code 99"],
    ["without its body", TxnHeader.encode({ ...header, type: OpCode.create }), "CreateTxn.path"],
    [
      "with a part of no type",
      encodeTxn(OpCode.multi, header, { txns: [{ type: 99, data: new Uint8Array(4) }] }),
      "op code 99",
    ],
  ])("%s is a finding, and not the end of the command", async (_, bad, reason) => {
    const log = Buffer.concat([tenCreates(), encodeTxnLogRecords([bad])]);
    const scratch = new Scratch({ "v/log.100000001": "" });
    scratch.write("v/log.100000001", log);
    const text = `the txn 0x10000000b at byte ${tenCreates().length} is whole but cannot be decoded`;
    const checked = await scratch.jute("data", "verify", "v");
    expect(checked).toMatchObject({ exitCode: 1, stderr: "" });
    expect(checked.stdout).toContain(`error  log.100000001: ${text}: `);
    expect(checked.stdout).toContain(reason);
    const tree = await scratch.jute("data", "tree", "v");
    expect(tree.exitCode).toBe(1);
    expect(tree.stderr).toContain(`jute: log.100000001: ${text}: `);
    expect(tree.stdout).toContain("/n9 ");
    const before = await scratch.jute("data", "tree", "v", "--zxid", "0x10000000a");
    expect(before).toMatchObject({ exitCode: 0, stderr: "", stdout: tree.stdout });
  });
});

describe("a file of a data directory whose compression is damaged", () => {
  it("is a finding, and not the end of the command", async () => {
    const scratch = apacheDirectory();
    const gzip = gzipSync(readFileSync(scratch.path("v/snapshot.200000002")));
    scratch.write("v/snapshot.200000002", gzip.subarray(0, -30));
    scratch.write(
      "v/log.200000001",
      gzipSync(readFileSync(scratch.path("v/log.200000001"))).subarray(0, -9),
    );
    const damaged = "the compressed data is damaged";
    const checked = await scratch.jute("data", "verify", "v");
    expect(checked.exitCode).toBe(1);
    for (const name of ["snapshot.200000002", "log.200000001"]) {
      expect(checked.stdout).toMatch(new RegExp(`error +${name}: .*${damaged}`));
    }
    const tree = await scratch.jute("data", "tree", "v");
    expect(tree).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(damaged) as string });
    const history = await scratch.jute("data", "history", "v", "--path", "/");
    expect(history).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(damaged) as string,
    });
    const alone = await scratch.jute("data", "diff", "v/snapshot.200000002", "v");
    expect(alone).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(damaged) as string,
    });
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

describe("jute data history of a part", () => {
  it("keeps to --from, --to and --output json", async () => {
    const scratch = apacheDirectory();
    const words = ["data", "history", "v", "--path", "/app/bob", "--output", "json"];
    const zxids = async (...more: string[]): Promise<unknown[]> => {
      const { stdout } = await scratch.jute(...words, ...more);
      return stdout
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
    };
    const first = { kind: "txn", name: "create", zxid: "0x100000005" };
    const last = { kind: "txn", name: "closeSession", zxid: "0x10000000e" };
    expect(await zxids()).toMatchObject([first, last]);
    expect(await zxids("--from", "0x100000006")).toMatchObject([last]);
    expect(await zxids("--to", "0x100000006")).toMatchObject([first]);
  });
});

describe("jute data cut", () => {
  it("copies all of a log that ends before the txn, and says so", async () => {
    const scratch = new Scratch();
    scratch.write("v/log.100000001", tenCreates());
    const words = ["cut", "v/log.100000001", "--zxid", "0x100000063", "--out", "all"];
    expect(await scratch.jute("data", ...words)).toEqual({
      exitCode: 0,
      stdout: `all: 10 txns, ${tenCreates().length} bytes\n`,
      stderr: "jute: v/log.100000001: the last txn is 0x10000000a, before 0x100000063\n",
    });
  });

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

  it("copies what comes before damage, and says that there is some", async () => {
    const scratch = apacheDirectory();
    // With the zeros that servers write in advance.
    const whole = [readFileSync(scratch.path("v/log.100000001")), Buffer.alloc(1 << 20)];
    const gzip = gzipSync(Buffer.concat(whole));
    scratch.write("damaged", Buffer.concat([gzip, Buffer.from("no second member")]));
    const words = ["cut", "damaged", "--zxid", "0x100000005", "--out", "short"];
    const outcome = await scratch.jute("data", ...words);
    expect(outcome).toMatchObject({ exitCode: 1, stdout: "short: 5 txns, 461 bytes\n" });
    expect(outcome.stderr).toContain("the compressed data is damaged");
    expect(readFileSync(scratch.path("short"))).toHaveLength(461);
  });

  it("makes no file of what is no log", async () => {
    const scratch = apacheDirectory();
    scratch.write("v/empty", "");
    for (const name of ["snapshot.200000002", "empty", "currentEpoch"]) {
      const line = ["cut", `v/${name}`, "--zxid", "0x100000005", "--out", "short"];
      const { exitCode, stderr } = await scratch.jute("data", ...line);
      expect(exitCode, name).toBe(1);
      expect(stderr).toContain(`v/${name}`);
      expect(existsSync(scratch.path("short"))).toBe(false);
    }
  });
});
