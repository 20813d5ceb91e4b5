/**
 * The connections between learners and leaders: dialling, accepting, sending and
 * the many ways in which they end. Each direction is a `Pipe`; this file decides
 * who is connected with whom and who gets to know of an end.
 *
 * Peers are named by their index here, connections by the id of an end: each end
 * has its own, and none is ever used twice.
 */
import type { ConnectionId } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import { AwaitedPackets } from "./awaited-packets.js";
import type { EventQueue } from "./event-queue.js";
import type { Misstatement } from "./misstatement.js";
import type { PeerEvent } from "./peer-event.js";
import { drawExtraLatencyMs, Pipe, type PipeConditions } from "./pipe.js";
import type { Random } from "./random.js";
import type { Reachability } from "./reachability.js";

/** The processes, as the network sees them. */
export interface QuorumEndpoints {
  readonly sids: readonly Sid[];
  isUp(index: number): boolean;
  /** Whether the process takes in events now: it is up and not paused. */
  isRunning(index: number): boolean;
  /** Calls back after a delay, unless the process ends before. */
  afterInLife(index: number, delayMs: number, call: () => void): void;
  deliver(index: number, event: PeerEvent): void;
  onPacketRead(from: number, to: number, connection: ConnectionId, packet: OutgoingPacket): void;
  onMisstatementRead(
    from: number,
    to: number,
    connection: ConnectionId,
    misstatement: Misstatement,
  ): void;
}

/** Makes up what the sender of a packet says just before it; undefined when there is nothing. */
export type Misstate = (
  from: number,
  to: number,
  packet: OutgoingPacket,
) => Misstatement | undefined;

/** How the network behaves, beyond what a pipe does by itself. */
export interface QuorumNetworkOptions {
  readonly pipe: PipeConditions;
  /** After this time a dial that nobody answered is given up by the system. */
  readonly dialTimeoutMs: number;
  /** Whether a leader is told who connects, as TLS would prove it. */
  readonly identifiesLearners: boolean;
}

/** Who connects without being a server of the ensemble. */
export interface Stranger {
  /** The peer in whose name it speaks. */
  readonly as: number;
  /** What its certificate proves. */
  readonly provenSids: readonly Sid[];
}

interface End {
  readonly id: ConnectionId;
  readonly owner: number;
  readonly side: "opened" | "accepted";
  /** Its process does not know of it yet, uses it, or is through with it; or it is a stranger's who speaks in its name. */
  state: "unknown" | "open" | "closed" | "foreign";
  /** The other side has read something from it after which it must read nothing more. */
  isRefused: boolean;
}

/** What goes over a connection. */
type Said = OutgoingPacket | Misstatement;

interface Connection {
  readonly opened: End;
  readonly accepted: End;
  readonly toAccepted: Pipe<Said>;
  readonly toOpened: Pipe<Said>;
}

export class QuorumNetwork {
  readonly #queue: EventQueue;
  readonly #randomOf: (from: number, to: number) => Random;
  readonly #reachability: Reachability;
  readonly #options: QuorumNetworkOptions;
  /** Of every connection, whenever it was opened. */
  readonly #conditions: PipeConditions & { maxExtraLatencyMs?: number };
  readonly #encode: (packet: OutgoingPacket) => Uint8Array;
  readonly #endpoints: QuorumEndpoints;
  readonly #ends = new Map<ConnectionId, { readonly end: End; readonly connection: Connection }>();
  /** Those on which something may still arrive. */
  readonly #connections = new Set<Connection>();
  readonly #listening = new Set<number>();
  /** Whose port another process has. */
  readonly #taken = new Set<number>();
  /** Who asked for a port that was taken. */
  readonly #wanting = new Set<number>();
  /** Who was told that its port cannot be opened. */
  readonly #told = new Set<number>();
  readonly #held = new Set<string>();
  readonly #breaks = new AwaitedPackets<() => void>();
  readonly #misstatements = new AwaitedPackets<Misstate>();
  #nextId: ConnectionId = 1;
  #lastEncoded: { readonly packet: OutgoingPacket; readonly bytes: Uint8Array } | undefined;

