/**
 * The znodes as rows of a table, each known by its number. A znode as an object with
 * a stat of bigints takes some 500 bytes, and the collector visits every part of it;
 * a row takes 104, in pieces of memory that the collector does not look into.
 *
 * Here is where things are, nothing of what they mean: only the tree changes the
 * table, tells open snapshots first, and keeps digests and counts.
 */
import { StatPersisted } from "@jute-ts/zookeeper";
import { DataSlabs, MOST_SLAB_DATA, type SlabBytes } from "./data-slabs.js";
import { HIGH, LOW } from "./halves.js";
import { crcOfInt, finishedCrc } from "./crc32.js";

/** A znode's number in the table, from 1 on. Given again once the znode is gone. */
export type Znode = number;

/** No znode, where one could be. */
export const NO_ZNODE: Znode = 0;

interface Chunk {
  readonly ints: Int32Array;
  /** The same memory. */
  readonly longs: BigInt64Array;
}

export class ZnodeTable {
  readonly #chunks: Chunk[] = [];
  readonly #paths: string[] = [""];
  /** What is too long for the slabs. */
  readonly #longData = new Map<Znode, Uint8Array>();
  readonly #slabs: DataSlabs;
  /** The first of the rows that are free, each of which names the next. */
  #firstFree: Znode = NO_ZNODE;

  /** `mostSlabBytes`: see DataSlabs. */
  constructor(mostSlabBytes?: number) {
    const isAt = (znode: Znode, place: number): boolean =>
      this.#int(znode, DATA_PLACE) >>> 0 === place && this.#isShort(znode);
    const moved = (znode: Znode, place: number): void => {
      this.#setInt(znode, DATA_PLACE, place);
    };
    this.#slabs = new DataSlabs({ isAt, moved }, mostSlabBytes);
  }

  /** A row for a znode without parent, children and data. Its stat is to be set. */
  add(path: string, acl: number, savedFor: number): Znode {
    const znode = this.#freeRow();
    this.#paths[znode] = path;
    const { ints } = this.#chunk(znode);
    const row = rowOf(znode);
    ints.fill(0, row, row + ROW_INTS);
    ints[row + ACL] = acl;
    ints[row + SAVED_FOR] = savedFor;
    ints[row + DATA_LENGTH] = NULL_DATA;
    return znode;
  }

  /** Frees a row. Its children, if any, must have gone, and its parent must have let go of it. */
  remove(znode: Znode): void {
    this.setData(znode, null);
    this.#paths[znode] = "";
    this.#setInt(znode, NEXT, this.#firstFree);
    this.#firstFree = znode;
  }

  path(znode: Znode): string {
    return this.#paths[znode] ?? "";
  }

  /** Which access control list it has. */
  acl(znode: Znode): number {
    return this.#int(znode, ACL);
  }

  setAcl(znode: Znode, acl: number): void {
    this.#setInt(znode, ACL, acl);
  }

  /** The last snapshot, by number, that needs nothing more of this znode before it changes. */
  savedFor(znode: Znode): number {
    return this.#int(znode, SAVED_FOR);
  }

  setSavedFor(znode: Znode, snapshot: number): void {
    this.#setInt(znode, SAVED_FOR, snapshot);
  }

  /** Borrowed: it never changes. */
  data(znode: Znode): Uint8Array | null {
    const length = this.#int(znode, DATA_LENGTH);
    if (length === NULL_DATA) return null;
    if (length === 0) return NO_BYTES;
    if (length > MOST_SLAB_DATA) return this.#longData.get(znode) ?? NO_BYTES;
    return this.#slabs.get(this.#int(znode, DATA_PLACE) >>> 0, length);
  }

