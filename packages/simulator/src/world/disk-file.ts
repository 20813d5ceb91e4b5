/**
 * A file of a simulated disk, as a process sees it and as a power failure would
 * leave it. Bytes become durable in sectors of 512: until `sync`, every sector
 * that was changed may turn out to be the old one or the new one, each for
 * itself, and so may the size.
 */
import type { Random } from "./random.js";

const SECTOR_BYTES = 512;
const NOTHING = new Uint8Array(0);

export class DiskFile {
  #bytes = new Uint8Array(0);
  #size = 0;
  #durableSize = 0;
  /** What changed sectors held when they were last durable; shorter than a sector at the old end of the file. */
  readonly #before = new Map<number, Uint8Array>();
  /** The last write since the last sync: only it can be torn within a sector. */
  #lastWrite: { readonly start: number; readonly end: number } | undefined;

  get size(): number {
    return this.#size;
  }

  /** Whether a power failure now could change the file. */
  get isDurable(): boolean {
    return this.#before.size === 0 && this.#size === this.#durableSize;
  }

  /** A copy of the bytes from `offset`, fewer than `length` at the end of the file. */
  read(offset: number, length: number): Uint8Array {
    return this.#bytes.slice(Math.min(offset, this.#size), Math.min(offset + length, this.#size));
  }

  /** Copies the bytes into the file, which grows with zeros when they lie after its end. */
  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    this.#remember(Math.min(offset, this.#size), end);
    this.#grow(end);
    this.#bytes.set(bytes, offset);
    this.#lastWrite = { start: offset, end };
  }

  /** Cuts the file, or extends it with zeros. */
  truncate(size: number): void {
    if (size < this.#size) {
      this.#remember(size, this.#size);
      this.#bytes.fill(0, size, this.#size);
      this.#size = size;
    } else if (size > this.#size) {
      this.#remember(this.#size, size);
      this.#grow(size);
    }
  }

  /** Everything is durable now. */
  sync(): void {
    this.#before.clear();
    this.#durableSize = this.#size;
    this.#lastWrite = undefined;
  }

  /** A copy of the whole file as it is after a power failure that loses all that it may lose. */
  durableContents(): Uint8Array {
    const contents = new Uint8Array(this.#durableSize);
    contents.set(this.#bytes.subarray(0, Math.min(this.#size, this.#durableSize)));
    for (const [sector, old] of this.#before) {
      const start = sector * SECTOR_BYTES;
      if (start >= this.#durableSize) continue;
      contents.fill(0, start, Math.min(start + SECTOR_BYTES, this.#durableSize));
      contents.set(old.subarray(0, this.#durableSize - start), start);
    }
    return contents;
  }

  /** The power fails: of each thing that was not durable, chance decides whether it is kept. */
  loseUnsynced(random: Random, keepProbability: number, tearLastWrite: boolean): void {
    if (tearLastWrite) this.#tear(random);
    for (const [sector, old] of this.#before) {
      if (!random.chance(keepProbability)) this.#restore(sector, old);
    }
    if (this.#size !== this.#durableSize && !random.chance(keepProbability)) {
      this.#grow(this.#durableSize);
      this.#size = this.#durableSize;
    }
    this.#bytes.fill(0, this.#size);
    this.sync();
  }

  /**
   * What a failed fsync leaves: the system forgets that the pages were dirty, so
   * each is durable, lost, or still only in memory, and a later fsync says nothing.
   */
  failSync(random: Random): void {
    for (const [sector, old] of this.#before) {
      const fate = random.integer(0, 2);
      if (fate === 0) this.#before.delete(sector);
      if (fate === 1) {
        this.#restore(sector, old);
        this.#before.delete(sector);
      }
    }
    if (random.chance(0.5)) this.#durableSize = this.#size;
  }

  /** Turns one bit over, as if the medium had always held it so. */
  rot(byteAt: number, bit: number): void {
    if (byteAt >= this.#size) return;
    this.#bytes[byteAt] = (this.#bytes[byteAt] ?? 0) ^ (1 << bit);
  }

  /** Bytes that the medium has lost: they are zeros, as if they had always been. */
  loseBytes(start: number, length: number): void {
    this.#bytes.fill(0, Math.min(start, this.#size), Math.min(start + length, this.#size));
  }

  /** Bytes that the medium holds in place of its own, as if it had always. The file grows by none. */
  replaceBytes(start: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes.subarray(0, Math.max(0, this.#size - start)), start);
  }

  /**
   * Cuts the last write at any byte: new bytes before, old bytes after. The
   * sectors of that write are settled by this; the file may end at the cut.
   */
  #tear(random: Random): void {
    if (this.#lastWrite === undefined) return;
    const { start, end } = this.#lastWrite;
    const cut = random.integer(start, end - 1);
    const last = Math.floor((end - 1) / SECTOR_BYTES);
    for (let sector = Math.floor(start / SECTOR_BYTES); sector <= last; sector += 1) {
      const old = this.#before.get(sector);
      if (old === undefined) continue;
      this.#before.delete(sector);
      const sectorStart = sector * SECTOR_BYTES;
      const sectorEnd = Math.min(sectorStart + SECTOR_BYTES, end);
      for (let at = Math.max(cut, sectorStart); at < sectorEnd; at += 1) {
        this.#bytes[at] = old[at - sectorStart] ?? 0;
      }
    }
    const endsAtCut = end === this.#size && cut >= this.#durableSize && random.chance(0.5);
    if (endsAtCut) this.#size = this.#durableSize = cut;
  }

  #restore(sector: number, old: Uint8Array): void {
    const start = sector * SECTOR_BYTES;
    const end = Math.min(start + SECTOR_BYTES, this.#bytes.length);
    if (start >= end) return;
    this.#bytes.fill(0, start, end);
    this.#bytes.set(old.subarray(0, end - start), start);
  }

  /** Keeps what the sectors of a range hold, before they change for the first time since the last sync. */
  #remember(start: number, end: number): void {
    const last = Math.floor((end - 1) / SECTOR_BYTES);
    for (let sector = Math.floor(start / SECTOR_BYTES); sector <= last; sector += 1) {
      if (this.#before.has(sector)) continue;
      const from = sector * SECTOR_BYTES;
      // Most are added at the end, where nothing was: a log grows by many sectors of zeros at once.
      const old =
        from >= this.#size
          ? NOTHING
          : this.#bytes.slice(from, Math.min(from + SECTOR_BYTES, this.#size));
      this.#before.set(sector, old);
    }
  }

  #grow(size: number): void {
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length, SECTOR_BYTES));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    if (size > this.#size) this.#size = size;
  }
}