  constructor(
    queue: EventQueue,
    randomOf: (from: number, to: number) => Random,
    reachability: Reachability,
    options: QuorumNetworkOptions,
    encode: (packet: OutgoingPacket) => Uint8Array,
    endpoints: QuorumEndpoints,
  ) {
    this.#queue = queue;
    this.#randomOf = randomOf;
    this.#reachability = reachability;
    this.#options = options;
    this.#conditions = { ...options.pipe };
    this.#encode = encode;
    this.#endpoints = endpoints;
  }

  listen(index: number): void {
    if (!this.#taken.has(index)) {
      this.#listening.add(index);
      return;
    }
    this.#wanting.add(index);
    this.#endpoints.afterInLife(index, LISTEN_PATIENCE_MS, () => {
      if (this.#wanting.has(index)) this.tellIfTaken(index);
    });
  }

  /** Another process has the port of this one from now on, unless it listens. */
  takePort(index: number): void {
    this.#taken.add(index);
  }

  isTaken(index: number): boolean {
    return this.#taken.has(index);
  }

  freePort(index: number): void {
    this.#taken.delete(index);
    if (this.#wanting.delete(index)) this.#listening.add(index);
    if (this.#told.delete(index)) this.#endpoints.deliver(index, { kind: "canListen" });
  }

  /** A process looks whether it could listen, and hears of it when it cannot. */
  tellIfTaken(index: number): void {
    if (!this.#taken.has(index) || this.#told.has(index)) return;
    this.#told.add(index);
    this.#endpoints.deliver(index, {
      kind: "cannotListen",
      text: "cannot listen: the port is taken",
    });
  }

  /** Connections that wait to be accepted are refused; those that were accepted stay. */
  stopListening(index: number): void {
    this.#listening.delete(index);
    this.#wanting.delete(index);
    for (const connection of this.#connections) {
      const end = connection.accepted;
      if (end.owner === index && end.state === "unknown") this.#shut(connection, end, "refused");
    }
  }

  /** Opens a connection. The answer comes as `connected` or `connectFailed`, unless the process ends first. */
  dial(from: number, to: number, attempt: number): void {
    const giveUpMs = this.#queue.nowMs + this.#options.dialTimeoutMs;
    const knock = (retryMs: number): void => {
      const isAnswered =
        !this.#reachability.isBlocked("quorum", from, to) &&
        !this.#reachability.isBlocked("quorum", to, from);
      if (isAnswered) {
        this.#answerDial(from, to, attempt);
      } else if (this.#queue.nowMs + retryMs > giveUpMs) {
        this.#endpoints.deliver(from, { kind: "connectFailed", attempt, text: "nobody answers" });
      } else {
        this.#endpoints.afterInLife(from, retryMs, () => {
          knock(2 * retryMs);
        });
      }
    };
    this.#endpoints.afterInLife(from, this.#latencyMs(from, to), () => {
      knock(FIRST_DIAL_RETRY_MS);
    });
  }

  /**
   * A stranger connects and speaks in the name of a peer, which hears nothing of
   * it; nor does anybody read what is answered. Returns how the stranger leaves, or
   * undefined when nobody listens.
   */
  pose(
    { as, provenSids }: Stranger,
    to: number,
    packets: readonly OutgoingPacket[],
  ): (() => void) | undefined {
    if (!this.#endpoints.isRunning(to) || !this.#listening.has(to)) return undefined;
    const connection = this.#connect(as, to);
    connection.opened.state = "foreign";
    connection.toOpened.discard();
    this.#accept(connection, provenSids);
    for (const packet of packets) connection.toAccepted.send(packet, this.#bytesOf(packet));
    return () => {
      connection.toAccepted.finish("connection reset", true);
    };
  }

  send(id: ConnectionId, packet: OutgoingPacket): void {
    const { end, connection } = this.#find(id);
    if (end.state !== "open") return;
    if (!this.#misstatements.isEmpty) this.#misstateIfDue(connection, end, packet);
    outgoing(connection, end).send(packet, this.#bytesOf(packet));
    if (!this.#breaks.isEmpty) this.#breakIfDue(connection, packet);
  }

  /** A process closes its end. The other end hears of it; what is under way may or may not arrive. */
  close(id: ConnectionId): void {
    const { end, connection } = this.#find(id);
    if (end.state === "open") this.#shut(connection, end, "closed by the other side");
  }

  /**
   * A process has ended. Its system says so to the other ends, unless it went
   * down with it: then they only find out by themselves.
   */
  processEnded(index: number, silently: boolean): void {
    this.#listening.delete(index);
    this.#wanting.delete(index);
    this.#told.delete(index);
    for (const connection of this.#connections) {
      const end = connection.opened.owner === index ? connection.opened : connection.accepted;
      if (end.owner !== index || end.state === "closed" || end.state === "foreign") continue;
      if (silently) {
        end.state = "closed";
        outgoing(connection, end).fallSilent();
        incoming(connection, end).discard();
      } else {
        this.#shut(connection, end, "connection reset");
      }
    }
  }

  /** A machine that lost its connections is back: whoever still counts on them learns that they are gone. */
  machineIsBack(index: number): void {
    for (const connection of this.#connections) {
      const end = connection.opened.owner === index ? connection.opened : connection.accepted;
      if (end.owner !== index || end.state !== "closed") continue;
      outgoing(connection, end).finish("connection reset: not known here", true);
    }
  }

  /** Nothing that is sent from now on is later than this, beyond the network's usual minimum. */
  boundLatency(maxExtraLatencyMs: number): void {
    this.#conditions.maxExtraLatencyMs = maxExtraLatencyMs;
  }

  /** Breaks all connections between two peers and says how many. Each end hears of it, after what had still got through. */
  cut(one: number, other: number): number {
    let count = 0;
    for (const connection of this.#connections) {
      if (!isBetween(connection, one, other)) continue;
      count += 1;
      sever(connection);
    }
    return count;
  }

  /**
   * The connection between two peers is gone for one of them, which is told so; what the
   * other sends vanishes, and it hears of it only after this time, or by its own limits.
   * False when they have no connection.
   */
  halfOpen(believer: number, other: number, forMs: number): boolean {
    for (const connection of this.#connections) {
      if (!isBetween(connection, believer, other)) continue;
      const end = connection.opened.owner === other ? connection.opened : connection.accepted;
      if (connection.opened.state !== "open" || connection.accepted.state !== "open") continue;
      end.state = "closed";
      outgoing(connection, end).fallSilent();
      incoming(connection, end).discard();
      this.#queue.after(forMs, () => {
        outgoing(connection, end).finish("connection reset: not known here", true);
      });
      const text = "connection reset";
      this.#endpoints.deliver(other, { kind: "disconnected", connection: end.id, text });
      return true;
    }
    return false;
  }

  /** The connection breaks on which the nth packet of this kind from now on is sent, somewhere on the way. `onBroken` is called then. Replaces an earlier one of this kind. */
  breakAt(kind: OutgoingPacket["kind"], nth: number, onBroken: () => void): void {
    this.#breaks.await(kind, nth, onBroken);
  }

  /** Before the nth packet of this kind from now on its sender says something else. Replaces an earlier one of this kind. */
  misstateAt(kind: OutgoingPacket["kind"], nth: number, misstate: Misstate): void {
    this.#misstatements.await(kind, nth, misstate);
  }

  /** What waits for a packet will not come to pass. */
  forgetAwaited(): void {
    this.#breaks.clear();
    this.#misstatements.clear();
  }

  #breakIfDue(connection: Connection, { kind }: OutgoingPacket): void {
    const onBroken = this.#breaks.take(kind);
    if (onBroken === undefined) return;
    sever(connection);
    onBroken();
  }

  #misstateIfDue(connection: Connection, end: End, packet: OutgoingPacket): void {
    const other = end === connection.opened ? connection.accepted : connection.opened;
    const misstate = this.#misstatements.take(packet.kind);
    const misstatement = misstate?.(end.owner, other.owner, packet);
    if (misstatement !== undefined)
      outgoing(connection, end).send(misstatement, misstatement.bytes);
  }

  /** From now on `to` reads only a few bytes at a time of what `from` sent, this far apart; 0 ends that. */
  readSlowly(from: number, to: number, everyMs: number): void {
    for (const pipe of this.#pipes(from, to)) pipe.readSlowly(everyMs);
  }

  /** Packets of this kind, and what follows them, wait on the way until released. */
  hold(from: number, to: number, kind: OutgoingPacket["kind"]): void {
    this.#held.add(`${from} ${to} ${kind}`);
  }

  release(from: number, to: number): void {
    for (const key of this.#held) {
      if (key.startsWith(`${from} ${to} `)) this.#held.delete(key);
    }
    this.kick(from, to);
  }

  /** Something that held up the bytes from one peer to another may be over. */
  kick(from: number, to: number): void {
    for (const pipe of this.#pipes(from, to)) pipe.kick();
    // Acknowledgements of the other direction travel here too.
    for (const pipe of this.#pipes(to, from)) pipe.kick();
  }

  /** A paused process goes on: it accepts and reads what has gathered. */
  resumed(index: number): void {
    for (const connection of [...this.#connections]) {
      if (connection.accepted.owner === index) {
        if (connection.accepted.state === "unknown") this.#accept(connection);
        connection.toAccepted.kick();
      }
      if (connection.opened.owner === index) connection.toOpened.kick();
    }
  }

  /** The open end at `to` of a connection with `from`. */
  openEnd(from: number, to: number): ConnectionId | undefined {
    for (const { opened, accepted } of this.#connections) {
      if (opened.owner === from && accepted.owner === to && accepted.state === "open") {
        return accepted.id;
      }
      if (accepted.owner === from && opened.owner === to && opened.state === "open") {
        return opened.id;
      }
    }
    return undefined;
  }

  /** Whose end an id names, and who is at the other end. */
  endpoint(id: ConnectionId): {
    readonly owner: number;
    readonly side: "opened" | "accepted";
    readonly remote: number;
    /** Undefined until the process there was told of it. */
    readonly remoteId: ConnectionId | undefined;
  } {
    const { end, connection } = this.#find(id);
    const other = end === connection.opened ? connection.accepted : connection.opened;
    return {
      owner: end.owner,
      side: end.side,
      remote: other.owner,
      remoteId: other.state === "unknown" ? undefined : other.id,
    };
  }

  #answerDial(from: number, to: number, attempt: number): void {
    const backMs = this.#latencyMs(to, from);
    if (!this.#endpoints.isUp(to) || !this.#listening.has(to)) {
      this.#endpoints.afterInLife(from, backMs, () => {
        this.#endpoints.deliver(from, { kind: "connectFailed", attempt, text: "refused" });
      });
      return;
    }
    const connection = this.#connect(from, to);
    if (this.#endpoints.isRunning(to)) this.#accept(connection);
    this.#endpoints.afterInLife(from, backMs, () => {
      const end = connection.opened;
      end.state = "open";
      this.#endpoints.deliver(from, { kind: "connected", attempt, connection: end.id });
      connection.toOpened.kick();
    });
  }

  /** `provenSids`: who is at the other end, where that is proven at all. */
  #accept(connection: Connection, provenSids = this.#sidsOf(connection.opened)): void {
    const { accepted } = connection;
    accepted.state = "open";
    // Spelled out by kind of event, so that a name that the core does not read is a compile error.
    const event: PeerEvent = this.#options.identifiesLearners
      ? { kind: "accepted", connection: accepted.id, provenSids }
      : { kind: "accepted", connection: accepted.id };
    this.#endpoints.deliver(accepted.owner, event);
    connection.toAccepted.kick();
  }

  #sidsOf({ owner }: End): readonly Sid[] {
    const sid = this.#endpoints.sids[owner];
    return sid === undefined ? [] : [sid];
  }

  #connect(from: number, to: number): Connection {
    const opened = newEnd(this.#nextId, from, "opened");
    const accepted = newEnd(this.#nextId + 1, to, "accepted");
    this.#nextId += 2;
    const connection: Connection = {
      opened,
      accepted,
      toAccepted: this.#newPipe(opened, accepted, () => connection),
      toOpened: this.#newPipe(accepted, opened, () => connection),
    };
    this.#ends.set(opened.id, { end: opened, connection });
    this.#ends.set(accepted.id, { end: accepted, connection });
    this.#connections.add(connection);
    return connection;
  }

  #newPipe(from: End, to: End, connection: () => Connection): Pipe<Said> {
    const random = this.#randomOf(from.owner, to.owner);
    return new Pipe(this.#queue, random, this.#conditions, {
      isBlocked: () => this.#reachability.isBlocked("quorum", from.owner, to.owner),
      isReverseBlocked: () => this.#reachability.isBlocked("quorum", to.owner, from.owner),
      isReading: () => to.state === "open" && this.#endpoints.isRunning(to.owner),
      holdsAny: () => this.#held.size > 0,
      isHeld: (packet) => this.#held.has(`${from.owner} ${to.owner} ${packet.kind}`),
      onPacket: (said) => {
        this.#onSaid(from, to, said);
      },
      onBytes: (bytes) => {
        this.#endpoints.deliver(to.owner, { kind: "received", connection: to.id, bytes });
      },
      onDrained:
        from.side === "accepted"
          ? () => {
              this.#onDrained(from);
            }
          : undefined,
      onEnd: (text) => {
        if (to.state !== "open") return;
        to.state = "closed";
        outgoing(connection(), to).finish("closed by the other side", false);
        this.#forgetWhenOver(connection());
        this.#endpoints.deliver(to.owner, { kind: "disconnected", connection: to.id, text });
      },
    });
  }

  #onSaid(from: End, to: End, said: Said): void {
    if (from.isRefused) return;
    if (said.kind === "MISSTATEMENT") {
      from.isRefused = said.rule !== "needless";
      this.#endpoints.onMisstatementRead(from.owner, to.owner, to.id, said);
    } else if (from.state !== "foreign" || !this.#options.identifiesLearners) {
      // Where servers prove who they are, what a stranger says is no server's: nobody is shown it as such.
      this.#endpoints.onPacketRead(from.owner, to.owner, to.id, said);
    }
  }

  #onDrained({ id, owner, state }: End): void {
    if (state !== "open" || !this.#endpoints.isUp(owner)) return;
    this.#endpoints.deliver(owner, { kind: "drained", connection: id });
  }

  /** Ends the part of one side. What it sent arrives whole, or only a prefix of it. */
  #shut(connection: Connection, end: End, text: string): void {
    end.state = "closed";
    const out = outgoing(connection, end);
    const random = this.#randomOf(connection.opened.owner, connection.accepted.owner);
    out.finish(text, random.chance(0.5));
    incoming(connection, end).discard();
    // A stranger reads nothing, so nothing is left to arrive there.
    if (connection.opened.state === "foreign") out.discard();
    this.#forgetWhenOver(connection);
  }

  #forgetWhenOver(connection: Connection): void {
    if (connection.toAccepted.isOver && connection.toOpened.isOver) {
      this.#connections.delete(connection);
    }
  }

  *#pipes(from: number, to: number): Generator<Pipe<Said>> {
    for (const { opened, accepted, toAccepted, toOpened } of [...this.#connections]) {
      if (opened.owner === from && accepted.owner === to) yield toAccepted;
      if (opened.owner === to && accepted.owner === from) yield toOpened;
    }
  }

  #latencyMs(from: number, to: number): number {
    const extraMs = drawExtraLatencyMs(this.#randomOf(from, to), this.#conditions);
    return this.#conditions.minLatencyMs + extraMs;
  }

  /** A leader sends one packet to many learners in a row: it is encoded once. */
  #bytesOf(packet: OutgoingPacket): Uint8Array {
    if (this.#lastEncoded?.packet !== packet) {
      this.#lastEncoded = { packet, bytes: this.#encode(packet) };
    }
    return this.#lastEncoded.bytes;
  }

  #find(id: ConnectionId): { readonly end: End; readonly connection: Connection } {
    const found = this.#ends.get(id);
    if (found === undefined) throw new Error(`no connection was ever called ${id}`);
    return found;
  }
}

/** How long a process tries to open a port that is taken. */
const LISTEN_PATIENCE_MS = 500;
const FIRST_DIAL_RETRY_MS = 1000;

function newEnd(id: ConnectionId, owner: number, side: End["side"]): End {
  return { id, owner, side, state: "unknown", isRefused: false };
}

function outgoing(connection: Connection, end: End): Pipe<Said> {
  return end === connection.opened ? connection.toAccepted : connection.toOpened;
}

function incoming(connection: Connection, end: End): Pipe<Said> {
  return end === connection.opened ? connection.toOpened : connection.toAccepted;
}

/** Each end hears of it, after what had still got through. */
function sever({ toAccepted, toOpened }: Connection): void {
  toAccepted.finish("connection reset", false);
  toOpened.finish("connection reset", false);
}

function isBetween({ opened, accepted }: Connection, one: number, other: number): boolean {
  return (
    (opened.owner === one && accepted.owner === other) ||
    (opened.owner === other && accepted.owner === one)
  );
}
