/** Every option of `jute decode` and `jute encode` reaches what it is about, seen from outside. */
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { ConnectRequest, QuorumPacket, Stat } from "@jute-ts/zookeeper";
import { describe, expect, it, onTestFinished } from "vitest";
import { packetsOf, pcapOf, recordedLife, tcpOf } from "../../inspect/test/pcap-files.js";
import { chunks, Scratch } from "./scratch.js";

const recorded = path.resolve(import.meta.dirname, "../../../test/java/persistence/recorded");
const log = readFileSync(path.join(recorded, "logs/log.100000001"));
const snapshot = readFileSync(path.join(recorded, "two-seals/snapshot.200000002"));
const snappy = readFileSync(path.join(recorded, "snappy/snapshot.200000002.snappy"));
const GARBAGE = Buffer.alloc(64, 0xff);
const GET = "0000000500000004000000022f6100";

async function lines(files: Scratch, ...words: string[]): Promise<string[]> {
  const { stdout } = await files.jute("decode", ...words);
  return stdout === "" ? [] : stdout.trimEnd().split("\n");
}

/** What a recorded server at this port said and heard, without the start of each direction. */
function middleOf(port: number): Uint8Array {
  const begun = new Set<string>();
  const packets = packetsOf(recordedLife()).flatMap((packet) => {
    const { ports, payload, key, isSyn } = tcpOf(packet);
    if (!ports.includes(port) || isSyn || payload.length === 0) return [];
    if (begun.has(key)) return [packet];
    begun.add(key);
    const bytes = Buffer.from(packet.bytes);
    bytes.fill("z", bytes.length - payload.length);
    return [{ ...packet, bytes }];
  });
  return pcapOf(packets);
}

