/**
 * The numbers that order everything: zxids, epochs and server ids.
 *
 * A zxid names a txn: its high 32 bits are the epoch of the leader that proposed
 * it, its low 32 bits count that leader's proposals from 1. Compared as signed
 * 64-bit numbers, as in Java, so an epoch fits in 31 bits.
 */

/** A number with a meaning: plain numbers may become one, but a zxid never a server id. */
type Meaning<T, Name extends string> = T & { readonly __meaning?: Name };

/** The id of a txn: `epoch << 32 | counter`. */
export type Zxid = Meaning<bigint, "zxid">;

/** A server's id, the number N of `server.N` and of `myid`. Signed 64 bits. */
export type Sid = Meaning<bigint, "sid">;

/** The number of a leadership, 0 to MAX_EPOCH. */
export type Epoch = Meaning<number, "epoch">;

/** The zxid of a server that has no txn yet. */
export const NO_TXN: Zxid = 0n;

/**
 * What a server without a database says instead of a zxid: it does not know what it
 * promised before, so nobody counts its votes and acknowledgements of epochs.
 */
export const NO_DATABASE: Zxid = -1n;

/** The last epoch that a leader may start: its successors would not fit in the signed halves that Java keeps. */
export const MAX_EPOCH: Epoch = 0x7fff_fff0;

/** The last counter that may be proposed. One more, and the epoch would change by carrying over. */
export const MAX_COUNTER = 0xffff_fffe;

/** The epoch of the leader that proposed a txn. */
export function epochOf(zxid: Zxid): Epoch {
  long[0] = zxid;
  return halves[HIGH] as number;
}

/** Which proposal of its leader a txn is. 0 names no txn: it is where an epoch begins. */
export function counterOf(zxid: Zxid): number {
  long[0] = zxid;
  return (halves[LOW] as number) >>> 0;
}

/** The zxid of a leader's nth proposal. */
export function makeZxid(epoch: Epoch, counter: number): Zxid {
  return (BigInt(epoch) << 32n) | BigInt(counter);
}

/** Where an epoch begins: the zxid that NEWLEADER carries, before the first txn. */
export function epochStart(epoch: Epoch): Zxid {
  return BigInt(epoch) << 32n;
}

/** Whether `next` may follow `previous` in a log: the next counter, or the first of a later epoch. */
export function follows(previous: Zxid, next: Zxid): boolean {
  if (next === previous + 1n) return counterOf(next) !== 0;
  return epochOf(next) > epochOf(previous) && counterOf(next) === 1;
}

/** As log and snapshot names and logs of servers show it: hexadecimal with an `0x` in front. */
export function formatZxid(zxid: Zxid): string {
  return `0x${BigInt.asUintN(64, zxid).toString(16)}`;
}

/** The halves of a zxid without a new bigint, which takes several times as long: they are asked for at every txn. */
const long = new BigInt64Array(1);
const halves = new Int32Array(long.buffer);

/** Numbers and longs over the same memory are in the machine's order. */
const HIGH = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;
