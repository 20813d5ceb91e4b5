/**
 * The smallest replicated state: a list of the txns that were applied. It shows
 * that the protocol needs nothing of the data tree, and makes expectations short.
 */
import type {
  ChangeRequest,
  ReplicatedState,
  StateLoader,
  SnapshotSource,
  LoggedTxn,
  TxnResult,
} from "../src/index.js";
import type { OutgoingPacket } from "../src/wire/index.js";
import { encodeTxn, type Epoch, makeZxid, OpCode, TxnHeader, type Zxid } from "@jute-ts/zookeeper";

export class RegisterState implements ReplicatedState {
  lastProcessedZxid: Zxid = 0n;
  readonly sessions = new Map<bigint, number>();
  applied: Zxid[] = [];
  /** What was prepared since `discardPrepared`, applied or not. */
  prepared: Zxid[] = [];
  /** What the leader should ask for by itself. */
  overdueRequests: readonly ChangeRequest[] = [];

  apply(txn: LoggedTxn): TxnResult {
    // What a fuzzy snapshot held already is not added again.
    if (!this.applied.includes(txn.zxid)) this.applied.push(txn.zxid);
    this.lastProcessedZxid = txn.zxid;
    if (txn.header.type === OpCode.createSession) this.sessions.set(txn.header.clientId, 1000);
    if (txn.header.type === OpCode.closeSession) this.sessions.delete(txn.header.clientId);
    return { err: 0, type: txn.header.type };
  }

  prepare({ sessionId, cxid, opCode }: ChangeRequest, zxid: Zxid, timeMs: bigint): Uint8Array {
    this.prepared.push(zxid);
    const header = { clientId: sessionId, cxid, zxid, time: timeMs };
    if (opCode === OpCode.createSession) return encodeTxn(opCode, header, { timeOut: 1000 });
    if (opCode === OpCode.closeSession) return encodeTxn(opCode, header, { paths2Delete: [] });
    return encodeTxn(OpCode.setData, header, { path: "/", data: null, version: 0 });
  }

  discardPrepared(): void {
    this.prepared = [];
  }

  /** What `configuration` tells. */
  committedConfiguration: string | undefined;

  configuration(): Uint8Array | undefined {
    const text = this.committedConfiguration;
    return text === undefined ? undefined : new TextEncoder().encode(text);
  }

  digest(): bigint {
    return this.applied.reduce((digest, zxid) => (digest * 31n + zxid) % (1n << 61n), 7n);
  }

  snapshot(): SnapshotSource {
    const pieces = [...this.applied, 0n].map((zxid) => longBytes(zxid));
    return { zxid: this.lastProcessedZxid, next: () => pieces.shift() };
  }

  restore(zxid: Zxid): StateLoader {
    this.clear();
    this.lastProcessedZxid = zxid;
    return new RegisterSink((applied) => {
      this.applied.push(applied);
    });
  }

  clear(): void {
    this.applied = [];
    this.sessions.clear();
    this.lastProcessedZxid = 0n;
  }

  setLastProcessed(zxid: Zxid): void {
    this.lastProcessedZxid = zxid;
  }

  overdue(): readonly ChangeRequest[] {
    return this.overdueRequests;
  }
}

/** Longs up to the first 0. */
class RegisterSink implements StateLoader {
  done = false;
  readonly #take: (zxid: Zxid) => void;
  #rest: number[] = [];

  constructor(take: (zxid: Zxid) => void) {
    this.#take = take;
  }

  push(bytes: Uint8Array): number {
    let taken = 0;
    for (const byte of bytes) {
      if (this.done) break;
      this.#rest.push(byte);
      taken++;
      if (this.#rest.length < 8) continue;
      const value = new DataView(Uint8Array.from(this.#rest).buffer).getBigInt64(0);
      this.#rest = [];
      if (value === 0n) this.done = true;
      else this.#take(value);
    }
    return taken;
  }
}

function longBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
}

/** Txns of one epoch, from one counter to another. */
export function makeTxns(epoch: Epoch, from: number, to: number): LoggedTxn[] {
  return Array.from({ length: to - from + 1 }, (_, index) =>
    makeTxn(makeZxid(epoch, from + index)),
  );
}

/** A txn as some leader would propose it. */
export function makeTxn(zxid: Zxid, clientId = 0n, cxid = 0): LoggedTxn {
  const header = { clientId, cxid, zxid, time: 0n };
  const bytes = encodeTxn(OpCode.setData, header, { path: "/", data: null, version: 0 });
  return { zxid, header: TxnHeader.decode(bytes.subarray(0, 32)), bytes };
}

/** A leader's state as it comes to a learner: the txns that it holds. */
export function snapshotPackets(zxid: Zxid, applied: readonly Zxid[]): OutgoingPacket[] {
  const pieces = [...applied, 0n].map((each): OutgoingPacket => ({
    kind: "SNAPSHOTPIECE",
    bytes: longBytes(each),
  }));
  return [{ kind: "SNAP", zxid }, ...pieces, { kind: "SNAPSHOTEND" }];
}