  /** 0 for null. */
  dataLength(znode: Znode): number {
    return Math.max(this.#int(znode, DATA_LENGTH), 0);
  }

  /** Copies the data. */
  setData(znode: Znode, data: Uint8Array | null): void {
    const length = data?.length ?? NULL_DATA;
    const longData = data !== null && length > MOST_SLAB_DATA ? data.slice() : undefined;
    const isShort = data !== null && length > 0 && longData === undefined;
    const place = isShort ? this.#slabs.put(znode, data) : 0;
    // Not before: the old data may have been moved to make room.
    const oldLength = this.#int(znode, DATA_LENGTH);
    const oldPlace = this.#int(znode, DATA_PLACE) >>> 0;
    this.#setInt(znode, DATA_LENGTH, length);
    this.#setInt(znode, DATA_PLACE, place);
    if (oldLength > MOST_SLAB_DATA) this.#longData.delete(znode);
    else if (oldLength > 0) this.#slabs.free(oldPlace, oldLength);
    if (longData !== undefined) this.#longData.set(znode, longData);
  }

  /** The memory for data that is not long, and how much of it is in use. In bytes. */
  get slabBytes(): SlabBytes {
    return this.#slabs.bytes;
  }

  /** How many data are long. */
  get longCount(): number {
    return this.#longData.size;
  }

  /** The CRC over path and data: see `contentCrc`. */
  contentCrc(znode: Znode): number {
    return this.#int(znode, CONTENT_CRC);
  }

  setContentCrc(znode: Znode, crc: number): void {
    this.#setInt(znode, CONTENT_CRC, crc);
  }

  /** Its share of the tree's digest. */
  digest(znode: Znode): number {
    return this.#int(znode, DIGEST) >>> 0;
  }

  setDigest(znode: Znode, digest: number): void {
    this.#setInt(znode, DIGEST, digest);
  }

  /** The share that it should have: see `shareOf`. */
  share(znode: Znode): number {
    const { ints } = this.#chunk(znode);
    const row = rowOf(znode);
    let crc = crcOfLongAt(ints[row + CONTENT_CRC] as number, ints, row + 2 * CZXID);
    crc = crcOfLongAt(crc, ints, row + 2 * MZXID);
    crc = crcOfLongAt(crc, ints, row + 2 * PZXID);
    crc = crcOfLongAt(crc, ints, row + 2 * CTIME);
    crc = crcOfLongAt(crc, ints, row + 2 * MTIME);
    crc = crcOfInt(crc, ints[row + VERSION] as number);
    crc = crcOfInt(crc, ints[row + CVERSION] as number);
    crc = crcOfInt(crc, ints[row + AVERSION] as number);
    return finishedCrc(crcOfLongAt(crc, ints, row + 2 * OWNER));
  }

  /** What is stored: the caller's own. Clients see `clientStat`. */
  stat(znode: Znode): StatPersisted {
    const { ints, longs } = this.#chunk(znode);
    const row = rowOf(znode);
    const long = row / 2;
    const stat = new StatPersisted();
    stat.czxid = longs[long + CZXID] as bigint;
    stat.mzxid = longs[long + MZXID] as bigint;
    stat.ctime = longs[long + CTIME] as bigint;
    stat.mtime = longs[long + MTIME] as bigint;
    stat.version = ints[row + VERSION] as number;
    stat.cversion = ints[row + CVERSION] as number;
    stat.aversion = ints[row + AVERSION] as number;
    stat.ephemeralOwner = longs[long + OWNER] as bigint;
    stat.pzxid = longs[long + PZXID] as bigint;
    return stat;
  }

  setStat(znode: Znode, stat: StatPersisted): void {
    const { ints, longs } = this.#chunk(znode);
    const row = rowOf(znode);
    const long = row / 2;
    longs[long + CZXID] = stat.czxid;
    longs[long + MZXID] = stat.mzxid;
    longs[long + CTIME] = stat.ctime;
    longs[long + MTIME] = stat.mtime;
    longs[long + OWNER] = stat.ephemeralOwner;
    longs[long + PZXID] = stat.pzxid;
    ints[row + VERSION] = stat.version;
    ints[row + CVERSION] = stat.cversion;
    ints[row + AVERSION] = stat.aversion;
  }

  /** The stat of a new znode. */
  setNewStat(znode: Znode, zxid: bigint, timeMs: bigint, ephemeralOwner: bigint): void {
    const { longs } = this.#chunk(znode);
    const long = rowOf(znode) / 2;
    longs[long + CZXID] = zxid;
    longs[long + MZXID] = zxid;
    longs[long + PZXID] = zxid;
    longs[long + CTIME] = timeMs;
    longs[long + MTIME] = timeMs;
    longs[long + OWNER] = ephemeralOwner;
  }

  ephemeralOwner(znode: Znode): bigint {
    return this.#chunk(znode).longs[rowOf(znode) / 2 + OWNER] as bigint;
  }

  mtime(znode: Znode): bigint {
    return this.#chunk(znode).longs[rowOf(znode) / 2 + MTIME] as bigint;
  }

  pzxid(znode: Znode): bigint {
    return this.#chunk(znode).longs[rowOf(znode) / 2 + PZXID] as bigint;
  }

  setPzxid(znode: Znode, zxid: bigint): void {
    this.#chunk(znode).longs[rowOf(znode) / 2 + PZXID] = zxid;
  }

  cversion(znode: Znode): number {
    return this.#int(znode, CVERSION);
  }

  setCversion(znode: Znode, cversion: number): void {
    this.#setInt(znode, CVERSION, cversion);
  }

  setAversion(znode: Znode, aversion: number): void {
    this.#setInt(znode, AVERSION, aversion);
  }

  /** Version and times of a change of the data. */
  setDataVersion(znode: Znode, version: number, zxid: bigint, timeMs: bigint): void {
    const { ints, longs } = this.#chunk(znode);
    const row = rowOf(znode);
    ints[row + VERSION] = version;
    longs[row / 2 + MZXID] = zxid;
    longs[row / 2 + MTIME] = timeMs;
  }

  childCount(znode: Znode): number {
    return this.#int(znode, CHILD_COUNT);
  }

  /** In the order of creation. */
  children(znode: Znode): readonly Znode[] {
    if (this.#int(znode, FIRST_CHILD) === NO_ZNODE) return NO_CHILDREN;
    const children: Znode[] = [];
    let child = this.#int(znode, FIRST_CHILD);
    for (; child !== NO_ZNODE; child = this.#int(child, NEXT)) children.push(child);
    return children;
  }

  /** The znode and all below it, parents first. The tree must not change meanwhile. */
  *withDescendants(top: Znode): Generator<Znode, void, undefined> {
    const open = [top];
    for (let znode = open.pop(); znode !== undefined; znode = open.pop()) {
      yield znode;
      let child = this.#int(znode, LAST_CHILD);
      for (; child !== NO_ZNODE; child = this.#int(child, PREVIOUS)) open.push(child);
    }
  }

  /** Makes a znode the last child of another. */
  attach(parent: Znode, child: Znode): void {
    const last = this.#int(parent, LAST_CHILD);
    if (last === NO_ZNODE) this.#setInt(parent, FIRST_CHILD, child);
    else this.#setInt(last, NEXT, child);
    this.#setInt(child, PREVIOUS, last);
    this.#setInt(child, NEXT, NO_ZNODE);
    this.#setInt(parent, LAST_CHILD, child);
    this.#setInt(parent, CHILD_COUNT, this.#int(parent, CHILD_COUNT) + 1);
  }

  detach(parent: Znode, child: Znode): void {
    const previous = this.#int(child, PREVIOUS);
    const next = this.#int(child, NEXT);
    if (previous === NO_ZNODE) this.#setInt(parent, FIRST_CHILD, next);
    else this.#setInt(previous, NEXT, next);
    if (next === NO_ZNODE) this.#setInt(parent, LAST_CHILD, previous);
    else this.#setInt(next, PREVIOUS, previous);
    this.#setInt(parent, CHILD_COUNT, this.#int(parent, CHILD_COUNT) - 1);
  }

  #isShort(znode: Znode): boolean {
    const length = this.#int(znode, DATA_LENGTH);
    return length > 0 && length <= MOST_SLAB_DATA;
  }

  #freeRow(): Znode {
    const free = this.#firstFree;
    if (free !== NO_ZNODE) {
      this.#firstFree = this.#int(free, NEXT);
      return free;
    }
    const next = this.#paths.length;
    const at = next >>> CHUNK_BITS;
    const chunk = this.#chunks[at];
    if (chunk === undefined) this.#chunks.push(newChunk(at === 0 ? FIRST_ROWS : CHUNK_ROWS));
    else if (rowOf(next) >= chunk.ints.length) this.#chunks[at] = grown(chunk);
    return next;
  }

  #chunk(znode: Znode): Chunk {
    const chunk = this.#chunks[znode >>> CHUNK_BITS];
    if (chunk === undefined) throw new RangeError(`there is no znode ${String(znode)}`);
    return chunk;
  }

  #int(znode: Znode, column: number): number {
    return this.#chunk(znode).ints[rowOf(znode) + column] as number;
  }

