/** Directories whose logs do not end as they should: what crashes tear, and what rots after it was promised. */
import { epochOf, type Zxid } from "@jute-ts/zookeeper";
import { joined, usedLength } from "../model/plain-bytes.js";
import type { Random } from "../world/random.js";
import { Draft, type DrawnDirectory } from "./draft.js";
import { type DrawnLog, type DrawnTxn, logOf } from "./drawn-history.js";
import { logHeader, logRecord } from "./file-bytes.js";
import { unknownTxn } from "./listed-state.js";

/** A crash tore the last write: what it left is nobody's, and goes. */
export function tornLastLog(draft: Draft): DrawnDirectory {
  const { random, lastLog, logs } = draft;
  const { kept, bytes, good } = tear(random, lastLog);
  draft.putLog(lastLog, bytes);
  draft.drawMark(good);
  const tornBytes = Math.max(usedLength(bytes) - good, 0);
  const replayed = [...logs.slice(0, -1).flatMap(({ txns }) => txns), ...kept];
  return startsWith(draft, "a torn end of the last log", replayed, tornBytes);
}

/** The next log was begun, and nothing of it, or of its first record, has come to the disk. */
export function emptyLastLog(draft: Draft): DrawnDirectory {
  const { random, lastLog, history } = draft;
  const next = (history.txns.at(-1)?.zxid ?? 0n) + 1n;
  const header = logHeader();
  const begun = random.pick([
    header.slice(0, random.integer(0, 7)),
    header,
    joined(header, logRecord(unknownTxn(next)).slice(0, random.integer(9, 40))),
  ]);
  const name = `log.${next.toString(16)}`;
  draft.putLog({ name }, begun);
  const where = random.pick(["none", "old", "new"] as const);
  if (where === "old") draft.putMark(lastLog.name, lastLog.ends.at(-1) ?? 0);
  if (where === "new") draft.putMark(name, 0);
  const good = begun.length < header.length ? 0 : header.length;
  return startsWith(
    draft,
    "a last log without records",
    history.txns,
    Math.max(usedLength(begun) - good, 0),
  );
}

/** A log was being cut when the power failed: of what lies after the cut, anything may be gone. */
export function halfCutLog(draft: Draft): DrawnDirectory {
  const { random, lastLog, logs } = draft;
  // A log without any txn that stays is removed instead.
  const count = random.integer(1, lastLog.txns.length);
  const good = lastLog.ends[count - 1] ?? logHeader().length;
  const bytes = lastLog.bytes.slice();
  const [from, to] = [random.integer(good, bytes.length), random.integer(good, bytes.length)];
  bytes.fill(0, from, to);
  draft.putLog(lastLog, bytes);
  draft.putMark(lastLog.name, good, true);
  // What is still whole from the cut on is still there. Some of its bytes were zeros anyway.
  const changed = bytes.findIndex((byte, at) => byte !== lastLog.bytes[at]);
  const isWhole = changed < 0;
  const rest = isWhole ? lastLog.txns.length : lastLog.ends.filter((end) => end <= changed).length;
  const replayed = [
    ...logs.slice(0, -1).flatMap(({ txns }) => txns),
    ...lastLog.txns.slice(0, rest),
  ];
  const end = lastLog.ends[rest - 1] ?? logHeader().length;
  return startsWith(
    draft,
    "a log that was being cut",
    replayed,
    Math.max(usedLength(bytes) - end, 0),
  );
}

/** What had been promised is gone: whoever forgot it could help to lose it. */
export function rottenLastLog(draft: Draft): DrawnDirectory {
  const { random, lastLog } = draft;
  const { bytes, ends } = lastLog;
  const start = logHeader().length;
  const end = ends.at(-1) ?? start;
  const how = random.pick([
    "bit",
    "zeros",
    "cut",
    "bit before others",
    "sequence",
    "name",
  ] as const);
  const at = random.integer(start, bytes.length - 1);
  switch (how) {
    case "bit":
      draft.putLog(lastLog, withBit(bytes, at, random));
      draft.putMark(lastLog.name, random.integer(at + 1, end), false, random.pick(["data", "log"]));
      break;
    case "zeros":
    case "cut": {
      const rest = bytes.slice(0, at);
      draft.put("log", lastLog.name, how === "cut" ? rest : joined(rest, new Uint8Array(end)));
      draft.putMark(lastLog.name, end, false, random.pick(["data", "log"]));
      break;
    }
    case "bit before others": {
      // That others follow shows that it was whole once.
      draft.options = { ...draft.options, maxPacketBytes: undefined };
      const more = extended(lastLog);
      draft.putLog(lastLog, withBit(more, random.integer(start, bytes.length - 1), random));
      break;
    }
    case "sequence":
      draft.putLog(lastLog, joined(bytes, bytes.slice(start)));
      break;
    case "name":
      draft.take("log", lastLog.name);
      draft.putLog({ name: `log.${((lastLog.txns[0]?.zxid ?? 0n) + 1n).toString(16)}` }, bytes);
      break;
  }
  draft.drawEpochs(epochOf(lastLog.txns.at(-1)?.zxid ?? 0n));
  return draft.refuses(`rot in the last log (${how})`, how === "name" ? "" : lastLog.name);
}

