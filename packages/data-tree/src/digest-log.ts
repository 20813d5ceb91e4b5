/** The tree's digest after some of the last txns, so that operators can compare servers (`hash`). */
import type { Zxid } from "@jute-ts/zookeeper";
import { lowOf } from "./halves.js";

export interface LoggedDigest {
  readonly zxid: Zxid;
  readonly digest: bigint;
}

export class DigestLog {
  readonly #entries: LoggedDigest[] = [];

  /** The tree has this digest after the txn, where it is asked for. Only one txn of 128 is kept, the same on all servers. */
  add(zxid: Zxid, tree: { readonly digest: bigint }): void {
    if (lowOf(zxid) % INTERVAL !== 0) return;
    this.#entries.push({ zxid, digest: tree.digest });
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** Oldest first. Borrowed. */
  get entries(): readonly LoggedDigest[] {
    return this.#entries;
  }
}

/** Both as in Java. */
const INTERVAL = 128;
const MAX_ENTRIES = 1024;
