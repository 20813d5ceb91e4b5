/**
 * What one process does with the tree, so that its memory is that of this one task. Prints one line of JSON.
 *
 *   create   a leader with 16 requests under way makes the znodes; leaves the log and a snapshot
 *   decode   the log's records, with their checksums, and nothing else
 *   replay   the log, into an empty tree
 *   load     the snapshot, into an empty tree
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DataTree } from "@jute-ts/data-tree";
import {
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  SnapshotFileDecoder,
  SnapshotFileEncoder,
  TxnLogDecoder,
} from "@jute-ts/persistence";
import {
  CreateRequest,
  CreateSessionTxn,
  makeZxid,
  OpCode,
  Perms,
  TxnHeader,
} from "@jute-ts/zookeeper";
import { type Figures, type Phase, snapshotFile } from "./figures.js";

const PIECE_BYTES = 1 << 20;
const OUTSTANDING = 16;
const SESSION = 0x1000_0000_0000_0000n;
const DATA_BYTES = 100;
const HEADER_BYTES = 32;

const [phase, directory = ".", count = "0"] = process.argv.slice(2);
const logFile = join(directory, "log.100000001");
const snapshot = snapshotFile(directory, Number(count));
const phases: Record<Phase, () => Partial<Figures>> = { create, decode, replay, load };
const before = memory();
const figures = phases[phase as Phase]();
const peakMegabytes = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ peakMegabytes, ...figures }));

function create(): Partial<Figures> {
  const tree = new DataTree();
  const log = openSync(logFile, "w");
  writeSync(log, encodeTxnLogHeader());
  const session = new CreateSessionTxn({ timeOut: 30_000 }).encode();
  const acl = [{ perms: Perms.ALL, id: { scheme: "world", id: "anyone" } }];
  const total = Number(count) + 2;
  let microseconds = 0;
  for (let next = 1; next <= total;) {
    const bodies: { opCode: number; body: Uint8Array }[] = [];
    for (let i = 0; i < OUTSTANDING && next + i <= total; i++) {
      const number = next + i;
      const opCode = number === 1 ? OpCode.createSession : OpCode.create;
      const path = number === 2 ? "/many" : `/many/node-${String(number - 3).padStart(8, "0")}`;
      const data = new Uint8Array(DATA_BYTES).fill(number);
      const body = number === 1 ? session : CreateRequest.encode({ path, data, acl, flags: 0 });
      bodies.push({ opCode, body });
    }
    const started = process.cpuUsage();
    const txns = bodies.map(({ opCode, body }, i) => {
      const zxid = makeZxid(1, next + i);
      const request = { sessionId: SESSION, cxid: next + i, opCode, body, authInfo: [] };
      const bytes = tree.prepare(request, zxid, 1_790_000_000_000n + BigInt(next + i));
      return { zxid, header: TxnHeader.decode(bytes.subarray(0, HEADER_BYTES)), bytes };
    });
    for (const txn of txns) tree.apply(txn);
    const { user, system } = process.cpuUsage(started);
    microseconds += user + system;
    writeSync(log, encodeTxnLogRecords(txns.map(({ bytes }) => bytes)));
    next += bodies.length;
  }
  closeSync(log);
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  const bytesPerZnode = grown(tree);
  const snapshotMs = writeSnapshot(tree);
  return {
    microsecondsPerOp: microseconds / total,
    snapshotMs,
    peakMegabytes,
    bytesPerZnode,
    digest: String(tree.digest()),
  };
}

function writeSnapshot(tree: DataTree): number {
  const file = openSync(snapshot, "w");
  const beganMs = performance.now();
  const encoder = new SnapshotFileEncoder();
  writeSync(file, encoder.header());
  const source = tree.snapshot();
  for (let piece = source.next(); piece !== undefined; piece = source.next()) {
    writeSync(file, encoder.body(piece));
  }
  const digest = { zxid: source.zxid, version: 2, digest: tree.digest() };
  writeSync(file, encoder.trailer({ digest }));
  closeSync(file);
  return performance.now() - beganMs;
}

function decode(): Partial<Figures> {
  const { ms, bytes } = readLog(() => undefined);
  return { ms, megabytes: bytes / 1e6 };
}

function replay(): Partial<Figures> {
  const tree = new DataTree();
  const { ms, bytes } = readLog((txn, zxid) => {
    const header = TxnHeader.decode(txn.subarray(0, HEADER_BYTES));
    tree.apply({ zxid, header, bytes: txn });
  });
  return { ms, megabytes: bytes / 1e6, bytesPerZnode: grown(tree), digest: String(tree.digest()) };
}

function readLog(take: (txn: Uint8Array, zxid: bigint) => void): { ms: number; bytes: number } {
  const beganMs = performance.now();
  const decoder = new TxnLogDecoder();
  let bytes = 0;
  for (const piece of pieces(logFile)) {
    bytes += piece.length;
    for (const record of decoder.push(piece)) take(record.bytes, record.zxid);
  }
  const end = decoder.finish();
  if (end.kind !== "end") throw new Error(`the log is ${end.kind}`);
  return { ms: performance.now() - beganMs, bytes };
}

function load(): Partial<Figures> {
  const tree = new DataTree();
  const beganMs = performance.now();
  const decoder = new SnapshotFileDecoder(tree.restore(makeZxid(1, Number(count) + 2)));
  let bytes = 0;
  for (const piece of pieces(snapshot)) {
    bytes += piece.length;
    decoder.push(piece);
  }
  const { digest } = decoder.finish();
  const ms = performance.now() - beganMs;
  if (digest?.digest !== tree.digest()) throw new Error("the digest of the snapshot is another");
  return { ms, megabytes: bytes / 1e6, bytesPerZnode: grown(tree), digest: String(tree.digest()) };
}

function* pieces(file: string): Generator<Uint8Array, void, undefined> {
  const fd = openSync(file, "r");
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const length = readSync(fd, piece);
    if (length === 0) break;
    yield piece.subarray(0, length);
  }
  closeSync(fd);
}

/** What the tree has added to the memory in use, for each znode. */
function grown(tree: DataTree): number {
  return (memory() - before) / tree.nodeCount;
}

function memory(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
