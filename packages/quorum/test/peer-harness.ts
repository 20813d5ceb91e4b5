/**
 * One peer, a disk that obeys, and everything else in the test's hands: events go
 * in, and what the peer says comes back as short texts, in order.
 */
import {
  type ChangeRequest,
  type Effect,
  type FileOperation,
  type FileOperationId,
  type FileResult,
  type PeerOptions,
  QuorumPeer,
  type Report,
  type UntimedEvent,
} from "../src/index.js";
import {
  encodeNotification,
  encodePacket,
  type Notification,
  type OutgoingPacket,
  type ServerState,
} from "../src/wire/index.js";
import { type Epoch, makeZxid, OpCode, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { MajorityVerifier } from "../src/membership/majority.js";
import type { Member } from "../src/membership/quorum-verifier.js";
import { MemoryDisk } from "./memory-disk.js";
import { RegisterState } from "./register-state.js";

export interface HarnessOptions extends Partial<PeerOptions> {
  readonly voters?: number;
  readonly observers?: number;
  readonly disk?: MemoryDisk;
}

/** What a learner that joins says of itself. */
export interface JoiningLearner {
  readonly role?: "follower" | "observer";
  readonly acceptedEpoch?: Epoch;
  /** Undefined where it is given: it has accepted this epoch before. */
  readonly currentEpoch?: Epoch | undefined;
  readonly lastZxid?: Zxid;
}

/** The connection on which a peer of a test talks to its leader; that of learner n is 10 + n. */
export const TO_LEADER = 10;

export class PeerHarness {
  readonly disk: MemoryDisk;
  readonly state = new RegisterState();
  readonly peer: QuorumPeer;
  nowMs = 0;
  /** While true, file operations wait for `releaseFiles` or `traceFiles`. */
  holdFiles = false;
  /** What the disk does not do, though it is asked to: by the operation, and which one it is. */
  fails: (operation: FileOperation, index: number) => boolean = () => false;
  /** How many operations the disk was given to do. */
  fileCount = 0;
  /** Everything that was reported, oldest first. */
  readonly reports: Report[] = [];
  readonly #options: HarnessOptions;
  readonly #held: Extract<Effect, { kind: "file" }>[] = [];
  #lastVote: Notification | undefined;

  constructor(given: HarnessOptions = {}) {
    const { voters = 3, observers = 0, disk = new MemoryDisk(), ...options } = given;
    this.#options = given;
    this.disk = disk;
    const members = Array.from({ length: voters + observers }, (_, index): Member => {
      const sid = BigInt(index + 1);
      return {
        sid,
        role: index < voters ? "participant" : "observer",
        addresses: [{ host: "127.0.0.1", quorumPort: 2000 + index, electionPort: 3000 + index }],
        client: undefined,
      };
    });
    this.peer = new QuorumPeer(
      {
        sid: 1n,
        ensemble: new MajorityVerifier(members),
        tickTimeMs: 100,
        initLimit: 10,
        syncLimit: 5,
        random: () => 0.5,
        ...options,
        storage: { preAllocSizeBytes: 16 * 1024, ...options.storage },
      },
      this.state,
    );
  }

  /** Handles events and whatever the disk answers; returns everything but files and reports. */
  step(...events: UntimedEvent[]): Effect[] {
    const effects: Effect[] = [];
    for (const event of events) this.#handle(event, effects);
    return effects;
  }

  /** The same as short texts. */
  say(...events: UntimedEvent[]): string[] {
    return this.step(...events).map(describeEffect);
  }

  /** Lets time pass and the peer notice it. */
  pass(ms: number): string[] {
    const said: string[] = [];
    const endMs = this.nowMs + ms;
    for (;;) {
      const deadlineMs = this.peer.nextDeadline();
      if (deadlineMs === undefined || deadlineMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, deadlineMs);
      said.push(...this.say({ kind: "deadline" }));
    }
    this.nowMs = endMs;
    return said;
  }

  /** Carries out what waits; with a count, only the first ones. */
  releaseFiles(count = Infinity): string[] {
    const effects: Effect[] = [];
    for (let left = count; left > 0; left--) {
      const held = this.#held.shift();
      if (held === undefined) break;
      this.#answerFile(held, effects);
    }
    return effects.map(describeEffect);
  }

  /** Carries out what waits, one by one: each operation in short behind a "*", and behind it what it made the peer say. */
  traceFiles(count = Infinity): string[] {
    const trace: string[] = [];
    for (let left = count; left > 0; left--) {
      const next = this.nextFile();
      if (next === undefined) break;
      trace.push(`* ${next}`, ...this.releaseFiles(1));
    }
    return trace;
  }

  /** What the next waiting file operation is, in short. */
  nextFile(): string | undefined {
    const operation = this.#held[0]?.operation;
    return operation === undefined ? undefined : describeOperation(operation);
  }

  /** The process dies and starts again with what the disk has. */
  restart(options: HarnessOptions = {}): PeerHarness {
    return new PeerHarness({ ...this.#options, disk: this.disk, ...options });
  }

  // What others do, up to where a test begins.

  /** Starts if it has not, and is elected by all the others. */
  lead(): string[] {
    const said = this.say({ kind: "start" });
    const vote = this.#lastVote;
    for (const sid of this.#otherVoters()) {
      if (vote === undefined) throw new Error("the peer does not look for a leader");
      said.push(...this.say({ kind: "notified", from: sid, bytes: encodeNotification(vote) }));
    }
    return [...said, ...this.pass(200)];
  }

  /** Starts if it has not, finds the others led by one of them, and is connected to it. */
  follow(leader: Sid = 3n): string[] {
    const said = this.step({ kind: "start" });
    for (const sid of this.#otherVoters()) {
      const state = sid === leader ? "leading" : "following";
      said.push(...this.step(this.vote(sid, leader, state)));
    }
    const connect = said.filter((effect) => effect.kind === "connect").at(-1);
    if (connect === undefined) throw new Error("the peer does not connect to a leader");
    const { attempt } = connect;
    said.push(...this.step({ kind: "connected", attempt, connection: TO_LEADER }));
    return said.map(describeEffect);
  }

  /** Follows, and hears packets up to UPTODATE of an epoch in which its log lacks nothing. */
  followUpToDate(epoch: Epoch = 1, leader: Sid = 3n): string[] {
    return [
      ...this.follow(leader),
      ...this.hear({ kind: "LEADERINFO", epoch }),
      ...this.hear({ kind: "DIFF", zxid: this.peer.status().lastProcessedZxid }),
      ...this.hear({ kind: "NEWLEADER", epoch, configuration: "" }, { kind: "UPTODATE" }),
    ];
  }

  /** What the peer says to packets of its leader. */
  hear(...packets: OutgoingPacket[]): string[] {
    return this.say(...this.hears(TO_LEADER, ...packets));
  }

  /** What the leader says to packets of a learner. */
  hearFrom(sid: Sid, ...packets: OutgoingPacket[]): string[] {
    return this.say(...this.hears(connectionOf(sid), ...packets));
  }

  /** A learner connects and says who it is. */
  introduce(sid: Sid, { role = "follower", acceptedEpoch = 0 }: JoiningLearner = {}): string[] {
    return [
      ...this.say({ kind: "accepted", connection: connectionOf(sid) }),
      ...this.hearFrom(sid, {
        kind: role === "follower" ? "FOLLOWERINFO" : "OBSERVERINFO",
        acceptedEpoch,
        identity: { sid, protocolVersion: 0x10000, configVersion: 0n },
      }),
    ];
  }

  /** A learner connects, says who it is, and accepts the epoch. */
  join(sid: Sid, learner: JoiningLearner = {}): string[] {
    const { lastZxid = 0n } = learner;
    const currentEpoch = "currentEpoch" in learner ? learner.currentEpoch : 0;
    return [
      ...this.introduce(sid, learner),
      ...this.hearFrom(sid, { kind: "ACKEPOCH", lastZxid, currentEpoch }),
    ];
  }

  /** A learner joins and acknowledges the epoch's history. */
  joinAndAck(sid: Sid, learner: JoiningLearner = {}): string[] {
    const said = this.join(sid, learner);
    const zxid = makeZxid(this.peer.status().epoch ?? 0, 0);
    return [...said, ...this.hearFrom(sid, { kind: "ACK", zxid })];
  }

  /** Leads, with servers 2 and so on as followers that have what they need, until it serves clients. */
  establish(...followers: Sid[]): string[] {
    const said = this.lead();
    for (const sid of followers.length === 0 ? [2n] : followers) {
      const lastZxid = this.peer.status().lastProcessedZxid;
      const { currentEpoch } = this.peer.status();
      said.push(...this.joinAndAck(sid, { lastZxid, currentEpoch }));
    }
    return said;
  }

  /** A client's request for a change at this server. */
  submit(request: number, sessionId = 0n, opCode: number = OpCode.setData): string[] {
    return this.say({ kind: "submit", request, change: changeOf(sessionId, request, opCode) });
  }

  #otherVoters(): Sid[] {
    const { ensemble, sid: self = 1n, voters = 3 } = this.#options;
    const all = ensemble?.voters ?? Array.from({ length: voters }, (_, index) => BigInt(index + 1));
    return [...all].filter((sid) => sid !== self);
  }

  /** What a packet of the other side is as an event. */
  hears(connection: number, ...packets: OutgoingPacket[]): UntimedEvent[] {
    return packets.map((packet) => ({
      kind: "received",
      connection,
      bytes: encodePacket(packet),
    }));
  }

  /** A vote as it arrives. */
  vote(
    from: bigint,
    leader: bigint,
    state: ServerState,
    zxid: Zxid = 0n,
    round = 1n,
  ): UntimedEvent {
    const notification = {
      leader,
      zxid,
      peerEpoch: zxid >> 32n,
      state,
      electionEpoch: round,
      version: 2,
      configuration: undefined,
    };
    return { kind: "notified", from, bytes: encodeNotification(notification) };
  }

  #handle(event: UntimedEvent, said: Effect[]): void {
    const time = { nowMs: this.nowMs, wallMs: 1_700_000_000_000 + this.nowMs };
    for (const effect of this.peer.step({ ...event, ...time })) {
      if (effect.kind === "file") this.#held.push(effect);
      else if (effect.kind === "report") this.reports.push(effect.report);
      else said.push(effect);
      if (effect.kind === "notify") this.#lastVote = effect.notification;
    }
    while (!this.holdFiles) {
      const next = this.#held.shift();
      if (next === undefined) return;
      this.#answerFile(next, said);
    }
  }

  #answerFile(
    { id, operation }: { id: FileOperationId; operation: FileOperation },
    said: Effect[],
  ): void {
    const result: FileResult = this.fails(operation, this.fileCount++)
      ? { kind: "failed", reason: "io", message: "input/output error" }
      : this.disk.carryOut(operation);
    this.#handle({ kind: "fileDone", id, result }, said);
  }
}

