/**
 * The links of the election: one for each pair of peers, whoever opened it. Both
 * directions carry whole messages in order. As in the original, at most one
 * message waits for a link (a newer one replaces it), and a link that comes up
 * begins with the last message that was sent on the one before, so receivers see
 * duplicates. Which side keeps a connection when both dial is below this model.
 */
import type { EventQueue } from "./event-queue.js";
import type { PeerEvent } from "./peer-event.js";
import type { Random } from "./random.js";
import type { Reachability } from "./reachability.js";

export interface ElectionEndpoints {
  isUp(index: number): boolean;
  isRunning(index: number): boolean;
  /** Names the current process of a peer: another number after each start. */
  lifeOf(index: number): number;
  deliver(index: number, event: PeerEvent): void;
  readonly sids: readonly bigint[];
}

export interface ElectionNetworkOptions {
  readonly minLatencyMs: number;
  readonly meanExtraLatencyMs: number;
}

/** Messages that a receiver does not take in; beyond these the oldest are dropped. */
const RECEIVE_QUEUE = 100;

interface Link {
  readonly peers: readonly [number, number];
  state: "down" | "connecting" | "up";
  /** While the link is down: the peer that still takes it for up, and nothing told it otherwise yet. */
  believer: number | undefined;
  /** Changes whenever the link breaks: what was under way then never arrives. */
  generation: number;
  readonly directions: readonly [Direction, Direction];
}

interface Direction {
  readonly from: number;
  readonly to: number;
  waiting: Uint8Array | undefined;
  last: Uint8Array | undefined;
  lastArrivalMs: number;
  /** Arrived, and not taken in: the receiver is paused or the direction is blocked. */
  readonly unread: Uint8Array[];
}

/** What a spell of bad luck does to messages. */
export interface ElectionNoise {
  readonly breakProbability: number;
  readonly duplicateProbability: number;
}

export class ElectionNetwork {
  readonly #queue: EventQueue;
  readonly #randomOf: (from: number, to: number) => Random;
  readonly #reachability: Reachability;
  readonly #options: ElectionNetworkOptions;
  readonly #endpoints: ElectionEndpoints;
  readonly #links = new Map<number, Link>();
  #noise: ElectionNoise = QUIET;

  constructor(
    queue: EventQueue,
    randomOf: (from: number, to: number) => Random,
    reachability: Reachability,
    options: ElectionNetworkOptions,
    endpoints: ElectionEndpoints,
  ) {
    this.#queue = queue;
    this.#randomOf = randomOf;
    this.#reachability = reachability;
    this.#options = options;
    this.#endpoints = endpoints;
  }

