/**
 * The story of a run. Everything that happens is mixed into a hash, from numbers
 * and without making texts, so that two runs can be compared at full speed; the
 * lines that people read are made only when somebody listens. Both come from the
 * same calls: equal hashes mean equal stories.
 */
import type { Effect, FileOperation, FileResult, QuorumEvent } from "@jute-ts/quorum";
import { encodeNotification, type OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import type { ClientAnswer, ClientRequest, OperationId } from "../clients/client.js";
import type { FrameHappening } from "../client-port/frame-event.js";
import { describeFrame } from "./frame-text.js";
import {
  describeAnswer,
  describeEffect,
  describeEvent,
  describeFileOperation,
  describeFileResult,
  describePacket,
  describeRequest,
} from "./trace-text.js";

/** What a line is about, for readers who do not want to read everything. */
export type TraceTopic = "peer" | "packet" | "ping" | "notification" | "file" | "client" | "world";

/** Takes a line of the story, without a line feed, and what it is made from, which never changes. */
export type TraceSink = (line: string, topic: TraceTopic, happening: TraceHappening) => void;

/** What a line of the story says, in parts. */
export interface TraceHappening {
  /** Simulated time since the run began. */
  readonly atMs: number;
  readonly topic: TraceTopic;
  readonly text: string;
  /** The server that it happens to; undefined for what happens to a client or to all. */
  readonly sid?: Sid | undefined;
  readonly client?: string | undefined;
  /** Where a message leaves or arrives. */
  readonly message?: MessageEnd | undefined;
  /** What a server becomes: a role, or "down", "paused" or "running again". */
  readonly state?: string | undefined;
  /** Something was refused, lost or broken. */
  readonly isFault?: boolean | undefined;
}

/** One end of a message's way: what leaves and what arrives have equal values. */
export interface MessageEnd {
  readonly isSent: boolean;
  /** Sender and receiver, and what else tells their messages apart. */
  readonly way: string;
  /** A message that is one object at both ends; undefined when `way` says it all. */
  readonly body?: object | undefined;
}

export class Trace {
  readonly #sink: TraceSink | undefined;
  readonly #words = new Uint32Array(2);
  readonly #float = new Float64Array(this.#words.buffer);
  readonly #long = new BigInt64Array(this.#words.buffer);
  #one = 0x811c9dc5 | 0;
  #other = 0x2545f491 | 0;
  #steps = 0;

  constructor(sink?: TraceSink) {
    this.#sink = sink;
  }

  /** Whether lines are wanted. */
  get isWritten(): boolean {
    return this.#sink !== undefined;
  }

  /** How many events peers have handled. */
  get steps(): number {
    return this.#steps;
  }

  /** 64 bits over everything so far, as 16 hexadecimal digits. */
  get hash(): string {
    return [this.#one, this.#other]
      .map((word) => (word >>> 0).toString(16).padStart(8, "0"))
      .join("");
  }

  onEvent(nowMs: number, sid: Sid, event: QuorumEvent): void {
    this.#steps += 1;
    this.#mixTime(nowMs);
    this.#mixLong(sid);
    this.#mix(codeOf(event.kind));
    switch (event.kind) {
      case "received":
        this.#mix(event.connection);
        this.#mixBytes(event.bytes);
        break;
      case "notified":
        this.#mixLong(event.from);
        this.#mixBytes(event.bytes);
        break;
      case "fileDone":
        this.#mix(event.id);
        break;
      case "submit":
      case "sync":
      case "revalidate":
        this.#mix(event.request);
        break;
      case "connected":
      case "accepted":
      case "disconnected":
      case "drained":
        this.#mix(event.connection);
        break;
      case "start":
      case "deadline":
      case "stop":
      case "touch":
      case "electionLinkUp":
      case "connectFailed":
      case "cannotListen":
      case "canListen":
        break;
    }
    if (this.#sink === undefined) return;
    const text = describeEvent(event);
    const message = arrivalOf(sid, event);
    if (text !== undefined)
      this.#write({ atMs: nowMs, sid, text, topic: topicOfEvent(event), message });
  }

  onEffect(nowMs: number, sid: Sid, remote: Sid | undefined, effect: Effect): void {
    this.#mix(codeOf(effect.kind));
    switch (effect.kind) {
      case "send":
        this.#mix(effect.connection);
        this.#mix(codeOf(effect.packet.kind));
        if ("zxid" in effect.packet) this.#mixLong(effect.packet.zxid);
        break;
      case "file":
        this.#mix(effect.id);
        this.#mix(codeOf(effect.operation.kind));
        break;
      case "notify":
        this.#mixLong(effect.to);
        this.#mixLong(effect.notification.leader);
        this.#mixLong(effect.notification.zxid);
        break;
      case "applied":
        this.#mixLong(effect.txn.zxid);
        this.#mix(effect.result.err);
        break;
      case "answer":
        this.#mix(effect.request);
        this.#mix(codeOf(effect.answer.kind));
        break;
      case "connectElection":
      case "listen":
      case "stopListening":
      case "connect":
      case "closeConnection":
      case "report":
      case "stopped":
        break;
    }
    if (this.#sink === undefined) return;
    const text = describeEffect(effect, remote);
    if (text === undefined) return;
    const [topic, message] = [topicOfEffect(effect), departureOf(sid, remote, effect)];
    this.#write({ atMs: nowMs, sid, text, topic, message, state: stateOf(effect) });
  }

  onPacketRead(nowMs: number, from: Sid, to: Sid, packet: OutgoingPacket): void {
    this.#mix(codeOf(packet.kind));
    if (this.#sink === undefined) return;
    const [text, topic] = [`< ${from}  ${describePacket(packet)}`, topicOfPacket(packet)];
    const message = { isSent: false, way: wayOf(from, to), body: packet };
    this.#write({ atMs: nowMs, sid: to, text, topic, message });
  }

  onFile(nowMs: number, sid: Sid, operation: FileOperation, result: FileResult): void {
    this.#mixTime(nowMs);
    this.#mix(codeOf(operation.kind));
    this.#mix(codeOf(result.kind));
    if (this.#sink === undefined) return;
    const outcome = describeFileResult(result);
    const text = `disk  ${describeFileOperation(operation)}${outcome}`;
    this.#write({ atMs: nowMs, sid, text, topic: "file", isFault: result.kind === "failed" });
  }

  onInvoke(nowMs: number, client: string, operation: OperationId, request: ClientRequest): void {
    this.#mixTime(nowMs);
    this.#mix(operation);
    if (this.#sink === undefined) return;
    const text = `#${operation} ${describeRequest(request)}`;
    const message = { isSent: true, way: `request ${operation}` };
    this.#write({ atMs: nowMs, client, text, topic: "client", message });
  }

  onReturn(nowMs: number, client: string, operation: OperationId, answer: ClientAnswer): void {
    this.#mixTime(nowMs);
    this.#mix(operation);
    this.#mix(codeOf(answer.kind));
    if (this.#sink === undefined) return;
    const text = `#${operation} answered: ${describeAnswer(answer)}`;
    const message = { isSent: false, way: `answer ${operation}` };
    this.#write({ atMs: nowMs, client, text, topic: "client", message });
  }

  /** A client of the client port did or learned something. */
  onFrame(nowMs: number, sid: Sid, happening: FrameHappening): void {
    const { event, connection } = happening;
    this.#mixTime(nowMs);
    this.#mix(connection);
    this.#mix(codeOf(event.kind));
    if (event.kind === "answered" || event.kind === "event") this.#mixLong(event.zxid);
    if (this.#sink === undefined) return;
    const { client } = happening;
    this.#write({ atMs: nowMs, sid, client, text: describeFrame(happening), topic: "client" });
  }

  /** Something that the world does to its inhabitants: faults, starts, repairs. `state`: what the server becomes by it. */
  onWorld(nowMs: number, sid: Sid | undefined, text: string, state?: string): void {
    this.#mixTime(nowMs);
    for (let at = 0; at < text.length; at += 1) this.#mix(text.charCodeAt(at));
    this.#write({ atMs: nowMs, sid, text: `** ${text}`, topic: "world", state, isFault: true });
  }

  #write(happening: TraceHappening): void {
    if (this.#sink === undefined) return;
    const { atMs, sid, client, text, topic } = happening;
    const time = atMs.toFixed(3).padStart(11);
    const who = client === undefined ? "" : `${client}  `;
    this.#sink(`${time}  ${String(sid ?? "").padStart(2)}  ${who}${text}`, topic, happening);
  }

  #mixTime(timeMs: number): void {
    this.#float[0] = timeMs;
    this.#mix(this.#words[0] ?? 0);
    this.#mix(this.#words[1] ?? 0);
  }

  #mixLong(value: bigint): void {
    this.#long[0] = value;
    this.#mix(this.#words[0] ?? 0);
    this.#mix(this.#words[1] ?? 0);
  }

  /** Length and a sample: runs that differ in other bytes only soon differ in more. */
  #mixBytes(bytes: Uint8Array): void {
    this.#mix(bytes.length);
    const stride = 1 + (bytes.length >> 5);
    for (let at = 0; at < bytes.length; at += stride) this.#mix(bytes[at] ?? 0);
  }

  #mix(word: number): void {
    this.#one = Math.imul(this.#one ^ word, 0x01000193);
    this.#one ^= this.#one >>> 15;
    this.#other = Math.imul((this.#other + word) | 0, 0x2c1b3c6d);
    this.#other ^= this.#other >>> 13;
  }
}

const CODES = new Map<string, number>();

/** A number for a kind. Depends on the text only, not on what was seen before. */
function codeOf(kind: string): number {
  let code = CODES.get(kind);
  if (code === undefined) {
    code = 0;
    for (let at = 0; at < kind.length; at += 1)
      code = (Math.imul(code, 31) + kind.charCodeAt(at)) | 0;
    CODES.set(kind, code);
  }
  return code;
}

/** What has arrived with an event, where that shows in the event. */
function arrivalOf(sid: Sid, event: QuorumEvent): MessageEnd | undefined {
  switch (event.kind) {
    case "notified":
      return { isSent: false, way: `${wayOf(event.from, sid)} notification ${keyOf(event.bytes)}` };
    case "submit":
    case "sync":
    case "revalidate":
      return { isSent: false, way: `request ${event.request}` };
    default:
      return undefined;
  }
}

function departureOf(sid: Sid, remote: Sid | undefined, effect: Effect): MessageEnd | undefined {
  switch (effect.kind) {
    case "send":
      return remote === undefined
        ? undefined
        : { isSent: true, way: wayOf(sid, remote), body: effect.packet };
    case "notify": {
      const { to, notification } = effect;
      const key = keyOf(encodeNotification(notification));
      return { isSent: true, way: `${wayOf(sid, to)} notification ${key}` };
    }
    case "answer":
      return { isSent: true, way: `answer ${effect.request}` };
    default:
      return undefined;
  }
}

function wayOf(from: Sid, to: Sid): string {
  return `${from} > ${to}`;
}

function keyOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16)).join(" ");
}

function stateOf(effect: Effect): string | undefined {
  if (effect.kind === "stopped") return "down";
  return effect.kind === "report" && effect.report.kind === "roleChanged"
    ? effect.report.role
    : undefined;
}

function topicOfEvent(event: QuorumEvent): TraceTopic {
  if (event.kind === "notified") return "notification";
  return "request" in event ? "client" : "peer";
}

function topicOfEffect(effect: Effect): TraceTopic {
  switch (effect.kind) {
    case "notify":
      return "notification";
    case "send":
      return topicOfPacket(effect.packet);
    case "answer":
      return "client";
    case "connectElection":
    case "listen":
    case "stopListening":
    case "connect":
    case "closeConnection":
    case "file":
    case "applied":
    case "report":
    case "stopped":
      return "peer";
  }
}

function topicOfPacket(packet: OutgoingPacket): TraceTopic {
  return packet.kind === "PING" || packet.kind === "PINGANSWER" ? "ping" : "packet";
}
