/** Histories of servers, and how their logs and snapshots lie on a disk. */
import { epochOf, makeZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { joined } from "../model/plain-bytes.js";
import type { Random } from "../world/random.js";
import { inSnappy, logHeader, logRecord, snapshotFile, type Trailer } from "./file-bytes.js";
import { bodyOf, digestOf, txnBytes } from "./listed-state.js";

export interface DrawnTxn {
  readonly zxid: Zxid;
  readonly bytes: Uint8Array;
  /** Its leader's digest, if it carries one. */
  readonly digest: bigint | undefined;
}

/** What a server has, from where its files begin. */
export interface DrawnHistory {
  /** Before the first txn. */
  readonly beginning: Zxid;
  /** What the state of that moment has. */
  readonly earlier: readonly Zxid[];
  readonly txns: readonly DrawnTxn[];
}

/** Txns of a few epochs; some histories begin in the middle of one. */
export function drawHistory(random: Random): DrawnHistory {
  let epoch = random.integer(1, 3);
  const firstCounter = random.chance(0.4) ? random.integer(2, 9) : 1;
  const zxids: Zxid[] = [];
  for (let left = random.integer(1, 3); left > 0; left -= 1) {
    const from = zxids.length === 0 ? firstCounter : 1;
    const count = random.integer(1, 6);
    for (let nth = 0; nth < count; nth += 1) zxids.push(makeZxid(epoch, from + nth));
    epoch += random.integer(1, 3);
  }
  const first = zxids[0] ?? NO_TXN;
  const beginning = firstCounter === 1 ? NO_TXN : first - 1n;
  const earlier = Array.from({ length: firstCounter - 1 }, (_, nth) => beginning - BigInt(nth));
  earlier.reverse();
  const digestShare = random.pick([0, 0.5, 1]);
  const txns = zxids.map((zxid, nth): DrawnTxn => {
    const isWithDigest = random.chance(digestShare);
    const digest = isWithDigest ? digestOf([...earlier, ...zxids.slice(0, nth + 1)]) : undefined;
    const fill = new Uint8Array(random.pick([0, 1, 30, 200])).map(() => random.integer(0, 255));
    return { zxid, digest, bytes: txnBytes(zxid, digest, fill) };
  });
  return { beginning, earlier, txns };
}

/** The zxids up to one, of those that a state of this history has. */
export function heldUpTo({ earlier, txns }: DrawnHistory, zxid: Zxid): readonly Zxid[] {
  return [...earlier, ...txns.map((txn) => txn.zxid).filter((each) => each <= zxid)];
}

/** Where snapshots may stand: at the beginning, and after each txn. */
export function standsOf({ beginning, txns }: DrawnHistory): readonly Zxid[] {
  return [beginning, ...txns.map(({ zxid }) => zxid)];
}

/** A log as it lies there. */
export interface DrawnLog {
  readonly txns: readonly DrawnTxn[];
  readonly name: string;
  /** Where each txn's record ends. */
  readonly ends: readonly number[];
  /** Without the zeros that are allocated in advance. */
  readonly bytes: Uint8Array;
}

/** The logs of a history, from one to four. */
export function drawLogs(random: Random, { txns }: DrawnHistory): readonly DrawnLog[] {
  const cuts = new Set([0]);
  for (let left = random.integer(0, 3); left > 0; left -= 1)
    cuts.add(random.integer(0, txns.length - 1));
  const starts = [...cuts].sort((one, other) => one - other);
  return starts.map((start, nth) => logOf(txns.slice(start, starts[nth + 1] ?? txns.length)));
}

/** One log for each epoch. */
export function epochLogs({ txns }: DrawnHistory): readonly DrawnLog[] {
  const epochs = [...new Set(txns.map(({ zxid }) => epochOf(zxid)))];
  return epochs.map((epoch) => logOf(txns.filter(({ zxid }) => epochOf(zxid) === epoch)));
}

export function logOf(txns: readonly DrawnTxn[]): DrawnLog {
  const records = txns.map(({ bytes }) => logRecord(bytes));
  let end = logHeader().length;
  const ends = records.map(({ length }) => (end += length));
  const name = `log.${(txns[0]?.zxid ?? NO_TXN).toString(16)}`;
  return { txns, name, ends, bytes: joined(logHeader(), ...records) };
}

/** A snapshot as it lies there, and what it says of itself. */
export interface DrawnSnapshot {
  readonly zxid: Zxid;
  readonly held: readonly Zxid[];
  readonly trailer: Trailer;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A snapshot that holds exactly what there was at its zxid, as one of the releases writes it. */
export function drawSnapshot(random: Random, history: DrawnHistory, zxid: Zxid): DrawnSnapshot {
  const held = heldUpTo(history, zxid);
  const digest = { zxid, value: digestOf(held), version: 2 };
  const trailer = random.pick<Trailer>([
    {},
    { digest },
    { digest, lastZxid: zxid },
    { lastZxid: zxid },
    { digest: { ...digest, value: 0x1234n, version: 1 } },
  ]);
  return snapshotOf(zxid, held, trailer, random.chance(0.2) ? random.pick([40, 1000]) : undefined);
}

/** `blockBytes`: of a snapshot in snappy's format. */
export function snapshotOf(
  zxid: Zxid,
  held: readonly Zxid[],
  trailer: Trailer,
  blockBytes?: number,
): DrawnSnapshot {
  const plain = snapshotFile(bodyOf(held), trailer);
  const bytes = blockBytes === undefined ? plain : inSnappy(plain, blockBytes);
  const name = `snapshot.${zxid.toString(16)}${blockBytes === undefined ? "" : ".snappy"}`;
  return { zxid, held, trailer, name, bytes };
}
