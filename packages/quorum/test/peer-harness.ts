/**
 * One peer, a disk that obeys, and everything else in the test's hands: events go
 * in, and what the peer says comes back as short texts, in order.
 */
import {
  encodeNotification,
  encodePacket,
  type Effect,
  type FileOperationId,
  type OutgoingPacket,
  type PeerOptions,
  QuorumPeer,
  type QuorumEvent,
  type ServerState,
  type Zxid,
} from "@jute-ts/quorum/core";
import { MajorityVerifier } from "../src/core/membership/majority.js";
import type { Member } from "../src/core/membership/quorum-verifier.js";
import { MemoryDisk } from "./memory-disk.js";
import { RegisterState } from "./register-state.js";

type Happening = QuorumEvent extends infer E
  ? E extends unknown
    ? Omit<E, "nowMs" | "wallMs">
    : never
  : never;

export interface HarnessOptions extends Partial<PeerOptions> {
  readonly voters?: number;
  readonly observers?: number;
  readonly disk?: MemoryDisk;
}

export class PeerHarness {
  readonly disk: MemoryDisk;
  readonly state = new RegisterState();
  readonly peer: QuorumPeer;
  nowMs = 0;
  /** While true, file operations wait for `releaseFiles`. */
  holdFiles = false;
  readonly #held: Extract<Effect, { kind: "file" }>[] = [];

  constructor({ voters = 3, observers = 0, disk = new MemoryDisk(), ...options }: HarnessOptions) {
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
        storage: { preAllocSizeBytes: 1024 },
        ...options,
      },
      this.state,
    );
  }

  /** Handles events and whatever the disk answers; returns everything but files and reports. */
  step(...events: Happening[]): Effect[] {
    const effects: Effect[] = [];
    for (const event of events) this.#handle(event, effects);
    return effects;
  }

  /** The same as short texts. */
  say(...events: Happening[]): string[] {
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

  /** What the next waiting file operation is, in short. */
  nextFile(): string | undefined {
    const operation = this.#held[0]?.operation;
    if (operation === undefined) return undefined;
    return "file" in operation ? `${operation.kind} ${operation.file.name}` : operation.kind;
  }

  /** What a packet of the other side is as an event. */
  hears(connection: number, ...packets: OutgoingPacket[]): Happening[] {
    return packets.map((packet) => ({
      kind: "received",
      connection,
      bytes: encodePacket(packet),
    }));
  }

  /** A vote as it arrives. */
  vote(from: bigint, leader: bigint, state: ServerState, zxid: Zxid = 0n, round = 1n): Happening {
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

  #handle(event: Happening, said: Effect[]): void {
    const time = { nowMs: this.nowMs, wallMs: 1_700_000_000_000 + this.nowMs };
    for (const effect of this.peer.step({ ...event, ...time })) {
      if (effect.kind === "file") {
        this.#held.push(effect);
      } else if (effect.kind !== "report") {
        said.push(effect);
      }
    }
    while (!this.holdFiles) {
      const next = this.#held.shift();
      if (next === undefined) return;
      this.#answerFile(next, said);
    }
  }

  #answerFile(
    {
      id,
      operation,
    }: { id: FileOperationId; operation: Extract<Effect, { kind: "file" }>["operation"] },
    said: Effect[],
  ): void {
    this.#handle({ kind: "fileDone", id, result: this.disk.carryOut(operation) }, said);
  }
}

/** An effect in one short line. */
export function describeEffect(effect: Effect): string {
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
  if (packet.kind === "PINGANSWER") parts.push(`touched ${packet.touched.length}`);
  if (packet.kind === "REVALIDATED") parts.push(String(packet.valid));
  return parts.join(" ");
}

/** A zxid as epoch.counter. */
function show(zxid: Zxid): string {
  return `${zxid >> 32n}.${zxid & 0xffff_ffffn}`;
}