  /** Hands over a message, which must not change any more. A message to oneself comes back at once. */
  send(from: number, to: number, message: Uint8Array): void {
    if (from === to) {
      const life = this.#endpoints.lifeOf(from);
      this.#queue.after(0, () => {
        if (this.#endpoints.lifeOf(from) === life) this.#hand(from, to, message);
      });
      return;
    }
    const link = this.#link(from, to);
    const direction = this.#direction(link, from);
    direction.waiting = message;
    if (link.state === "up") this.#flush(link, direction);
    else if (link.believer === from) this.#writeIntoNothing(link, direction);
    else this.#connect(link, from);
  }

  /** Tries once to have a link. Nothing happens when there is one, or when the other side cannot be reached. */
  connect(from: number, to: number): void {
    if (from !== to) this.#connect(this.#link(from, to), from);
  }

  setNoise(noise: ElectionNoise | undefined): void {
    this.#noise = noise ?? QUIET;
  }

  /** A process has ended: its links are down, and what it had not handed over is gone. */
  processEnded(index: number): void {
    for (const link of this.#links.values()) {
      if (!link.peers.includes(index)) continue;
      this.#break(link);
      const own = this.#direction(link, index);
      own.waiting = undefined;
      own.last = undefined;
    }
  }

  /** Breaks the link between two peers; what was under way is lost. */
  cut(one: number, other: number): void {
    this.#break(this.#link(one, other));
  }

  /**
   * Breaks the link, and only one of its ends notices: the other believes in it
   * until it writes and is told otherwise, is dialled again, or `forMs` have passed.
   * False when there is no link to break.
   */
  halfOpen(believer: number, other: number, forMs: number): boolean {
    const link = this.#link(believer, other);
    if (link.state !== "up") return false;
    this.#break(link);
    link.believer = believer;
    const { generation } = link;
    this.#queue.after(forMs, () => {
      if (link.generation === generation) link.believer = undefined;
    });
    return true;
  }

  /** A paused process goes on, or a direction is open again: what has gathered is taken in. */
  kick(to: number): void {
    for (const link of this.#links.values()) {
      for (const direction of link.directions) {
        if (direction.to === to) this.#takeIn(direction);
      }
    }
  }

  #connect(link: Link, from: number): void {
    if (link.state !== "down" || link.believer === from) return;
    const [one, other] = link.peers;
    const to = from === one ? other : one;
    link.state = "connecting";
    const { generation } = link;
    const lives = [this.#endpoints.lifeOf(one), this.#endpoints.lifeOf(other)];
    this.#queue.after(this.#latencyMs(from, to) + this.#latencyMs(to, from), () => {
      if (link.generation !== generation) return;
      const isAnswered =
        this.#endpoints.isUp(one) &&
        this.#endpoints.isUp(other) &&
        this.#endpoints.lifeOf(one) === lives[0] &&
        this.#endpoints.lifeOf(other) === lives[1] &&
        !this.#reachability.isBlocked("election", one, other) &&
        !this.#reachability.isBlocked("election", other, one);
      link.state = isAnswered ? "up" : "down";
      if (!isAnswered) return;
      link.believer = undefined;
      this.#onUp(link);
    });
  }

  #onUp(link: Link): void {
    const { generation } = link;
    for (const direction of link.directions) {
      direction.waiting ??= direction.last;
      if (link.generation === generation) this.#flush(link, direction);
    }
    for (const { from, to } of link.directions) {
      const sid = this.#endpoints.sids[to];
      if (sid !== undefined && this.#endpoints.isUp(from)) {
        this.#endpoints.deliver(from, { kind: "electionLinkUp", to: sid });
      }
    }
  }

  #flush(link: Link, direction: Direction): void {
    const message = direction.waiting;
    if (message === undefined) return;
    direction.waiting = undefined;
    direction.last = message;
    const random = this.#randomOf(direction.from, direction.to);
    if (this.#noise.breakProbability > 0 && random.chance(this.#noise.breakProbability)) {
      this.#break(link);
      return;
    }
    this.#transmit(link, direction, message);
    if (this.#noise.duplicateProbability > 0 && random.chance(this.#noise.duplicateProbability)) {
      this.#transmit(link, direction, message);
    }
  }

  /** The message is handed over and lost. The other end, if it can be reached, answers that it knows of no connection. */
  #writeIntoNothing(link: Link, direction: Direction): void {
    const { from, to } = direction;
    direction.last = direction.waiting;
    direction.waiting = undefined;
    const { generation } = link;
    this.#queue.after(this.#latencyMs(from, to) + this.#latencyMs(to, from), () => {
      const isTold =
        link.generation === generation &&
        !this.#reachability.isBlocked("election", from, to) &&
        !this.#reachability.isBlocked("election", to, from);
      if (isTold && link.believer === from) link.believer = undefined;
    });
  }

  #transmit(link: Link, direction: Direction, message: Uint8Array): void {
    const { generation } = link;
    direction.lastArrivalMs = Math.max(
      direction.lastArrivalMs,
      this.#queue.nowMs + this.#latencyMs(direction.from, direction.to),
    );
    this.#queue.at(direction.lastArrivalMs, () => {
      if (link.generation !== generation) return;
      direction.unread.push(message);
      if (direction.unread.length > RECEIVE_QUEUE) direction.unread.shift();
      this.#takeIn(direction);
    });
  }

  #takeIn(direction: Direction): void {
    const { from, to, unread } = direction;
    if (this.#reachability.isBlocked("election", from, to)) return;
    while (unread.length > 0 && this.#endpoints.isRunning(to)) {
      const message = unread.shift();
      if (message !== undefined) this.#hand(from, to, message);
    }
  }

  #hand(from: number, to: number, message: Uint8Array): void {
    const sid = this.#endpoints.sids[from];
    if (sid === undefined) throw new Error(`no peer has the index ${from}`);
    this.#endpoints.deliver(to, { kind: "notified", from: sid, bytes: message });
  }

  #break(link: Link): void {
    link.generation += 1;
    link.state = "down";
    link.believer = undefined;
    for (const direction of link.directions) direction.unread.length = 0;
  }

  #latencyMs(from: number, to: number): number {
    const { minLatencyMs, meanExtraLatencyMs } = this.#options;
    return minLatencyMs + this.#randomOf(from, to).exponential(meanExtraLatencyMs);
  }

  #link(one: number, other: number): Link {
    const low = Math.min(one, other);
    const high = Math.max(one, other);
    const key = low * this.#endpoints.sids.length + high;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = {
        peers: [low, high],
        state: "down",
        believer: undefined,
        generation: 0,
        directions: [newDirection(low, high), newDirection(high, low)],
      };
      this.#links.set(key, link);
    }
    return link;
  }

  #direction(link: Link, from: number): Direction {
    const [first, second] = link.directions;
    return first.from === from ? first : second;
  }
}

const QUIET: ElectionNoise = { breakProbability: 0, duplicateProbability: 0 };

function newDirection(from: number, to: number): Direction {
  return { from, to, waiting: undefined, last: undefined, lastArrivalMs: 0, unread: [] };
}
