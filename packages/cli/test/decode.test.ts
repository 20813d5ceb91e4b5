/** `jute decode` and `jute encode` as commands: inputs, options, exit codes. What bytes mean is tested in `inspect`. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { adler32 } from "@jute-ts/persistence";
import { describe, expect, it } from "vitest";
import { chunks, Scratch } from "./scratch.js";

const recorded = path.resolve(import.meta.dirname, "../../../test/java/persistence/recorded");
const log = readFileSync(path.join(recorded, "logs/log.100000001"));
const snapshot = readFileSync(path.join(recorded, "two-seals/snapshot.200000002"));
const life = path.resolve(import.meta.dirname, "../../inspect/test/recorded/life.pcap.gz");
const GET = "0000000500000004000000022f6100";

function scratch(): Scratch {
  const made = new Scratch();
  made.write("log.100000001", log);
  made.write("snapshot.200000002", snapshot);
  return made;
}

describe("jute decode", () => {
  it("recognizes files, inflates gzip, and reads standard input", async () => {
    const files = scratch();
    files.write("snapshot.gz", gzipSync(snapshot));
    const plain = await files.jute("decode", "snapshot.200000002");
    expect(plain).toMatchObject({ exitCode: 0, stderr: "" });
    expect(plain.stdout.trim().split("\n")).toHaveLength(21);
    expect(await files.jute("decode", "snapshot.gz")).toEqual(plain);
    const piped = await files.juteWith({ stdin: chunks(snapshot) }, "decode", "-");
    expect(piped).toEqual(plain);
  });

  it("takes hex and base64, on the command line and in files", async () => {
    const files = scratch();
    const expected = await files.jute("decode", "--as", "request", "--hex", GET);
    expect(expected.stdout).toContain('request getData xid=5  path="/a" watch=false');
    const base64 = Buffer.from(GET, "hex").toString("base64");
    expect(await files.jute("decode", "--as", "request", "--base64", base64)).toEqual(expected);
    files.write("message.txt", GET.replace(/(..)/g, "$1 "));
    const fromFile = ["decode", "--as", "request", "--encoding", "hex", "message.txt"];
    expect(await files.jute(...fromFile)).toEqual(expected);
  });

  it("decodes a record of a schema", async () => {
    const files = scratch();
    files.write("own.jute", "module shop { class Item { ustring name; vector<int> sizes; } }\n");
    const line = ["decode", "--record", "Item", "--schema", "own.jute", "--output", "json"];
    const { stdout } = await files.jute(...line, "--hex", "000000016100000002000000070000000b");
    expect(JSON.parse(stdout)).toMatchObject({ name: "Item", body: { name: "a", sizes: [7, 11] } });
    const encoded = await files.juteWith(
      { stdin: chunks('{"name":"a","sizes":[7,11]}') },
      ..."encode - --record Item --schema own.jute".split(" "),
    );
    expect(encoded.stdout).toBe("000000016100000002000000070000000b\n");
  });

  it("filters by zxid, op, session, time and error", async () => {
    const files = scratch();
    const count = async (...filter: string[]): Promise<number> => {
      const { stdout } = await files.jute("decode", "log.100000001", ...filter);
      return stdout.split("\n").length - 1;
    };
    expect(await count("--zxid", "0x100000003..0x100000005")).toBe(3);
    expect(await count("--zxid", "0x10000000d..")).toBe(2);
    // Three, one of the other, and a multi with a create in it.
    expect(await count("--op", "create", "--op", "CREATE2")).toBe(5);
    expect(await count("--session", "0x2000000000000002")).toBe(5);
    expect(await count("--since", "2023-11-14T22:13:20.309Z")).toBe(2);
    expect(await count("--until", "1700000000298")).toBe(2);
    expect(await count("--errors")).toBe(1);
  });

  it("finds ops inside of a multi, in logs and in what clients and servers say", async () => {
    const files = scratch();
    const lines = async (...words: string[]): Promise<string[]> =>
      (await files.jute("decode", ...words)).stdout.trim().split("\n");
    // The txn of the multi has a check, which stands nowhere alone.
    expect(await lines("log.100000001", "--op", "CHECK")).toEqual([
      expect.stringContaining("txn multi zxid=0x10000000a"),
    ]);
    expect(await lines("log.100000001", "--op", "setData")).toHaveLength(2);
    const request = {
      kind: "request",
      name: "multi",
      body: [{ op: "delete", body: { path: "/a" } }],
    };
    const encoded = await files.juteWith({ stdin: chunks(JSON.stringify(request)) }, "encode", "-");
    const words = ["--as", "request", "--hex", encoded.stdout.trim(), "--op"];
    expect(await lines(...words, "delete")).toEqual([expect.stringContaining("request multi")]);
    expect(await lines(...words, "create")).toEqual([""]);
  });

  it("ends with 1 for damage, and shows what comes before and after it", async () => {
    const files = scratch();
    const damaged = Buffer.from(log);
    // In the data of the setData, whose checksum is wrong then.
    damaged.writeUInt8(1, 0x400);
    files.write("damaged", damaged);
    const { exitCode, stdout } = await files.jute("decode", "damaged");
    expect(exitCode).toBe(1);
    const lines = stdout.trim().split("\n");
    const txn = damaged.subarray(0x2c7 + 12, 0x2c7 + 12 + damaged.readInt32BE(0x2c7 + 8));
    const claimed = damaged.readBigInt64BE(0x2c7);
    expect(lines.filter((line) => line.startsWith("  !"))).toEqual([
      `  ! at byte 711: checksum: the checksum of the record is ${claimed}, and its txn has ${adler32(txn)}`,
    ]);
    expect(lines).toHaveLength(17);
  });

  it("ends with 1 for a compressed file that is cut", async () => {
    const files = scratch();
    files.write("cut.gz", gzipSync(snapshot).subarray(0, 300));
    const { exitCode, stderr } = await files.jute("decode", "cut.gz");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cut.gz: the compressed data is damaged");
  });

  it.each([
    [["nothing.log"], "there is no file nothing.log"],
    [["."], ". is a directory"],
    [[], "name a file"],
    [["--hex", "0g", "--as", "request"], 'it holds "g"'],
    [["--hex", "012", "--as", "request"], "3 hex digits"],
    [["--hex", "01"], "say what the bytes are"],
    [["--record", "Statt", "--hex", "00"], "did you mean Stat?"],
    [["log.100000001", "--zxid", "x"], "such as 0x100000001"],
    [["log.100000001", "--since", "yesterday"], "such as 2026"],
    [["log.100000001", "--since", "day 5"], "such as 2026"],
    [["--as", "response", "--hex", "00", "--response-to", "constructor"], "such as create"],
    [["log.100000001", "--as", "log", "--quorum-port", "2888"], "are for captures"],
    [["log.100000001", "--client-port", "0"], "1 to 65535"],
    [["log.100000001", "--hex", "00"], "only one of them"],
    [["-", "-"], "stands twice"],
    [["log.100000001", "--response-to", "create"], "--response-to is for --as response"],
    [["log.100000001", "--sender", "leader"], "--sender is for --as packet"],
    [["log.100000001", "--full"], "--full is for --output dump"],
    [["log.100000001", "--as", "txn", "--threads", "2"], "--threads is for logs"],
    [["log.100000001", "--threads", "0"], "It must be a number of threads, 1 to 999."],
    [["log.100000001", "--schema", "own.jute"], "--schema needs --record"],
  ])("refuses %j", async (words, message) => {
    const { exitCode, stdout, stderr } = await scratch().jute("decode", ...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("says how many packets of a capture hold nothing that it decodes", async () => {
    const files = scratch();
    const capture = gunzipSync(readFileSync(life));
    files.write("life.pcap", capture);
    const { stdout, exitCode } = await files.jute("decode", "life.pcap", "--output", "summary");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\n\d+ packets, \d+ TCP connections\n$/);
    // The link layer is a number in the header; this one nobody has.
    capture.writeUInt32LE(147, 20);
    files.write("unknown.pcap", capture);
    const unknown = await files.jute("decode", "unknown.pcap");
    expect(unknown).toMatchObject({ exitCode: 1, stdout: "" });
    expect(unknown.stderr).toMatch(/unknown\.pcap: (\d+) of \1 packets are not decoded: \1 of an/);
    files.write("none.pcap", capture.subarray(0, 24));
    expect(await files.jute("decode", "none.pcap")).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
    files.write("empty", "");
    expect((await files.jute("decode", "empty", "--as", "capture")).exitCode).toBe(1);
    expect((await files.jute("decode", "empty")).stderr).toContain("empty is empty");
  });

  it("refuses a file that is none of ZooKeeper's", async () => {
    const files = scratch();
    files.write("notes.txt", "These are only notes.");
    const { exitCode, stderr } = await files.jute("decode", "notes.txt");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("say what it is by --as");
  });
});

describe("jute encode", () => {
  it("makes a log of Apache's again, but for the padding", async () => {
    const files = scratch();
    const { stdout } = await files.jute("decode", "log.100000001", "--output", "json");
    files.write("log.jsonl", stdout);
    const made = await files.jute("encode", "log.jsonl", "--as", "file");
    expect(made).toMatchObject({ exitCode: 0, stderr: "" });
    expect(log.toString("hex").startsWith(made.stdout.trim())).toBe(true);
    expect(made.stdout.trim().length / 2).toBe(4416);
  });

  it("makes a snapshot of Apache's again", async () => {
    const files = scratch();
    const { stdout } = await files.jute("decode", "snapshot.200000002", "--output", "json");
    files.write("snapshot.jsonl", stdout);
    const made = await files.jute(
      "encode",
      "snapshot.jsonl",
      "--as",
      "file",
      "--encoding",
      "base64",
    );
    expect(Buffer.from(made.stdout, "base64").equals(snapshot)).toBe(true);
  });

  it.each([
    ['{"kind":"request","name":"getDat"}', "the name of an op"],
    ['{"kind":"nothing"}', "one of request, response"],
    ['{"kind":"request","name":"getData","body":{"path":1}}', "path"],
    ["[", "line 1"],
  ])("says what is wrong with %s", async (json, message) => {
    const { exitCode, stdout, stderr } = await scratch().juteWith(
      { stdin: chunks(json) },
      "encode",
      "-",
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(message);
  });
});
