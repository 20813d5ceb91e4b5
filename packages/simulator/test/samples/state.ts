import { encodeTxn, OpCode, type Zxid } from "@jute-ts/zookeeper";
import type {
  ChangeRequest,
  ReplicatedState,
  StateLoader,
  SnapshotSource,
  LoggedTxn,
  TxnResult,
} from "@jute-ts/quorum";
import {
  protocolCheckers,
  quorumKit,
  runSeed,
  standardCast,
  type Cast,
  type ClientPort,
  type SimClient,
} from "@jute-ts/simulator";

/** A counter that every request adds one to. Sessions come and go, as the protocol wants them to. */
class Counter implements ReplicatedState {
  lastProcessedZxid: Zxid = 0n;
  readonly sessions = new Map<bigint, number>();
  count = 0;

  apply({ zxid, header }: LoggedTxn): TxnResult {
    // A snapshot is taken while txns go on: what it held already must not count twice.
    if (zxid > this.lastProcessedZxid) {
      this.lastProcessedZxid = zxid;
      if (header.type === OpCode.createSession) this.sessions.set(header.clientId, TIMEOUT_MS);
      else if (header.type === OpCode.closeSession) this.sessions.delete(header.clientId);
      else this.count += 1;
    }
    return { err: 0, type: header.type };
  }

  prepare({ sessionId, cxid, opCode }: ChangeRequest, zxid: Zxid, time: bigint): Uint8Array {
    const header = { clientId: sessionId, cxid, zxid, time };
    if (opCode === OpCode.createSession) return encodeTxn(opCode, header, { timeOut: TIMEOUT_MS });
    if (opCode === OpCode.closeSession) return encodeTxn(opCode, header, { paths2Delete: [] });
    return encodeTxn(OpCode.setData, header, { path: "/", data: null, version: 0 });
  }

  discardPrepared(): void {
    // What is prepared depends on nothing that was prepared before.
  }

  setLastProcessed(zxid: Zxid): void {
    this.lastProcessedZxid = zxid;
  }

  digest(): bigint {
    return BigInt(this.count);
  }

  configuration(): undefined {
    // Nothing reconfigures this ensemble.
  }

  snapshot(): SnapshotSource {
    const words = [BigInt(this.count), BigInt(this.sessions.size), ...this.sessions.keys()];
    const piece = new Uint8Array(BigInt64Array.from(words).buffer);
    const pieces = [piece];
    return { zxid: this.lastProcessedZxid, next: () => pieces.shift() };
  }

  restore(zxid: Zxid): StateLoader {
    this.clear();
    const bytes: number[] = [];
    let done = false;
    return {
      get done() {
        return done;
      },
      push: (piece) => {
        let taken = 0;
        for (const byte of piece) {
          if (done) break;
          bytes.push(byte);
          taken += 1;
          if (bytes.length % 8 !== 0 || bytes.length < 16) continue;
          const [count = 0n, size = 0n, ...sessionIds] = new BigInt64Array(
            Uint8Array.from(bytes).buffer,
          );
          if (BigInt(sessionIds.length) < size) continue;
          this.count = Number(count);
          for (const id of sessionIds) this.sessions.set(id, TIMEOUT_MS);
          this.lastProcessedZxid = zxid;
          done = true;
        }
        return taken;
      },
    };
  }

  clear(): void {
    this.count = 0;
    this.sessions.clear();
    this.lastProcessedZxid = 0n;
  }

  overdue(): readonly ChangeRequest[] {
    return [];
  }
}

const TIMEOUT_MS = 30_000;

/** Adds one to the counter now and then, at any server. */
class Adder implements SimClient {
  readonly name = "adder";

  start(port: ClientPort): void {
    const change = { sessionId: 0n, cxid: 1, opCode: OpCode.setData, authInfo: [] };
    port.submit(port.random.pick(port.sids), { ...change, body: new Uint8Array(0) }, () => {
      port.after(port.random.exponential(100), () => {
        this.start(port);
      });
    });
  }
}

const cast: Cast = {
  ...standardCast,
  kit: { ...quorumKit, newState: () => new Counter() },
  newCheckers: (settings) => protocolCheckers(settings),
  newClients: () => [new Adder()],
};

for (const seed of [1, 2, 3])
  console.log(runSeed(seed, { cast }).violation?.text ?? "no violation");