describe("jute decode", () => {
  it("reads the body of a response by the op of --response-to", async () => {
    const files = new Scratch();
    const reply = Buffer.alloc(16);
    reply.writeInt32BE(5, 0);
    const hex = Buffer.concat([reply, Stat.encode({ version: 7 })]).toString("hex");
    const words = ["--as", "response", "--hex", hex, "--output", "json"];
    const plain = JSON.parse((await lines(files, ...words))[0] ?? "") as unknown;
    expect(plain).toMatchObject({ kind: "response", name: "response", body: null });
    const told = await lines(files, ...words, "--response-to", "exists");
    expect(JSON.parse(told[0] ?? "")).toMatchObject({
      name: "exists",
      body: { stat: { version: 7 } },
    });
  });

  it("asks whether another op was meant, and wants paths from the root on", async () => {
    const files = new Scratch();
    files.write("log.100000001", log);
    const crate = await files.jute("decode", "log.100000001", "--op", "crate");
    expect(crate).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "jute: --op crate is no op and no packet; did you mean create?\n",
    });
    const path = await files.jute("decode", "log.100000001", "--path", "app");
    expect(path.exitCode).toBe(2);
    expect(path.stderr).toContain("It must begin with /");
  });

  it("believes --sender where the bytes leave it open", async () => {
    const files = new Scratch();
    // REVALIDATE: a learner sends a session and a timeout, the leader a session and a yes or no.
    const data = Buffer.from("0100000000000007".padEnd(18, "0"), "hex");
    const hex = Buffer.from(
      QuorumPacket.encode({ type: 6, zxid: -1n, data, authinfo: null }),
    ).toString("hex");
    const words = ["--as", "packet", "--hex", hex];
    const sentBy = async (sender: string) => files.jute("decode", ...words, "--sender", sender);
    expect((await sentBy("leader")).exitCode).toBe(0);
    // The timeout is three bytes short.
    expect((await sentBy("learner")).exitCode).toBe(1);
  });

  it.each([
    ["client", 25_518, / (?:request|response|event) /],
    ["quorum", 29_583, / packet [A-Z]/],
    ["election", 28_935, / notification [A-Z]/],
  ])("believes --%s-port where the start of a connection is missing", async (name, port, shown) => {
    const files = new Scratch();
    files.write("middle.pcap", middleOf(port));
    const [flag, other] = [`--${name}-port`, name === "client" ? "--quorum-port" : "--client-port"];
    const found = async (...words: string[]): Promise<number> =>
      (await lines(files, "middle.pcap", ...words)).filter((line) => shown.test(line)).length;
    expect(await found()).toBe(0);
    expect(await found(other, String(port))).toBe(0);
    expect(await found(flag, String(port))).toBeGreaterThan(0);
    expect(await found(flag, "9", flag, String(port))).toBeGreaterThan(0);
  });

  it("takes days and times of them as UTC", async () => {
    const files = new Scratch();
    files.write("log", log);
    const since = async (time: string): Promise<number> =>
      (await lines(files, "log", "--since", time)).length;
    const zone = process.env["TZ"];
    process.env["TZ"] = "America/New_York";
    onTestFinished(() => {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    });
    for (const time of [
      "2023-11-14T22:13:20.309Z",
      "2023-11-14T22:13:20.309",
      "2023-11-14 22:13:20.309",
      "2023-11-14T17:13:20.309-05:00",
    ]) {
      expect(await since(time), time).toBe(2);
    }
    expect(await since("2023-11-15")).toBe(0);
    expect(await since("2023-11-14")).toBe(14);
  });

  it("shows what there is before more of it comes", async () => {
    const files = new Scratch();
    const stdout = {
      text: "",
      write: (chunk: string | Uint8Array) => (stdout.text += String(chunk)),
    };
    const written: number[] = [];
    async function* recording(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield log.subarray(0, 1000);
      yield log.subarray(1000, 4416);
      written.push(stdout.text.length);
    }
    await files.juteWith({ stdin: recording(), stdout }, "decode", "-");
    expect(written[0]).toBeGreaterThan(0);
    expect(written[0]).toBe(stdout.text.length);
  });

  it("says of a long file that it is no single message, and does not hold it", async () => {
    const files = new Scratch();
    const chunk = new Uint8Array(1 << 20);
    const stdin = chunks(...Array.from({ length: 65 }, () => chunk));
    const outcome = await files.juteWith({ stdin }, "decode", "-", "--as", "request");
    expect(outcome).toMatchObject({ exitCode: 1, stderr: "" });
    expect(outcome.stdout).toContain(`${65 << 20} bytes are not decoded`);
    expect(outcome.stdout).toContain("is it another format?");
  });

  it("shows one znode and those below it with --path", async () => {
    const files = new Scratch();
    files.write("log", log);
    expect(await lines(files, "log", "--path", "/app/x")).toHaveLength(2);
    const both = await lines(files, "log", "--path", "/app/x", "--path", "/app/b*");
    expect(both).toHaveLength(4);
    expect(await lines(files, "log", "--path", "/ap")).toEqual([]);
  });

  it("cuts long values in dumps, but with --full none", async () => {
    const files = new Scratch();
    const passwd = new Uint8Array(300).fill(7);
    files.write("connect", ConnectRequest.encode({ passwd, timeOut: 1, sessionId: 1n }));
    const words = ["connect", "--as", "connectRequest", "--output", "dump"];
    const sevens = (dump: string[]): number => dump.join(" ").split(" 07").length - 1;
    const short = await lines(files, ...words);
    const full = await lines(files, ...words, "--full");
    expect(sevens(full)).toBe(300);
    expect(sevens(short)).toBeLessThan(100);
  });

  it("writes a table with a head", async () => {
    const files = new Scratch();
    files.write("log", log);
    const table = await lines(files, "log", "--output", "table", "--zxid", "0x100000005");
    expect(table).toHaveLength(3);
    expect(table[0]).toMatch(/^time +place +kind +name +session/);
    expect(table[2]).toContain("/app/bob");
  });

  it("reads base64 text from a file, over several lines", async () => {
    const files = new Scratch();
    const base64 = Buffer.from(GET, "hex").toString("base64");
    files.write("message", `${base64.slice(0, 7)}\n${base64.slice(7)}\n`);
    const words = ["message", "--as", "request", "--encoding", "base64"];
    expect(await lines(files, ...words)).toEqual([
      expect.stringContaining("request getData xid=5"),
    ]);
  });

  it("shows what comes before the damage of compressed snapshots", async () => {
    const files = new Scratch();
    files.write("whole", snapshot);
    const whole = await lines(files, "whole");
    const gzip = gzipSync(snapshot);
    const changed = Buffer.from(gzip);
    changed.writeUInt8((changed[gzip.length >> 1] ?? 0) ^ 0xff, gzip.length >> 1);
    const block = Buffer.from(snappy);
    block.writeUInt32BE(0x7fff_ffff, snappy.length >> 1);
    const damaged = "the compressed data is damaged";
    for (const [name, bytes, message] of [
      ["cut.gz", gzip.subarray(0, -20), damaged],
      ["changed.gz", changed, damaged],
      ["cut.snappy", snappy.subarray(0, -20), damaged],
      // What is wrong in a block that can be inflated shows in the seal.
      ["changed.snappy", block, "where the checksum is"],
    ] as const) {
      files.write(name, bytes);
      const { exitCode, stdout, stderr } = await files.jute("decode", name);
      expect(exitCode, name).toBe(1);
      expect(`${stdout}${stderr}`, name).toContain(message);
      // Snappy's blocks are as long as Apache's buffer, so that all may lie in the damaged one.
      if (name === "cut.gz") {
        const before = stdout.split("\n").slice(0, 8);
        expect(before).toEqual(whole.slice(0, 8));
      }
    }
  });
});

