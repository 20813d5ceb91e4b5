/**
 * A run that tests make up, observation by observation, to see what checkers say
 * to it: peers that only have a status, a disk that is a list of files, and
 * connections that are known by their numbers. Nothing follows from anything.
 */
import {
  logFileName,
  encodeEpochFile,
  encodeTxnLogHeader,
  encodeTxnLogRecords,
} from "@jute-ts/persistence";
import {
  encodeTxn,
  type Epoch,
  makeZxid,
  NO_TXN,
  OpCode,
  type Sid,
  TxnHeader,
  type Zxid,
} from "@jute-ts/zookeeper";
import type {
  ConnectionId,
  Directory,
  Effect,
  FileOperation,
  FilePath,
  PeerStatus,
  QuorumEvent,
  LoggedTxn,
  StorageOptions,
} from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { DataTree } from "@jute-ts/data-tree";
import type { ClientRules, EnsembleShape } from "../world/settings.js";
import type {
  Checker,
  ConnectionView,
  DiskImage,
  DiskView,
  Observation,
  PeerMachine,
  PeerView,
  WorldView,
} from "./checker.js";
import { EnsembleModel } from "../model/ensemble-model.js";
import type { ClientAnswer, ClientRequest, OperationId } from "../clients/client.js";
import { Observers } from "./observers.js";

/** A disk of whole files, whose durable image is told apart by hand. */
export class FakeDisk implements DiskView {
  readonly current: Map<string, Uint8Array> = new Map<string, Uint8Array>();
  readonly durable: Map<string, Uint8Array> = new Map<string, Uint8Array>();

  names(directory: Directory, image: DiskImage): readonly string[] {
    return [...this[image].keys()]
      .filter((path) => path.startsWith(`${directory}/`))
      .map((path) => path.slice(directory.length + 1))
      .sort();
  }

  contents({ directory, name }: FilePath, image: DiskImage): Uint8Array | undefined {
    return this[image].get(`${directory}/${name}`);
  }

  isDurable({ directory, name }: FilePath): boolean {
    const path = `${directory}/${name}`;
    return this.current.has(path) && this.current.get(path) === this.durable.get(path);
  }

  /** A file that is there, and durable. */
  put({ directory, name }: FilePath, bytes: Uint8Array): void {
    this.current.set(`${directory}/${name}`, bytes);
    this.durable.set(`${directory}/${name}`, bytes);
  }

  putEpochs(accepted: Epoch, current: Epoch): void {
    this.put({ directory: "data", name: "acceptedEpoch" }, encodeEpochFile(accepted));
    this.put({ directory: "data", name: "currentEpoch" }, encodeEpochFile(current));
  }

  /** A log with these txns. */
  putLog(txns: readonly LoggedTxn[]): void {
    const name = logFileName(txns[0]?.zxid ?? NO_TXN);
    this.put({ directory: "log", name }, logBytes(txns));
  }
}

export interface FakePeer extends PeerView {
  up: boolean;
  peer: PeerMachine | undefined;
  status: PeerStatus | undefined;
  tree: DataTree | undefined;
  clientRules?: ClientRules;
  storage?: StorageOptions;
  maxWaitingRequests?: number;
  configured?: EnsembleShape;
  readonly disk: FakeDisk;
}

export class FakeRun implements WorldView {
  nowMs = 0;
  phase: "safety" | "healing" = "safety";
  readonly ensemble: EnsembleModel;
  readonly peers: ReadonlyMap<Sid, FakePeer>;
  readonly #observers: Observers;

  /** `checkers`: ghosts first. Members are the servers 1 to `size`. */
  constructor(checkers: readonly Checker[], size = 3) {
    const sids = Array.from({ length: size }, (_, index) => BigInt(index + 1));
    const shape = { voters: sids, observers: [], groups: undefined, weights: undefined };
    this.ensemble = new EnsembleModel(shape);
    this.peers = new Map(sids.map((sid) => [sid, newPeer(sid)]));
    this.#observers = new Observers(checkers);
  }

  /** Connection 10 * learner + leader is the learner's end, and 1000 more the leader's. */
  connection(id: ConnectionId): ConnectionView {
    const isAccepted = id >= ACCEPTED;
    const base = isAccepted ? id - ACCEPTED : id;
    const learner = BigInt(Math.floor(base / 10));
    const leader = BigInt(base % 10);
    return isAccepted
      ? { owner: leader, remote: learner, remoteConnection: base, side: "accepted" }
      : { owner: learner, remote: leader, remoteConnection: id + ACCEPTED, side: "opened" };
  }

  newState(): DataTree {
    return new DataTree();
  }

  peer(sid: Sid): FakePeer {
    const peer = this.peers.get(sid);
    if (peer === undefined) throw new RangeError(`there is no peer ${sid}`);
    return peer;
  }

  observe(observation: Observation): void {
    this.#observers.observe(observation, this);
  }

  end(): void {
    this.#observers.judgeEnd(this);
  }

  /** A step that leaves the peer with these parts of its status changed. */
  step(
    sid: Sid,
    change: Partial<PeerStatus>,
    effects: readonly Effect[] = [],
    event: Partial<QuorumEvent> = {},
  ): void {
    const peer = this.peer(sid);
    const before = peer.status ?? idle(sid);
    const after = { ...before, ...change };
    peer.status = after;
    const handled = { kind: "deadline", nowMs: this.nowMs, wallMs: 0, ...event } as QuorumEvent;
    this.observe({ kind: "step", sid, event: handled, effects, before, after });
  }

