/**
 * ZooKeeper's tree after each committed txn: the slow and obvious twin of what
 * servers hold. Every znode and session is kept in all versions that it ever had,
 * so that a server that is behind can be judged by what should be there then.
 */
import { NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { countsText, limitsPath, statsPath, subjectOf } from "./quota-model.js";
import { ownerNumber, type ZnodeModel } from "./znode-model.js";

/** What a txn makes of znodes (undefined: nothing is there any more) and sessions (timeouts in milliseconds). */
export interface TreeChange {
  readonly znodes: ReadonlyMap<string, ZnodeModel | undefined>;
  readonly sessions: ReadonlyMap<bigint, number | undefined>;
}

/** The versions of one thing, oldest first. */
class Versions<Value> {
  readonly #zxids: Zxid[] = [];
  readonly #values: (Value | undefined)[] = [];

  push(zxid: Zxid, value: Value | undefined): void {
    this.#zxids.push(zxid);
    this.#values.push(value);
  }

  get last(): Value | undefined {
    return this.#values.at(-1);
  }

  at(zxid: Zxid): Value | undefined {
    let low = 0;
    let high = this.#zxids.length;
    // Most questions are about the present.
    if ((this.#zxids[high - 1] ?? NO_TXN) <= zxid) return this.last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#zxids[middle] ?? NO_TXN) <= zxid) low = middle + 1;
      else high = middle;
    }
    return this.#values[low - 1];
  }
}

export class TreeModel {
  readonly #znodes = new Map<string, Versions<ZnodeModel>>();
  readonly #sessions = new Map<bigint, Versions<number>>();
  readonly #changes = new Map<Zxid, TreeChange>();
  /** Whatever a quota was ever set for. */
  readonly #subjects = new Set<string>();

  constructor() {
    // What every server has before the first txn. The root has one child, which nobody created.
    const znodes = new Map<string, ZnodeModel>([
      ["/", { ...FIRST, children: 1 }],
      ["/zookeeper", { ...FIRST, children: 2 }],
      ["/zookeeper/quota", FIRST],
      // Everybody may read it, and its list was set without counting (ZOOKEEPER-2014).
      ["/zookeeper/config", { ...FIRST, acl: READ_ONLY, aversion: -1 }],
    ]);
    this.#take(NO_TXN, { znodes, sessions: new Map() });
  }

  /** A txn is committed. They come in their order. */
  commit(zxid: Zxid, change: TreeChange): void {
    this.#changes.set(zxid, change);
    this.#take(zxid, change);
    for (const path of change.znodes.keys()) {
      const subject = subjectOf(path);
      if (subject !== undefined) this.#subjects.add(subject);
    }
    for (const subject of this.#subjects) this.#count(zxid, change, subject);
  }

  /** Where servers count what has a quota, whether it has one now or not. */
  get countPaths(): string[] {
    return [...this.#subjects].map(statsPath);
  }

  /** Servers write what a subject has into its quota's znode, and leave no other trace there. */
  #count(zxid: Zxid, { znodes }: TreeChange, subject: string): void {
    const isWithin = (path: string): boolean =>
      path === subject || path.startsWith(`${subject}/`) || subjectOf(path) === subject;
    if (![...znodes.keys()].some(isWithin)) return;
    const counted = this.znode(statsPath(subject));
    if (counted === undefined || this.znode(limitsPath(subject)) === undefined) return;
    let [count, bytes] = [0, 0];
    for (const [path, { last }] of this.#znodes) {
      if (last === undefined || (path !== subject && !path.startsWith(`${subject}/`))) continue;
      count += 1;
      bytes += last.data?.length ?? 0;
    }
    const data = asciiBytes(countsText(count, bytes));
    const now = new Map([[statsPath(subject), { ...counted, data }]]);
    this.#take(zxid, { znodes: now, sessions: new Map() });
  }

  /** What a committed txn has changed; undefined for a txn that is not committed. */
  changeOf(zxid: Zxid): TreeChange | undefined {
    return this.#changes.get(zxid);
  }

  /** A znode when everything up to a txn was applied, and nothing later; now, when that is not said. */
  znode(path: string, zxid?: Zxid): ZnodeModel | undefined {
    const versions = this.#znodes.get(path);
    return zxid === undefined ? versions?.last : versions?.at(zxid);
  }

  /** A session's timeout; undefined when it is not open. */
  session(sessionId: bigint, zxid?: Zxid): number | undefined {
    const versions = this.#sessions.get(sessionId);
    return zxid === undefined ? versions?.last : versions?.at(zxid);
  }

  /** Whether there ever was such a session. */
  hadSession(sessionId: bigint): boolean {
    return this.#sessions.has(sessionId);
  }

  /** All znodes at a txn, by path. */
  *znodesAt(zxid: Zxid): Generator<readonly [path: string, znode: ZnodeModel], void, undefined> {
    for (const [path, versions] of this.#znodes) {
      const znode = versions.at(zxid);
      if (znode !== undefined) yield [path, znode];
    }
  }

  *sessionsAt(zxid: Zxid): Generator<readonly [id: bigint, timeoutMs: number], void, undefined> {
    for (const [sessionId, versions] of this.#sessions) {
      const timeoutMs = versions.at(zxid);
      if (timeoutMs !== undefined) yield [sessionId, timeoutMs];
    }
  }

  /** The ephemerals of a session, as they are now. */
  ephemeralsOf(sessionId: bigint): string[] {
    const paths: string[] = [];
    for (const [path, versions] of this.#znodes) {
      const owner = versions.last?.owner;
      if (owner?.kind === "session" && owner.sessionId === sessionId) paths.push(path);
    }
    return paths;
  }

  /**
   * The digest that servers of equal trees agree on, as leaders put it into their
   * txns: the sum over all znodes, but for those below /zookeeper, of a CRC-32 over
   * path, data and the fields of the stat ("version 2" of Apache's digest).
   */
  digestAt(zxid: Zxid): bigint {
    let sum = 0n;
    for (const [path, znode] of this.znodesAt(zxid)) {
      if (path.startsWith("/zookeeper/")) continue;
      sum += BigInt(checksumOf(path, znode));
    }
    return BigInt.asIntN(64, sum);
  }

  #take(zxid: Zxid, { znodes, sessions }: TreeChange): void {
    for (const [path, znode] of znodes) {
      let versions = this.#znodes.get(path);
      if (versions === undefined) this.#znodes.set(path, (versions = new Versions()));
      versions.push(zxid, znode);
    }
    for (const [sessionId, timeoutMs] of sessions) {
      let versions = this.#sessions.get(sessionId);
      if (versions === undefined) this.#sessions.set(sessionId, (versions = new Versions()));
      versions.push(zxid, timeoutMs);
    }
  }
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** A znode never changes, so its checksum is made once. */
function checksumOf(path: string, znode: ZnodeModel): number {
  const known = CHECKSUMS.get(znode);
  if (known?.path === path) return known.checksum;
  const checksum = crc32(digested(path, znode));
  CHECKSUMS.set(znode, { path, checksum });
  return checksum;
}

const CHECKSUMS = new WeakMap<ZnodeModel, { readonly path: string; readonly checksum: number }>();

/** The root's own text in a digest is empty. */
function digested(path: string, znode: ZnodeModel): Uint8Array {
  const text = path === "/" ? "" : path;
  const data = znode.data ?? new Uint8Array(0);
  const letters = utf8(text);
  const bytes = new Uint8Array(letters.length + data.length + STAT_BYTES);
  bytes.set(letters);
  bytes.set(data, letters.length);
  const view = new DataView(bytes.buffer, letters.length + data.length);
  for (const [at, long] of [
    znode.czxid,
    znode.mzxid,
    znode.pzxid,
    znode.ctime,
    znode.mtime,
  ].entries())
    view.setBigInt64(8 * at, long);
  for (const [at, int] of [znode.version, znode.creates, znode.aversion].entries())
    view.setInt32(40 + 4 * at, int);
  view.setBigInt64(52, ownerNumber(znode.owner));
  return bytes;
}

/** Paths have no characters beyond the basic multilingual plane: ZooKeeper refuses them. */
function utf8(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0)).flatMap((code) => {
    if (code < 0x80) return [code];
    if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 63)];
    return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
  });
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const CRC_TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1)
    value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xedb8_8320;
  return value;
});

/** Five longs, three ints, one long. */
const STAT_BYTES = 60;

const READ_ONLY = [{ perms: 1, scheme: "world", id: "anyone" }];

const FIRST: ZnodeModel = {
  data: new Uint8Array(0),
  acl: [{ perms: 31, scheme: "world", id: "anyone" }],
  czxid: NO_TXN,
  mzxid: NO_TXN,
  pzxid: NO_TXN,
  ctime: 0n,
  mtime: 0n,
  version: 0,
  aversion: 0,
  creates: 0,
  children: 0,
  owner: { kind: "nobody" },
};
