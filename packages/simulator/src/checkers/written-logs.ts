/**
 * WrittenLogs: a log is written as Apache's servers write it, to the byte: its name, what it
 * begins with, each record with its checksum, and how long the file is that is allocated in
 * advance. No more goes into it between two fsyncs than a server was told; and the mark
 * beside it says what is durable of it, no more, and soon. Readers take what others would
 * not write, so nobody else looks at all of this.
 */
import type { FileOperation, FilePath, StorageOptions } from "@jute-ts/quorum";
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { equalBytes } from "../model/equal-bytes.js";
import { adler32, ascii, int, joined, long } from "../model/plain-bytes.js";
import {
  type Checker,
  type DiskView,
  InvariantViolation,
  type Observation,
  type WorldView,
} from "./checker.js";

/** A log that is being written. */
interface OpenLog {
  readonly name: string;
  /** The txn that its name says, which comes first. */
  readonly first: Zxid;
  /** Where the next record goes; 0 before the first. */
  position: number;
  /** How long the file is, and how long it should be. */
  size: number;
  dueSize: number;
  /** What was written since the last fsync. */
  txns: number;
  bytes: number;
  /** When what was written since was asked for. */
  begunMs: number | undefined;
  /** Whether it has never been synced. */
  isNew: boolean;
  /** How much is durable, since when, and how much of that the mark says. */
  synced: number;
  syncedMs: number;
  marked: number;
  /** When its mark was written, or was to be, last. */
  markedMs: number;
}

type Write = Extract<FileOperation, { readonly kind: "write" }>;

export class WrittenLogs implements Checker {
  readonly name = "written-logs";
  readonly watches = ["step", "file", "crash", "restart", "pause", "resume"] as const;
  readonly #latenessMs: number;
  readonly #logs = new Map<Sid, OpenLog>();
  /** When something was asked of the disk, which may be slow. */
  readonly #asked = new WeakMap<FileOperation, number>();

  constructor({ timerLatenessMs }: { readonly timerLatenessMs: number }) {
    this.#latenessMs = timerLatenessMs;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "step":
        for (const effect of observation.effects)
          if (effect.kind === "file" && effect.lane === "log")
            this.#asked.set(effect.operation, world.nowMs);
        return;
      case "crash":
      case "restart":
        this.#logs.delete(observation.sid);
        return;
      case "pause":
      case "resume": {
        // It does not look at its clock, which may have stood still.
        const log = this.#logs.get(observation.sid);
        if (log !== undefined) log.syncedMs = log.markedMs = Infinity;
        return;
      }
      case "file":
        this.#onFile(observation, world);
        return;
      default:
        return;
    }
  }

  #onFile(
    { sid, operation, result }: Extract<Observation, { kind: "file" }>,
    world: WorldView,
  ): void {
    const storage = world.peers.get(sid)?.storage;
    if (operation.kind === "list" || operation.kind === "syncDirectory") return;
    if (result.kind === "failed") {
      this.#logs.delete(sid);
      return;
    }
    const { file } = operation;
    if (operation.kind === "read") {
      requireShortRead(sid, operation, storage);
      return;
    }
    if (operation.kind === "create" && file.directory === "log") {
      this.#logs.set(sid, newLog(sid, file, this.#asked.get(operation) ?? world.nowMs));
      return;
    }
    const disk = world.peers.get(sid)?.disk;
    const isMark = file.directory === "data" && file.name === "synced";
    if (isMark && operation.kind === "write")
      requireDurableCut(sid, marksIn(sid, operation.bytes), disk);
    if (operation.kind === "remove" && file.directory === "log") requireForgotten(sid, file, disk);
    const log = this.#logs.get(sid);
    if (log === undefined) return;
    const askedMs = this.#asked.get(operation) ?? world.nowMs;
    if (isMark && operation.kind === "write") onMark(sid, log, operation, askedMs);
    if (file.directory !== "log" || file.name !== log.name) return;
    switch (operation.kind) {
      case "truncate":
        log.begunMs ??= askedMs;
        // A log that is cut is not written to again.
        if (operation.size < log.position) this.#logs.delete(sid);
        log.size = operation.size;
        return;
      case "write":
        log.begunMs ??= askedMs;
        requireMark(sid, log, log.begunMs, this.#latenessMs);
        onWrite(sid, log, operation, storage);
        return;
      case "sync":
        log.begunMs = undefined;
        log.txns = 0;
        log.bytes = 0;
        log.synced = log.position;
        // Its first txns are not durable before its name is; and who is paused learns of it later.
        log.syncedMs = log.isNew || world.peers.get(sid)?.paused === true ? Infinity : world.nowMs;
        log.isNew = false;
        return;
      case "remove":
      case "rename":
        this.#logs.delete(sid);
        return;
      default:
        return;
    }
  }
}