/** The connection of a learner. */
export function connectionOf(sid: Sid): number {
  return 10 + Number(sid);
}

/** A request of a client, as its server knows it. */
export function changeOf(
  sessionId: bigint,
  cxid: number,
  opCode: number = OpCode.setData,
): ChangeRequest {
  return { sessionId, cxid, opCode, body: new Uint8Array(0), authInfo: [] };
}

function describeOperation(operation: FileOperation): string {
  if (operation.kind === "rename") return `rename ${operation.file.name} to ${operation.to}`;
  if ("file" in operation) return `${operation.kind} ${operation.file.name}`;
  return `${operation.kind} ${operation.directory}`;
}

/** An effect in one short line. */
function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case "notify": {
      const { leader, electionEpoch, state } = effect.notification;
      return `notify ${effect.to}: ${state} vote ${leader} round ${electionEpoch}`;
    }
    case "connectElection":
      return `connectElection ${effect.to.join(",")}`;
    case "listen":
    case "stopListening":
      return effect.kind;
    case "connect":
      return `connect ${effect.to} attempt ${effect.attempt}`;
    case "send":
      return `send ${effect.connection}: ${describePacket(effect.packet)}`;
    case "closeConnection":
      return `close ${effect.connection}: ${effect.reason.kind === "violation" ? effect.reason.violation.rule : effect.reason.text}`;
    case "file":
      return `file ${effect.operation.kind}`;
    case "answer":
      return `answer ${effect.request}: ${effect.answer.kind}`;
    case "applied":
      return `applied ${show(effect.txn.zxid)}${effect.committed ? "" : " uncommitted"}`;
    case "report":
      return `report ${effect.report.kind}`;
    case "stopped":
      return `stopped: ${effect.reason.kind}`;
  }
}

function describePacket(packet: OutgoingPacket): string {
  const parts: string[] = [packet.kind];
  if ("zxid" in packet) parts.push(show(packet.zxid));
  if ("txn" in packet) parts.push(show(packet.txn.zxid));
  if ("epoch" in packet) parts.push(`epoch ${packet.epoch}`);
  if ("acceptedEpoch" in packet) parts.push(`epoch ${packet.acceptedEpoch}`);
  if (packet.kind === "ACKEPOCH") {
    parts.push(show(packet.lastZxid), `current ${packet.currentEpoch ?? "none"}`);
  }
  if (packet.kind === "LEADERINFO" && packet.isCounted === false)
    return `${parts.join(" ")}, not counted`;
  if (packet.kind === "PINGANSWER") parts.push(`touched ${packet.touched.length}`);
  if (packet.kind === "REVALIDATED") parts.push(String(packet.valid));
  return parts.join(" ");
}

/** A zxid as epoch.counter. */
function show(zxid: Zxid): string {
  return `${zxid >> 32n}.${zxid & 0xffff_ffffn}`;
}
