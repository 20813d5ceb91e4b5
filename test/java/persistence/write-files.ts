/**
 * Our half of the comparison in the other direction: writes random logs and
 * snapshots, each in a directory of its own beside what it means, for Java to
 * read (ReadFiles.java). Argument: the directory for all of them. The strings
 * hold nothing beyond U+FFFF, since Java would not write those again as it read them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeSnapshotBody,
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  logFileName,
  SnapshotFileEncoder,
  snapshotFileName,
  type SnapshotTrailer,
} from "@jute-ts/persistence";
import { ACL, decodeTxn, encodeTxn, OpCode, StatPersisted } from "@jute-ts/zookeeper";
import { logLine, type RecordedTree, treeLines } from "./file-texts.js";

const LOGS = 600;
const SNAPSHOTS = 600;
const SEED = 20_160_615;

const NAMES = ["a", "b", "lock-0000000001", "配置", "é", "x".repeat(200)];
const WORDS = ["", "world", "digest", "süß:7pQ=", "10.0.0.0/8", "\uffff"];
const OWNERS = [0n, 0x1000_0000_0000_0001n, -(2n ** 63n), -(2n ** 56n) + 60_000n];
const MAX_LONG = 2n ** 63n - 1n;

const random = randomNumbers(SEED);
const root = process.argv[2] ?? fail("usage: write-files.ts DIRECTORY");
for (let index = 0; index < LOGS; index++) {
  writeLog(join(root, `log-${String(index)}`));
}
for (let index = 0; index < SNAPSHOTS; index++) {
  writeSnapshot(join(root, `snapshot-${String(index)}`));
}

function writeLog(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const first = BigInt(1 + below(1000)) * 2n ** 32n + 1n;
  const txns: Uint8Array[] = [];
  for (let index = 0; index < 1 + below(20); index++) {
    txns.push(randomTxn(first + BigInt(txns.length)));
  }
  // Sometimes written in two parts, and mostly with room to spare.
  const cut = below(txns.length + 1);
  const parts = [encodeTxnLogHeader(), encodeTxnLogRecords(txns.slice(0, cut))];
  parts.push(encodeTxnLogRecords(txns.slice(cut)), new Uint8Array(pick([0, 1, 11, 12, 13, 5000])));
  writeFileSync(join(directory, logFileName(first)), Buffer.concat(parts));
  writeLines(
    directory,
    txns.map((txn) => logLine(decodeTxn(txn).header.zxid, txn)),
  );
}

function randomTxn(zxid: bigint): Uint8Array {
  const header = { clientId: randomLong(), cxid: below(2 ** 31), zxid, time: randomLong() };
  const digest = below(2) === 0 ? null : { version: 2, treeDigest: randomLong() };
  const path = randomPath();
  const data = randomBytes();
  const acl = randomAcl();
  switch (below(9)) {
    case 0:
      return encodeTxn(
        OpCode.create,
        header,
        { path, data, acl, ephemeral: below(2) === 0, parentCVersion: below(99) },
        digest,
      );
    case 1:
      return encodeTxn(OpCode.createTTL, header, { path, data, acl, ttl: randomLong() }, digest);
    case 2:
      return encodeTxn(OpCode.delete, header, { path }, digest);
    case 3:
      return encodeTxn(OpCode.setData, header, { path, data, version: below(99) }, digest);
    case 4:
      return encodeTxn(OpCode.setACL, header, { path, acl, version: below(99) }, digest);
    case 5:
      return encodeTxn(OpCode.createSession, header, { timeOut: below(2 ** 31) }, digest);
    case 6:
      return encodeTxn(OpCode.closeSession, header, { paths2Delete: [path, path] }, digest);
    case 7:
      return encodeTxn(OpCode.error, header, { err: -below(200) });
    default:
      return encodeTxn(OpCode.multi, header, { txns: [{ type: OpCode.setData, data }] }, digest);
  }
}

function writeSnapshot(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const tree = randomTree();
  const trailer: SnapshotTrailer = {
    // Java forgets a digest of zxid 0, which stands for none.
    ...(below(3) === 0 ? {} : { digest: randomDigest() }),
    ...(below(3) === 0 ? {} : { lastProcessedZxid: randomLong() }),
  };
  const file = new SnapshotFileEncoder();
  const parts = [file.header()];
  const content = {
    ...tree,
    sessionCount: tree.sessions.size,
    aclCount: tree.acls.size,
  };
  for (const chunk of encodeSnapshotBody(content, 1 + below(3000))) parts.push(file.body(chunk));
  parts.push(file.trailer(trailer));
  writeFileSync(join(directory, snapshotFileName(randomLong() & MAX_LONG)), Buffer.concat(parts));
  const { digest, lastProcessedZxid } = trailer;
  const lines = treeLines(tree);
  lines.push(
    digest === undefined
      ? "no digest"
      : `digest ${String(digest.zxid)} ${String(digest.version)} ${String(digest.digest)}`,
  );
  if (lastProcessedZxid !== undefined) lines.push(`last processed ${String(lastProcessedZxid)}`);
  lines.push("bytes left 0");
  writeLines(directory, lines);
}

function randomDigest(): NonNullable<SnapshotTrailer["digest"]> {
  return { zxid: (randomLong() & MAX_LONG) | 1n, version: 1 + below(2), digest: randomLong() };
}

function randomTree(): RecordedTree {
  const sessions = new Map<bigint, number>();
  for (let left = below(5); left > 0; left--) sessions.set(randomLong(), below(2 ** 31));
  const acls = new Map<bigint, readonly ACL[]>();
  for (let left = below(4); left > 0; left--) acls.set(BigInt(1 + below(1000)), randomAcl());
  const paths = new Set([""]);
  for (let left = below(30); left > 0; left--) paths.add(`${pick([...paths])}/${pick(NAMES)}`);
  const aclIds = [-1n, ...acls.keys()];
  const nodes = preOrder(paths).map((path) => ({
    path,
    data: pick([null, randomBytes()]),
    aclId: pick(aclIds),
    stat: randomStat(),
  }));
  return { sessions, acls, nodes };
}

/** Parents before children, as a server walks its tree. */
function preOrder(paths: ReadonlySet<string>): string[] {
  return [...paths].sort((a, b) => a.split("/").length - b.split("/").length);
}

