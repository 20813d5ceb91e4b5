/**
 * The least that txns can change: which of them a server has. What servers of drawn directories
 * load, so that it shows at once what they took from where.
 */
import type {
  LoggedTxn,
  ReplicatedState,
  SnapshotSource,
  StateLoader,
  TxnResult,
} from "@jute-ts/quorum";
import { NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { ascii, int, joined, long } from "../model/plain-bytes.js";

/** What comes after the header of a txn: whether its leader's digest follows, the digest, and anything. */
const DIGEST_FOLLOWS = 1;
const NO_DIGEST = 0;
const HEADER_BYTES = 32;

export class ListedState implements ReplicatedState {
  lastProcessedZxid: Zxid = NO_TXN;
  readonly sessions: ReadonlyMap<bigint, number> = new Map();
  /** What was restored, in order. */
  restored: Zxid[] = [];
  /** What was applied since, in order. */
  applied: Zxid[] = [];

  apply({ zxid, header, bytes }: LoggedTxn): TxnResult {
    const follows = bytes[HEADER_BYTES];
    if (follows !== DIGEST_FOLLOWS && follows !== NO_DIGEST) throw new Error("this is no txn");
    this.applied.push(zxid);
    this.lastProcessedZxid = zxid;
    const result = { err: 0, type: header.type };
    // Where a snapshot had later txns in it, what the leader had is not to be expected yet.
    if (follows === NO_DIGEST || this.restored.some((each) => each > zxid)) return result;
    return { ...result, expectedDigest: view(bytes).getBigInt64(HEADER_BYTES + 1) };
  }

  digest(): bigint {
    return digestOf([...this.restored, ...this.applied]);
  }

  restore(zxid: Zxid): StateLoader {
    this.clear();
    this.lastProcessedZxid = zxid;
    return new BodyLoader(this.restored);
  }

  snapshot(): SnapshotSource {
    const pieces = [bodyOf([...this.restored, ...this.applied])];
    return { zxid: this.lastProcessedZxid, next: () => pieces.shift() };
  }

  clear(): void {
    this.restored = [];
    this.applied = [];
    this.lastProcessedZxid = NO_TXN;
  }

  setLastProcessed(zxid: Zxid): void {
    this.lastProcessedZxid = zxid;
  }

  /** Nobody leads here. */
  prepare(_change: unknown, _zxid: Zxid): Uint8Array {
    throw new Error("a server without others prepares no txn");
  }

  discardPrepared(): void {
    return undefined;
  }

  configuration(): undefined {
    return undefined;
  }

  overdue(): readonly [] {
    return [];
  }
}

/** As many zxids as the first four bytes say. */
class BodyLoader implements StateLoader {
  readonly #zxids: Zxid[];
  #bytes: Uint8Array = new Uint8Array(0);
  done = false;

  constructor(zxids: Zxid[]) {
    this.#zxids = zxids;
  }

  push(bytes: Uint8Array): number {
    const before = this.#bytes.length;
    this.#bytes = joined(this.#bytes, bytes);
    const { length } = this.#bytes;
    if (length < 4) return bytes.length;
    const at = view(this.#bytes);
    const count = at.getUint32(0);
    if (count > MOST_TXNS) throw new Error(`no snapshot has ${count} txns`);
    const size = 4 + 8 * count;
    if (length < size) return bytes.length;
    for (let nth = 0; nth < count; nth += 1) this.#zxids.push(at.getBigInt64(4 + 8 * nth));
    this.done = true;
    return size - before;
  }
}

/** A snapshot that has these txns in it. */
export function bodyOf(zxids: readonly Zxid[]): Uint8Array {
  return joined(int(zxids.length), ...zxids.map(long));
}

/** A txn with this digest of its leader's, if any, and with so much after it. */
export function txnBytes(zxid: Zxid, digest: bigint | undefined, fill: Uint8Array): Uint8Array {
  const [session, cxid, time, type] = [long(0x1000n), int(7), long(1_600_000_000_000n), int(5)];
  const header = joined(session, cxid, long(zxid), time, type);
  const follows =
    digest === undefined
      ? Uint8Array.of(NO_DIGEST)
      : joined(Uint8Array.of(DIGEST_FOLLOWS), long(digest));
  return joined(header, follows, fill);
}

/** A whole record of a log whose txn no server knows. */
export function unknownTxn(zxid: Zxid): Uint8Array {
  const bytes = txnBytes(zxid, undefined, ascii("?"));
  bytes[HEADER_BYTES] = 9;
  return bytes;
}

/** The same for the same txns, in whatever order and however often they came. */
export function digestOf(zxids: readonly Zxid[]): bigint {
  let sum = 0n;
  for (const zxid of new Set(zxids)) {
    const mixed = BigInt.asUintN(64, (zxid + 1n) * 0x9e37_79b9_7f4a_7c15n);
    sum += mixed ^ (mixed >> 29n);
  }
  return BigInt.asIntN(64, sum);
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** More than are ever drawn. */
const MOST_TXNS = 10_000;