  #setInt(znode: Znode, column: number, value: number): void {
    this.#chunk(znode).ints[rowOf(znode) + column] = value;
  }
}

function newChunk(rows: number): Chunk {
  const memory = new ArrayBuffer(rows * ROW_INTS * 4);
  return { ints: new Int32Array(memory), longs: new BigInt64Array(memory) };
}

/** Twice as many rows, the first half of which are these. */
function grown({ ints }: Chunk): Chunk {
  const larger = newChunk((2 * ints.length) / ROW_INTS);
  larger.ints.set(ints);
  return larger;
}

/** Where a row begins in its chunk. */
function rowOf(znode: Znode): number {
  return (znode & (CHUNK_ROWS - 1)) * ROW_INTS;
}

function crcOfLongAt(crc: number, ints: Int32Array, at: number): number {
  return crcOfInt(crcOfInt(crc, ints[at + HIGH] as number), ints[at + LOW] as number);
}

/** Rows come by the chunk. */
const CHUNK_BITS = 8;
const CHUNK_ROWS = 2 ** CHUNK_BITS;
/** The first chunk grows from so many, for small trees as tests and simulations have them. */
const FIRST_ROWS = 16;

/** The longs of a row, counted in longs. */
const CZXID = 0;
const MZXID = 1;
const CTIME = 2;
const MTIME = 3;
const OWNER = 4;
const PZXID = 5;

/** What follows them, counted in ints. */
const VERSION = 12;
const CVERSION = 13;
const AVERSION = 14;
const DIGEST = 15;
const CONTENT_CRC = 16;
const ACL = 17;
const SAVED_FOR = 18;
const DATA_LENGTH = 19;
const DATA_PLACE = 20;
const CHILD_COUNT = 21;
const FIRST_CHILD = 22;
const LAST_CHILD = 23;
/** The next and the previous child of the same parent. */
const NEXT = 24;
const PREVIOUS = 25;
const ROW_INTS = 26;

/** As a length. */
const NULL_DATA = -1;
const NO_BYTES = new Uint8Array(0);
const NO_CHILDREN: readonly Znode[] = [];
