/**
 * Copies of txns that are read from a log. Nearly all are needed for a moment only, and memory of
 * its own for each would cost more than the copy and wait long for the collector: short ones share
 * some, one after the other.
 */
export class TxnCopies {
  private memory = new Uint8Array(0);
  private used = 0;

  /** A copy that never changes. To keep it may keep up to 64 KiB. */
  copy(txn: Uint8Array): Uint8Array {
    if (txn.length > MOST_SHARED_BYTES) return txn.slice();
    if (this.used + txn.length > this.memory.length) {
      this.memory = new Uint8Array(MEMORY_BYTES);
      this.used = 0;
    }
    const at = this.used;
    this.used += txn.length;
    this.memory.set(txn, at);
    return this.memory.subarray(at, this.used);
  }
}

const MEMORY_BYTES = 64 * 1024;
const MOST_SHARED_BYTES = 4096;
