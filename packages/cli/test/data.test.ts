/** `jute data` on directories that Apache's classes and our tree have written. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { DataTree } from "@jute-ts/data-tree";
import {
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  readTxnLog,
  SnapshotFileEncoder,
} from "@jute-ts/persistence";
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

/** The snapshot file of a tree. */
function snapshotOf(tree: DataTree): Uint8Array {
  const encoder = new SnapshotFileEncoder();
  const source = tree.snapshot();
  const pieces = [encoder.header()];
  for (let piece = source.next(); piece !== undefined; piece = source.next()) {
    pieces.push(encoder.body(piece));
  }
  return Buffer.concat([...pieces, encoder.trailer({})]);
}

describe("jute data verify", () => {
  it("says that no server starts with logs alone, and compares the digests of all txns still", async () => {
    const scratch = new Scratch();
    scratch.write("v/log.100000001", tenCreates());
    const first = "ok     log.100000001: 10 txns, end at byte";
    const refused = "error  v: there are logs and no snapshot: a server starts only with snapshot";
    const { exitCode, stdout } = await scratch.jute("data", "verify", "v");
    expect(stdout).toContain(first);
    expect(stdout).toContain(refused);
    expect(stdout).toContain("ok     log.100000001: replayed from 0x0 to 0x10000000a");
    expect(exitCode).toBe(1);
    // Of a later log nobody knows the tree before it.
    renameSync(scratch.path("v/log.100000001"), scratch.path("v/log.100000002"));
    const later = await scratch.jute("data", "verify", "v");
    expect(later.stdout).toContain(refused);
    expect(later.stdout).not.toContain("replayed");
  });

  it("reads files that are links, as servers do, and says of those that lead nowhere", async () => {
    const scratch = apacheDirectory();
    const expected = await scratch.jute("data", "verify", "v");
    renameSync(scratch.path("v"), scratch.path("files"));
    mkdirSync(scratch.path("v"));
    for (const name of readdirSync(scratch.path("files"))) {
      symlinkSync(`../files/${name}`, scratch.path(`v/${name}`));
    }
    expect(await scratch.jute("data", "verify", "v")).toEqual(expected);
    rmSync(scratch.path("files/log.200000001"));
    const { exitCode, stderr } = await scratch.jute("data", "verify", "v");
    expect(stderr).toContain("there is no file v/log.200000001");
    expect(exitCode).toBe(2);
  });

  it("finds nothing wrong with what Apache's classes wrote", async () => {
    const { exitCode, stdout } = await apacheDirectory().jute("data", "verify", "v");
    expect(exitCode).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      "ok     log.100000001: 14 txns, padding at byte 4416",
      "ok     log.200000001: 2 txns, end at byte 223",
      "ok     snapshot.200000002: 10 znodes, 1 session",
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

describe("jute data of a log that a crash tore", () => {
  const whole = tenCreates();
  const { records } = readTxnLog(whole);
  /** Where the 8th record begins. */
  const cutAt = records[7]?.offset ?? 0;

  function torn(rest: Uint8Array): Scratch {
    // The empty snapshot with which a server begins.
    const scratch = new Scratch();
    scratch.write("v/snapshot.0", snapshotOf(new DataTree()));
    scratch.write("v/log.100000001", whole.subarray(0, cutAt + 5));
    const first = readTxnLog(rest).records[0]?.zxid.toString(16) ?? "";
    scratch.write(`v/log.${first}`, rest);
    return scratch;
  }

  /** What is said of the logs by themselves. */
  async function verified(rest: Uint8Array): Promise<{ exitCode: number; lines: string[] }> {
    const { exitCode, stdout } = await torn(rest).jute("data", "verify", "v");
    return { exitCode, lines: stdout.split("\n").filter((line) => / log\.\w+: /.test(line)) };
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

  it("is an error to all of them before a new epoch, unless a snapshot shows that a server went on with what is left", async () => {
    const directory = apacheDirectory();
    const log = readFileSync(directory.path("v/log.100000001"));
    const last = readTxnLog(log).records.at(-1)?.endOffset ?? 0;
    directory.write("v/log.100000001", log.subarray(0, last - 5));
    const start = readTxnLog(log).records.at(-1)?.offset ?? 0;
    const zxid = readTxnLog(log).records.at(-2)?.zxid.toString(16) ?? "";
    const verdicts = async (...more: string[]): Promise<unknown> => {
      const { stdout } = await directory.jute("data", "verify", "v");
      const tree = await directory.jute("data", "tree", "v", ...more);
      const history = await directory.jute("data", "history", "v", "--path", "/");
      return {
        verify: stdout.slice(0, stdout.indexOf(" at byte")),
        tree: [tree.exitCode, tree.stderr],
        history: [history.exitCode, history.stderr],
      };
    };
    const flaw = `jute: log.100000001: it is torn at byte ${start}, and txns may be missing between there and 0x200000001\n`;
    const uncertain = {
      verify: "error  log.100000001: 13 txns, torn",
      tree: [1, flaw],
      history: [1, flaw],
    };
    const certain = {
      verify: "note   log.100000001: 13 txns, torn",
      tree: [0, ""],
      history: [0, ""],
    };
    // A server begins with it, but what lies before it nobody knows.
    expect(await verdicts()).toEqual({ ...certain, history: [1, flaw] });
    renameSync(directory.path("v/snapshot.200000002"), directory.path("v/kept"));
    expect(await verdicts()).toEqual(uncertain);
    // A tree that ends before it lacks nothing.
    expect(await verdicts("--zxid", `0x${zxid}`)).toEqual({ ...uncertain, tree: [0, ""] });
    // An end with which nothing goes on tells nothing.
    renameSync(directory.path("v/log.200000001"), directory.path("v/later"));
    directory.write("v/log.10000000e", log.subarray(0, 16));
    expect(await verdicts()).toEqual(certain);
    renameSync(directory.path("v/later"), directory.path("v/log.200000001"));
    expect(await verdicts()).toEqual(uncertain);
    renameSync(directory.path("v/kept"), directory.path(`v/snapshot.${zxid}`));
    expect(await verdicts()).toEqual(certain);
    // Of a log without any record no snapshot shows that it never had one.
    directory.write("v/log.10000000e", log.subarray(0, 7));
    const empty = flaw.replace("100000001: ", "10000000e: ").replace(String(start), "0");
    expect(await verdicts()).toEqual({ ...certain, tree: [1, empty], history: [1, empty] });
    const { stdout } = await directory.jute("data", "verify", "v");
    expect(stdout).toContain("\nerror  log.10000000e: 0 txns, torn at byte 0");
  });

  it("is the same to tree and history: an error only where txns are missing after it", async () => {
    const alone = new Scratch();
    alone.write("v/log.100000001", whole.subarray(0, cutAt + 5));
    const goesOn = torn(Buffer.concat([header, whole.subarray(cutAt)]));
    const gap = torn(Buffer.concat([header, whole.subarray(records[8]?.offset)]));
    const missing = "jute: log.100000009: txns are missing between 0x100000007 and 0x100000009\n";
    for (const words of ["tree v", "history v --path /"]) {
      const run = async (scratch: Scratch, ...more: string[]): Promise<unknown> => {
        const { exitCode, stderr } = await scratch.jute("data", ...words.split(" "), ...more);
        return { exitCode, stderr };
      };
      expect(await run(alone), words).toEqual({ exitCode: 0, stderr: "" });
      expect(await run(goesOn), words).toEqual({ exitCode: 0, stderr: "" });
      expect(await run(gap), words).toEqual({
        exitCode: 1,
        stderr: expect.stringContaining(missing) as string,
      });
    }
    const words = ["data", "history", "v", "--path", "/"];
    expect(await gap.jute(...words, "--to", "0x100000007")).toMatchObject({ exitCode: 0 });
    expect(await gap.jute(...words, "--to", "0x100000008")).toMatchObject({ exitCode: 1 });
    expect(await gap.jute(...words, "--from", "0x100000009")).toMatchObject({ exitCode: 0 });
  });

  it("is an error where the last record is whole and its checksum wrong, before others", async () => {
    const scratch = new Scratch();
    const rotten = Uint8Array.from(whole);
    rotten[cutAt + 40] = 0xaa;
    scratch.write("v/log.100000001", rotten);
    for (const words of ["tree v", "history v --path /", "verify v"]) {
      const { exitCode } = await scratch.jute("data", ...words.split(" "));
      expect(exitCode, words).toBe(1);
    }
    const upTo = ["data", "history", "v", "--path", "/", "--to", "0x100000007"];
    expect(await scratch.jute(...upTo)).toMatchObject({ exitCode: 0, stderr: "" });
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
      expect(same).toEqual({ exitCode: 0, stdout: "", stderr: "jute: nothing differs\n" });
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

  it("find the files of a dataDir in its version-2", async () => {
    const scratch = new Scratch();
    scratch.write("data/version-2/log.100000001", tenCreates());
    scratch.write("data/myid", "1");
    const tree = await scratch.jute("data", "tree", "data/version-2");
    expect(tree.exitCode).toBe(0);
    expect(await scratch.jute("data", "tree", "data")).toEqual(tree);
    const apart = ["--log-dir", "data/version-2"];
    expect(await scratch.jute("data", "tree", "data", ...apart)).toEqual(tree);
  });

  it("say that there is nothing to show", async () => {
    const scratch = new Scratch();
    scratch.write("v/log.100000001", tenCreates());
    const told = async (...words: string[]): Promise<readonly [number, string, string]> => {
      const { exitCode, stdout, stderr } = await scratch.jute("data", ...words);
      return [exitCode, stdout, stderr];
    };
    const tree = await told("tree", "v", "--path", "/nope");
    expect(tree).toEqual([1, "", "jute: v: there is no znode /nope after 0x10000000a\n"]);
    const history = await told("history", "v", "--path", "/nope");
    expect(history).toEqual([0, "", "jute: no txn of these logs is about /nope\n"]);
    expect(await told("diff", "v", "v")).toEqual([0, "", "jute: nothing differs\n"]);
    const early = await told("tree", "v", "--zxid", "5");
    expect(early[2]).toBe("jute: v: there is no txn 0x5; none is before it\n");
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
    expect(later.stderr).toContain(
      "there is no txn 0x100000020; the last before it is 0x10000000a",
    );
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
      ["tree v --path app", "must begin with /"],
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
      ["verify v/log.100000001", "v/log.100000001 is no directory: name the one that has it"],
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
      stderr:
        "jute: v/log.100000001: there is no txn 0x100000063; the last before it is 0x10000000a\n",
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