function newLog(sid: Sid, { name }: FilePath, askedMs: number): OpenLog {
  const digits = /^log\.(0|[1-9a-f][0-9a-f]*)$/u.exec(name)?.[1];
  if (digits === undefined) throw violation(sid, `creates a log ${name}`);
  return {
    name,
    first: BigInt(`0x${digits}`),
    position: 0,
    size: HEADER.length,
    dueSize: HEADER.length,
    txns: 0,
    bytes: 0,
    begunMs: undefined,
    isNew: true,
    synced: 0,
    syncedMs: Infinity,
    marked: 0,
    markedMs: askedMs,
  };
}

function onWrite(
  sid: Sid,
  log: OpenLog,
  { offset, bytes }: Write,
  { preAllocSizeBytes = JAVAS_STEP, maxBatchTxns, maxBatchBytes }: StorageOptions = {},
): void {
  if (offset !== log.position)
    throw violation(sid, `writes at ${offset} of ${log.name}, which ends at ${log.position}`);
  let at = 0;
  if (offset === 0) {
    if (!equalBytes(bytes.subarray(0, HEADER.length), HEADER))
      throw violation(sid, `begins ${log.name} with what no log begins with`);
    at = HEADER.length;
    log.position = at;
  }
  while (at < bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const length = view.byteLength < HEAD_BYTES ? -1 : view.getInt32(8);
    const size = HEAD_BYTES + length + 1;
    if (length < TXN_HEADER_BYTES || size > view.byteLength)
      throw violation(sid, `writes half a record at ${offset + at} of ${log.name}`);
    const txn = bytes.subarray(at + HEAD_BYTES, at + size - 1);
    if (view.getBigInt64(0) !== BigInt(adler32(txn)) || bytes[at + size - 1] !== END)
      throw violation(sid, `writes a record that is none at ${offset + at} of ${log.name}`);
    const zxid = view.getBigInt64(HEAD_BYTES + ZXID_OFFSET);
    if (log.position === HEADER.length && zxid !== log.first)
      throw violation(sid, `begins ${log.name} with ${formatZxid(zxid)}`);
    log.dueSize = paddedSize(log.position, log.dueSize, preAllocSizeBytes);
    log.position += size;
    log.bytes += size;
    log.txns += 1;
    at += size;
  }
  if (log.size !== log.dueSize)
    throw violation(
      sid,
      `makes ${log.name} ${log.size} bytes long, which ${log.dueSize} should be`,
    );
  if (log.txns <= 1) return;
  if (log.txns > (maxBatchTxns ?? Infinity))
    throw violation(sid, `writes ${log.txns} txns before an fsync, and may ${maxBatchTxns}`);
  if (log.bytes > (maxBatchBytes ?? Infinity))
    throw violation(sid, `writes ${log.bytes} bytes before an fsync, and may ${maxBatchBytes}`);
}

interface Mark {
  readonly log: string;
  readonly bytes: number;
  readonly isCut: boolean;
}

/** What is written of the mark: two places, each with room for a line of 64 bytes. */
function marksIn(sid: Sid, bytes: Uint8Array): readonly Mark[] {
  const marks: Mark[] = [];
  for (let at = 0; at < bytes.length; at += PLACE_BYTES) {
    const line = String.fromCharCode(...bytes.subarray(at, at + PLACE_BYTES));
    const match = /^((log\.[0-9a-f]+) (\d+)( cut)?) ([0-9a-f]{8})\n\0*$/u.exec(line);
    const [, text = "", log = "", durable = "", cut, checksum] = match ?? [];
    if (checksum === undefined || Number.parseInt(checksum, 16) !== adler32(ascii(text)))
      throw violation(sid, `marks what is durable by ${JSON.stringify(line)}`);
    marks.push({ log, bytes: Number(durable), isCut: cut !== undefined });
  }
  return marks;
}