function randomStat(): StatPersisted {
  return new StatPersisted({
    czxid: randomLong(),
    mzxid: randomLong(),
    ctime: randomLong(),
    mtime: randomLong(),
    version: below(2 ** 31),
    cversion: -below(2 ** 31),
    aversion: below(2 ** 31),
    ephemeralOwner: pick(OWNERS),
    pzxid: randomLong(),
  });
}

function randomAcl(): ACL[] {
  return Array.from(
    { length: below(4) },
    () => new ACL({ perms: below(32), id: { scheme: pick(WORDS), id: pick(WORDS) } }),
  );
}

function randomPath(): string {
  return `/${pick(NAMES)}/${pick(NAMES)}`;
}

function randomBytes(): Uint8Array {
  return Uint8Array.from({ length: pick([0, 1, 7, 300, 5000]) }, () => below(256));
}

function randomLong(): bigint {
  return BigInt.asIntN(64, (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32)));
}

function pick<T>(values: readonly T[]): T {
  return values[below(values.length)] as T;
}

/** A whole number from 0 to `end`, which is not among them. */
function below(end: number): number {
  return Math.floor(random() * end);
}

function writeLines(directory: string, lines: readonly string[]): void {
  writeFileSync(join(directory, "expected.txt"), lines.map((line) => `${line}\n`).join(""));
}

function fail(message: string): never {
  throw new Error(message);
}

/** Mulberry32: numbers from 0 to 1 that are the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