/** Not the last log has a torn end: then nobody can tell whether txns are missing, unless what follows goes on. */
export function tornEarlierLog(draft: Draft): DrawnDirectory {
  return tornBefore(draft.random.chance(0.6) ? new Draft(draft.random, "an epoch each") : draft);
}

function tornBefore(draft: Draft): DrawnDirectory {
  const { random, logs, newest, history } = draft;
  if (logs.length === 1) return tornLastLog(draft);
  const nth = random.integer(0, logs.length - 2);
  const [log, next] = [logs[nth], logs[nth + 1]];
  if (log === undefined || next === undefined) return tornLastLog(draft);
  const { kept, bytes, good } = tear(random, log);
  // Without anything that is neither a record nor zeros it would only be shorter.
  const isTorn = usedLength(bytes) > good || good === 0;
  const torn = isTorn ? bytes : joined(log.bytes, Uint8Array.of(7, 7, 7));
  const left = isTorn ? kept : log.txns;
  draft.putLog(log, torn);
  const what = "a torn end of an earlier log";
  const first = next.txns[0]?.zxid ?? 0n;
  // Where the next one begins before the snapshot, nobody reads this one.
  if (first <= newest.zxid + 1n) return startsWith(draft, what, history.txns, 0);
  const before = logs.slice(0, nth).flatMap(({ txns }) => txns);
  const last = maxOf(newest.zxid, [...before, ...left].at(-1)?.zxid ?? 0n);
  const isNewEpoch = epochOf(first) > epochOf(last) && (first & 0xffff_ffffn) === 1n;
  const isKnownEnd = left.length > 0 && left.every(({ zxid }) => zxid <= newest.zxid);
  if (first === last + 1n || (isNewEpoch && isKnownEnd)) {
    const later = logs.slice(nth + 1).flatMap(({ txns }) => txns);
    return startsWith(draft, what, [...before, ...left, ...later], 0);
  }
  draft.drawEpochs(epochOf(history.txns.at(-1)?.zxid ?? 0n));
  return draft.refuses(what);
}

/** A whole txn that no server of today understands, or a log that is none. */
export function foreignLog(draft: Draft): DrawnDirectory {
  const { random, lastLog, history, newest } = draft;
  const last = maxOf(history.txns.at(-1)?.zxid ?? 0n, newest.zxid);
  const how = random.pick(["txn", "magic", "version"] as const);
  if (how === "txn") draft.putLog(lastLog, joined(lastLog.bytes, logRecord(unknownTxn(last + 1n))));
  else
    draft.putLog(
      lastLog,
      withBit(lastLog.bytes, how === "magic" ? random.integer(0, 3) : random.integer(4, 7), random),
    );
  draft.drawEpochs(epochOf(last));
  return draft.refuses(`a foreign ${how}`, lastLog.name);
}

/** Starts with all of these txns that the newest snapshot does not hold. */
export function startsWith(
  draft: Draft,
  what: string,
  txns: readonly DrawnTxn[],
  tornBytes: number,
): DrawnDirectory {
  const { newest: snapshot } = draft;
  const replayed = txns.filter(({ zxid }) => zxid > snapshot.zxid);
  return draft.starts(what, { snapshot, replayed, tornBytes });
}

interface Torn {
  readonly kept: readonly DrawnTxn[];
  readonly bytes: Uint8Array;
  /** Where the last record ends that is whole. */
  readonly good: number;
}

/** Cuts within a record or the header, or leaves something after the last record. */
function tear(random: Random, { txns, bytes, ends }: DrawnLog): Torn {
  const header = logHeader().length;
  const how = random.pick(["cut", "cut", "garbage", "last bit"] as const);
  if (how === "garbage") {
    const garbage = new Uint8Array(random.integer(1, 30)).map(() => random.integer(1, 255));
    return { kept: txns, bytes: joined(bytes, garbage), good: ends.at(-1) ?? header };
  }
  if (how === "last bit") {
    const good = ends.at(-2) ?? header;
    const at = random.integer(good, bytes.length - 1);
    return { kept: txns.slice(0, -1), bytes: withBit(bytes, at, random), good };
  }
  const drawn = random.integer(random.chance(0.1) ? 0 : header, bytes.length);
  // A header ends in zeros. Cut there, and followed by those that were written ahead, it would be whole.
  const cut = drawn < header ? Math.min(drawn, usedLength(logHeader()) - 1) : drawn;
  const count = ends.filter((end) => end <= cut).length;
  const good = cut < header ? 0 : (ends[count - 1] ?? header);
  return { kept: txns.slice(0, count), bytes: bytes.slice(0, cut), good };
}

/** With another record at its end. */
function extended({ txns, bytes }: DrawnLog): Uint8Array {
  const last = txns.at(-1);
  const next: Zxid = (last?.zxid ?? 0n) + 1n;
  const more = logOf([{ zxid: next, digest: undefined, bytes: unknownTxn(next) }]);
  return joined(bytes, more.bytes.slice(logHeader().length));
}

function withBit(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  const bit = 1 << random.integer(0, 7);
  return bytes.map((byte, index) => (index === at ? byte ^ bit : byte));
}

function maxOf(one: Zxid, other: Zxid): Zxid {
  return one > other ? one : other;
}