it("loses little before damage however well the content is compressed", async () => {
  const files = new Scratch();
  const content = Buffer.concat(Array.from({ length: 1000 }, () => log.subarray(0, 4416)));
  // A second member that is none.
  files.write(
    "log.gz",
    Buffer.concat([gzipSync(content), Buffer.from("1f8b0800", "hex"), GARBAGE]),
  );
  const { exitCode, stdout } = await files.jute("decode", "log.gz", "--output", "summary");
  expect(exitCode).toBe(1);
  const shown = Number(/^\d+ items, (\d+) bytes/.exec(stdout)?.[1]);
  expect(shown).toBeGreaterThan(content.length - (64 << 10));
  expect(shown).toBeLessThanOrEqual(content.length);
});

describe("jute encode", () => {
  it("writes hex, base64 or bytes, with the length in front if --framed", async () => {
    const files = new Scratch();
    files.write("get", '{"kind":"request","name":"getData","xid":5,"body":{"path":"/a"}}\n');
    const made = async (...words: string[]): Promise<string> =>
      (await files.jute("encode", "get", ...words)).stdout;
    expect(await made()).toBe(`${GET}\n`);
    expect(await made("--framed")).toBe(`0000000f${GET}\n`);
    expect(await made("--encoding", "base64")).toBe(
      `${Buffer.from(GET, "hex").toString("base64")}\n`,
    );
    expect(await made("--encoding", "raw")).toBe(Buffer.from(GET, "hex").toString());
  });

  it("takes one value over several lines, or one on each", async () => {
    const files = new Scratch();
    const body = { path: "/a", version: -1 };
    files.write("one", JSON.stringify(body, undefined, 2));
    files.write("two", `\n${JSON.stringify(body)}\n\n${JSON.stringify(body)}`);
    const bytes = "000000022f61ffffffff\n";
    const words = ["--record", "DeleteRequest"];
    expect((await files.jute("encode", "one", ...words)).stdout).toBe(bytes);
    expect((await files.jute("encode", "two", ...words)).stdout).toBe(bytes + bytes);
  });

  it("says which line is wrong, after what came before it", async () => {
    const files = new Scratch();
    const good = '{"path":"/a","version":-1}\n';
    for (const [bad, message] of [
      ['{"path":1}', "line 2: DeleteRequest.path"],
      ["{", "line 2: "],
      ["\ud800", "line 2: "],
    ] as const) {
      files.write("lines", `${good}${bad}\n`);
      const outcome = await files.jute("encode", "lines", "--record", "DeleteRequest");
      expect(outcome).toMatchObject({ exitCode: 1, stdout: "000000022f61ffffffff\n" });
      expect(outcome.stderr).toContain(message);
    }
    files.write("latin1", Buffer.from('{"path":"/\xe9"}', "latin1"));
    const refused = await files.jute("encode", "latin1", "--record", "DeleteRequest");
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toContain("not UTF-8");
  });

  it.each([
    ["lines --as file --framed", "--framed"],
    ["lines --schema a.jute", "--schema needs --record"],
    ["nothing", "there is no file nothing"],
    [".", ". is a directory"],
  ])("refuses %j", async (words, message) => {
    const files = new Scratch({ lines: "{}" });
    const { exitCode, stderr } = await files.jute("encode", ...words.split(" "));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

/** Takes a piece at a time, and says late that it wants another. */
class SlowReader extends EventEmitter {
  readonly pieces: Buffer[] = [];
  readonly isTTY = false;
  /** Pieces that came before they were asked for. */
  unasked = 0;
  #isBusy = false;

  write(chunk: string | Uint8Array): boolean {
    this.pieces.push(Buffer.from(chunk));
    if (this.#isBusy) this.unasked++;
    this.#isBusy = true;
    setTimeout(() => {
      this.#isBusy = false;
      this.emit("drain");
    }, 2);
    return false;
  }
}

describe("what reads slowly", () => {
  it("gets what decode writes as it asks for it", async () => {
    const files = new Scratch();
    const stdout = new SlowReader();
    const stdin = chunks(...Array.from({ length: 100 }, () => log.subarray(0, 4416)));
    await files.juteWith({ stdin, stdout }, "decode", "-", "--output", "json");
    expect(stdout.pieces.length).toBeGreaterThan(5);
    expect(stdout.unasked).toBe(0);
  });

  it("gets what encode writes as it asks for it, from standard input that goes on", async () => {
    const files = new Scratch();
    const line = `${JSON.stringify({ path: "/a".repeat(500), version: 1 })}\n`;
    const stdout = new SlowReader();
    const stdin = chunks(...Array.from({ length: 200 }, () => line));
    const words = ["encode", "-", "--record", "DeleteRequest"];
    expect(await files.juteWith({ stdin, stdout }, ...words)).toMatchObject({ exitCode: 0 });
    expect(stdout.pieces.length).toBeGreaterThan(3);
    expect(stdout.unasked).toBe(0);
    expect(Buffer.concat(stdout.pieces).length).toBe(200 * (2 * 1008 + 1));
  });
});
