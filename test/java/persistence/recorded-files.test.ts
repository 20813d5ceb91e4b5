/**
 * The files that Java wrote (recorded by record.sh), read by jute-ts without
 * Java: they must say what Java says that they say, and written again they must
 * be the same bytes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  decodeEpochFile,
  encodeSnapshotBody,
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  EpochFileError,
  hasSnappyMagic,
  isSnapshotCandidate,
  logFileName,
  paddedLogSize,
  parseDataFileName,
  readSnapshot,
  readTxnLog,
  SnappyDecoder,
  SnapshotFileEncoder,
  snapshotFileName,
} from "@jute-ts/persistence";
import { decodeTxn, OpCode, TxnDigest } from "@jute-ts/zookeeper";
import { logLine, treeLines } from "./file-texts.js";

const recorded = new URL("recorded/", import.meta.url);

function bytesOf(path: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(path, recorded)));
}

function linesOf(path: string): string[] {
  return readFileSync(new URL(path, recorded), "utf8").trimEnd().split("\n");
}

function fromHex(text: string | undefined): Uint8Array {
  return Buffer.from(text?.slice(2) ?? "", "hex");
}

const logNames = ["log.100000001", "log.200000001"] as const;

describe("the logs", () => {
  it("say what Java says that they say", () => {
    const lines = logNames.flatMap((name) => {
      const { records } = readTxnLog(bytesOf(`logs/${name}`), {
        firstZxid: parseDataFileName(name)?.zxid,
      });
      return records.map(({ zxid, bytes }) => logLine(zxid, bytes));
    });
    expect(lines).toEqual(linesOf("logs.txt"));
    expect(lines.length).toBe(16);
  });

  it("end in padding where it was allocated, and otherwise behind the last record", () => {
    const ends = logNames.map((name) => readTxnLog(bytesOf(`logs/${name}`)).end.kind);
    expect(ends).toEqual(["padding", "end"]);
  });

  it("are the same when they are written again, padding included", () => {
    for (const [name, preAllocBytes] of [
      [logNames[0], 4096],
      [logNames[1], 0],
    ] as const) {
      const file = bytesOf(`logs/${name}`);
      let size = encodeTxnLogHeader().length;
      const parts = [encodeTxnLogHeader()];
      let position = size;
      for (const { bytes } of readTxnLog(file).records) {
        // Java forgets what it has not flushed when it decides on the size, and it flushed once, at the end.
        size = paddedLogSize(encodeTxnLogHeader().length, size, preAllocBytes);
        parts.push(encodeTxnLogRecords([bytes]));
        position += parts.at(-1)?.length ?? 0;
      }
      const written = new Uint8Array(Math.max(size, position));
      written.set(Buffer.concat(parts));
      expect(written).toEqual(file);
    }
  });

  it("have the digests that the tree had, in the epoch that has any", () => {
    const digests = logNames.map((name) =>
      readTxnLog(bytesOf(`logs/${name}`)).records.map(({ bytes }) => decodeTxn(bytes)),
    );
    for (const { type, digest } of digests[0] ?? []) {
      expect(digest instanceof TxnDigest).toBe(type !== OpCode.error);
    }
    expect(digests[1]?.every(({ digest }) => digest === null)).toBe(true);
  });
});

const digest = (() => {
  const [zxid = "", version = "", value = ""] = linesOf("digest.txt")[0]?.split(" ") ?? [];
  return { zxid: BigInt(zxid), version: Number(version), digest: BigInt(value) };
})();
const zxid = digest.zxid;

const trailers = {
  "one-seal": { seals: 1 },
  "two-seals": { seals: 2, digest },
  gz: { seals: 2, digest },
  snappy: { seals: 2, digest },
  "three-seals": { seals: 3, digest, lastProcessedZxid: zxid },
  "zxid-without-digest": { seals: 2, lastProcessedZxid: zxid },
  "text-digest": { seals: 2, digest: { zxid, version: 1, digest: 0x1f2e_3d4c_5b6a_7988n } },
  "negative-text-digest": { seals: 2, digest: { zxid, version: 1, digest: -(2n ** 63n - 1n) } },
};

describe.each(Object.entries(trailers))("the snapshot with %s", (directory, trailer) => {
  const name = readdirSync(new URL(directory, recorded))[0] ?? "";
  const stored = bytesOf(`${directory}/${name}`);
  const { compression } = parseDataFileName(name) ?? {};
  const file =
    compression === "gz"
      ? Uint8Array.from(gunzipSync(stored))
      : compression === "snappy"
        ? inflated(stored)
        : stored;

  it("has a name that says what it is", () => {
    expect(parseDataFileName(name)).toMatchObject({ kind: "snapshot", zxid });
    expect(compression === "snappy").toBe(hasSnappyMagic(stored));
    if (compression === "none") expect(isSnapshotCandidate(stored, stored.length)).toBe(true);
  });

  it("holds the tree that Java had", () => {
    const snapshot = readSnapshot(file);
    expect(treeLines(snapshot)).toEqual(linesOf("tree.txt"));
    expect(snapshot.trailer).toEqual(trailer);
  });

  it("is the same when it is written again", () => {
    const { sessions, acls, nodes, trailer: found } = readSnapshot(file);
    const content = { sessions, sessionCount: sessions.size, acls, aclCount: acls.size, nodes };
    const encoder = new SnapshotFileEncoder();
    const parts = [encoder.header()];
    for (const chunk of encodeSnapshotBody(content, 100)) parts.push(encoder.body(chunk));
    parts.push(encoder.trailer(found));
    expect(Uint8Array.from(Buffer.concat(parts))).toEqual(file);
  });
});

function inflated(stored: Uint8Array): Uint8Array {
  const decoder = new SnappyDecoder();
  const parts = decoder.push(stored);
  decoder.finish();
  return Uint8Array.from(Buffer.concat(parts));
}

describe("what Java makes of", () => {
  it("names is what we make of them", () => {
    for (const line of linesOf("names.txt")) {
      const [value = "", log = "", snapshot = ""] = line.split(" ");
      expect(logFileName(BigInt(value))).toBe(log);
      expect(snapshotFileName(BigInt(value))).toBe(snapshot);
      expect(parseDataFileName(log)).toMatchObject({ kind: "log", zxid: BigInt(value) });
      expect(parseDataFileName(snapshot)).toMatchObject({ kind: "snapshot", zxid: BigInt(value) });
    }
  });

  it("sizes is what we make of them", () => {
    const lines = linesOf("sizes.txt");
    for (const line of lines) {
      const [position = 0, size = 0, preAllocBytes = 0, result] = line.split(" ").map(Number);
      expect(paddedLogSize(position, size, preAllocBytes), line).toBe(result);
    }
    expect(lines.length).toBeGreaterThan(400);
  });

  it("the last bytes of a file is what we make of them", () => {
    for (const line of linesOf("candidates.txt")) {
      const [hex, verdict] = line.split(" ");
      const bytes = fromHex(hex);
      expect(String(isSnapshotCandidate(bytes, bytes.length)), line).toBe(verdict);
    }
  });

  it("an epoch file is what we make of it, within the numbers that an epoch can be", () => {
    for (const line of linesOf("epochs.txt")) {
      const [hex, result] = line.split(" ");
      // Java writes -1 where it has no database, which has seen no epoch yet.
      const isEpoch = result !== "refused" && Number(result) >= -1 && Number(result) < 2 ** 31;
      if (isEpoch) {
        expect(decodeEpochFile(fromHex(hex)), line).toBe(Math.max(Number(result), 0));
      } else {
        expect(() => decodeEpochFile(fromHex(hex)), line).toThrow(EpochFileError);
      }
    }
  });
});