function onMark(sid: Sid, log: OpenLog, { bytes }: Write, askedMs: number): void {
  for (const { log: name, bytes: durable, isCut } of marksIn(sid, bytes)) {
    if (name !== log.name || isCut) continue;
    if (durable !== log.synced)
      throw violation(sid, `marks ${durable} bytes of ${name}, of which ${log.synced} are durable`);
    log.marked = log.synced;
    log.markedMs = askedMs;
  }
}

/** Where a log is going to be cut, all that is left of it has to be durable. */
function requireDurableCut(sid: Sid, marks: readonly Mark[], disk: DiskView | undefined): void {
  for (const { log, bytes, isCut } of marks) {
    if (!isCut) continue;
    const file = { directory: "log", name: log } as const;
    const [durable, current] = (["durable", "current"] as const).map((image) =>
      disk?.contents(file, image)?.subarray(0, bytes),
    );
    if (durable !== undefined && current !== undefined && equalBytes(durable, current)) continue;
    throw violation(sid, `cuts ${log} at ${bytes}, and not all before that is durable`);
  }
}

/** Before a log goes, the mark must not say any more, whatever a crash leaves of it, that there is something in it. */
function requireForgotten(sid: Sid, { name }: FilePath, disk: DiskView | undefined): void {
  const bytes = disk?.contents({ directory: "data", name: "synced" }, "durable");
  const lines = String.fromCharCode(...(bytes ?? [])).split(/\n\0*/u);
  if (!lines.some((line) => line.startsWith(`${name} `) && !line.startsWith(`${name} 0 `))) return;
  throw violation(sid, `removes ${name}, of which the mark says that it has something`);
}

/**
 * The mark may lag, by 20 ms of its server's clock, behind what is durable and behind the mark before; longer
 * only while a batch is being written, after which it comes at once. Operations on logs are carried out in the
 * order in which they are asked for, however slow the disk is.
 */
function requireMark(sid: Sid, log: OpenLog, begunMs: number, latenessMs: number): void {
  const { txns, marked, markedMs, synced, syncedMs } = log;
  const lagsMs = Math.max(begunMs - syncedMs, syncedMs === Infinity ? 0 : syncedMs - markedMs);
  if (txns > 0 || marked === synced || lagsMs <= MARK_MS + latenessMs) return;
  throw violation(
    sid,
    `writes more of ${log.name}, and its mark says ${marked} where ${synced} bytes are durable since ${syncedMs.toFixed(0)} ms`,
  );
}

/** As `FilePadding.calculateFileSizeWithPadding` has it: 4 KiB before the end of the file, it grows. */
function paddedSize(position: number, size: number, step: number): number {
  if (step === 0 || position + 4096 < size) return size;
  return position > size ? Math.floor((position + step) / step) * step : size + step;
}

/** Files of one number or line are read at once. */
function requireShortRead(
  sid: Sid,
  { file, length }: Extract<FileOperation, { readonly kind: "read" }>,
  { readBytes = Infinity }: StorageOptions = {},
): void {
  const isLong = file.name.startsWith("log.") || file.name.startsWith("snapshot.");
  if (!isLong || length <= readBytes) return;
  throw violation(sid, `reads ${length} bytes of ${file.name} at once, and should ${readBytes}`);
}

function violation(sid: Sid, text: string): InvariantViolation {
  return new InvariantViolation("WrittenLogs", `${sid} ${text}`);
}

/** "ZKLG", version 2, and the id of a database, which is 0 in logs. */
const HEADER = joined(ascii("ZKLG"), int(2), long(0n));
/** A record's checksum and length, and the byte at its end. */
const HEAD_BYTES = 12;
const END = 0x42;
/** By how much a log grows where nothing is told. */
const JAVAS_STEP = 64 * 1024 * 1024;
/** Session, cxid, zxid, time and type. */
const TXN_HEADER_BYTES = 32;
const ZXID_OFFSET = 12;
const PLACE_BYTES = 64;
/** How far the mark may lag, by a clock that may be slow, in the steps in which servers look at it. */
const MARK_MS = 25;