  /** A learner's packet to its leader, or a leader's to its learner. */
  send(from: Sid, to: Sid, packet: OutgoingPacket): void {
    const leads = this.peer(from).status?.role === "leading";
    const connection = leads ? leaderEnd(to, from) : learnerEnd(from, to);
    this.step(from, {}, [{ kind: "send", connection, packet }]);
  }

  deliver(from: Sid, to: Sid, packet: OutgoingPacket): void {
    const leads = this.peer(from).status?.role === "leading";
    const connection = leads ? learnerEnd(to, from) : leaderEnd(from, to);
    this.observe({ kind: "delivered", from, to, connection, packet });
  }

  /** Sent, and arrived. */
  say(from: Sid, to: Sid, packet: OutgoingPacket): void {
    this.send(from, to, packet);
    this.deliver(from, to, packet);
  }

  /** The server leads the epoch with the history that it has, and is in broadcast. */
  lead(sid: Sid, epoch: Epoch, change: Partial<PeerStatus> = {}): void {
    this.step(sid, { role: "leading", phase: "synchronization", epoch, ...change });
    this.step(sid, { phase: "broadcast", serving: true });
  }

  /** The server has learned everything from the leader of the epoch. */
  follow(sid: Sid, leader: Sid, epoch: Epoch): void {
    this.step(sid, { role: "following", phase: "broadcast", leader, epoch, serving: true });
  }

  /** The server applies txns and knows them to be committed. */
  deliverTxns(sid: Sid, ...txns: readonly LoggedTxn[]): void {
    const last = txns.at(-1)?.zxid ?? NO_TXN;
    this.step(
      sid,
      { lastProcessedZxid: last, lastCommittedZxid: last, lastLoggedZxid: last },
      txns.map((txn) => applied(txn)),
    );
  }

  file(sid: Sid, operation: FileOperation): void {
    this.observe({ kind: "file", sid, operation, result: { kind: "done" } });
  }

  ask(operation: OperationId, client: string, sid: Sid, request: ClientRequest): void {
    this.observe({ kind: "invoke", operation, client, sid, request });
  }

  answer(
    operation: OperationId,
    client: string,
    sid: Sid,
    request: ClientRequest,
    answer: ClientAnswer,
  ): void {
    this.observe({ kind: "return", operation, client, sid, request, answer });
  }
}

function learnerEnd(learner: Sid, leader: Sid): ConnectionId {
  return Number(learner) * 10 + Number(leader);
}

function leaderEnd(learner: Sid, leader: Sid): ConnectionId {
  return learnerEnd(learner, leader) + ACCEPTED;
}

/** A txn that opens a session, which needs nothing to be there. */
export function sessionTxn(epoch: Epoch, counter: number, sessionId = 7n): LoggedTxn {
  const zxid = makeZxid(epoch, counter);
  const header = { clientId: sessionId, cxid: 0, zxid, time: 0n };
  return txnOf(zxid, encodeTxn(OpCode.createSession, header, { timeOut: 1000 }));
}

export function txnOf(zxid: Zxid, bytes: Uint8Array): LoggedTxn {
  return { zxid, header: TxnHeader.decode(bytes.subarray(0, 32)), bytes };
}

export function applied(txn: LoggedTxn): Effect {
  return {
    kind: "applied",
    txn,
    result: { err: 0, type: txn.header.type },
    committed: true,
  };
}

function logBytes(txns: readonly LoggedTxn[]): Uint8Array {
  const records = encodeTxnLogRecords(txns.map(({ bytes }) => bytes));
  const bytes = new Uint8Array(HEADER_BYTES + records.length);
  bytes.set(encodeTxnLogHeader());
  bytes.set(records, HEADER_BYTES);
  return bytes;
}

/** The operations that bring txns into a new log: written, but not synced. */
export function newLog(txns: readonly LoggedTxn[]): readonly FileOperation[] {
  const file = { directory: "log", name: logFileName(txns[0]?.zxid ?? NO_TXN) } as const;
  return [
    { kind: "create", file },
    { kind: "write", file, offset: 0, bytes: logBytes(txns) },
  ];
}

/** The operations that make such a log durable. */
export function syncedLog(txns: readonly LoggedTxn[]): readonly FileOperation[] {
  const file = { directory: "log", name: logFileName(txns[0]?.zxid ?? NO_TXN) } as const;
  return [
    { kind: "sync", file },
    { kind: "syncDirectory", directory: "log" },
  ];
}

function newPeer(sid: Sid): FakePeer {
  return {
    sid,
    up: true,
    paused: false,
    peer: undefined,
    status: idle(sid),
    tree: undefined,
    get state() {
      return this.tree;
    },
    disk: new FakeDisk(),
  };
}

function idle(sid: Sid): PeerStatus {
  return {
    sid,
    role: "looking",
    phase: undefined,
    serving: false,
    leader: undefined,
    acceptedEpoch: 0,
    currentEpoch: 0,
    epoch: undefined,
    lastLoggedZxid: NO_TXN,
    lastDurableZxid: NO_TXN,
    lastProcessedZxid: NO_TXN,
    lastCommittedZxid: NO_TXN,
    outstanding: 0,
    pendingSyncs: 0,
    learners: [],
  };
}

const ACCEPTED = 1000;
/** A log's header: magic, version, database id. */
const HEADER_BYTES = 16;
