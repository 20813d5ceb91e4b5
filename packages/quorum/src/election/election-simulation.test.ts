/**
 * A small world for elections alone: links that lose, repeat and delay messages,
 * servers that restart and forget their round, leaders that give up without
 * followers and followers that give up without a leader. What a leader does with
 * its office is reduced to one number, the epoch of its leadership.
 */
import { afterEach, describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import type { Effect } from "../effects.js";
import { majorityOf, observer, participant } from "../membership/ensemble.js";
import { KnownConfigurations } from "./known-configurations.js";
import type { QuorumVerifier } from "../membership/quorum-verifier.js";
import type { Sid } from "@jute-ts/zookeeper";
import { type ElectionOutcome, FastLeaderElection } from "./fast-leader-election.js";
import { encodeNotification } from "../wire/notification-codec.js";
import type { Notification } from "../wire/notification.js";

interface Weather {
  readonly lost: number;
  readonly repeated: number;
  readonly longestDelayMs: number;
  readonly restarts: number;
  /** How far apart the servers start. */
  readonly startsWithinMs: number;
}

const CALM: Weather = {
  lost: 0,
  repeated: 0,
  longestDelayMs: 20,
  restarts: 0,
  startsWithinMs: 50,
};

const HEALED_AT_MS = 20_000;
const END_MS = 60_000;
const CHECK_EVERY_MS = 500;
const PATIENCE_MS = 2_000;

interface Server {
  readonly sid: Sid;
  readonly zxid: bigint;
  currentEpoch: number;
  /** Undefined while the process is down. */
  election: FastLeaderElection | undefined;
  leader: Sid | undefined;
  decidedAtMs: number;
  /** Of the leadership that it leads or serves under. */
  leadership: number | undefined;
  /** The deadline for which the world already has an event. */
  alarmAtMs: number | undefined;
}

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
}

class World {
  readonly servers = new Map<Sid, Server>();
  readonly outcomes: (ElectionOutcome & { readonly by: Sid })[] = [];
  readonly #verifier: QuorumVerifier;
  readonly #random: () => number;
  readonly #stormy: Weather;
  readonly #queue: Happening[] = [];
  readonly #linkFreeAtMs = new Map<string, number>();
  /** Everything that each voter has ever said, in any round. */
  readonly #said = new Map<Sid, Set<string>>();
  readonly #reignsByRound = new Map<bigint, Sid>();
  #nowMs = 0;
  #happenings = 0;
  #lastReign = 1;

  constructor(seed: number, voters: number, observers: number, stormy: Weather) {
    this.#random = seeded(seed);
    this.#stormy = stormy;
    const ports = { quorumPort: 2888, electionPort: 3888 };
    const members = [];
    for (let i = 1; i <= voters + observers; i++) {
      const sid = BigInt(i);
      const make = i <= voters ? participant : observer;
      members.push(make(sid, `host${i}`, ports));
      this.servers.set(sid, {
        sid,
        zxid: BigInt(this.#below(3)),
        currentEpoch: this.#below(2),
        election: undefined,
        leader: undefined,
        decidedAtMs: 0,
        leadership: undefined,
        alarmAtMs: undefined,
      });
    }
    this.#verifier = majorityOf(members);
    for (const server of this.servers.values()) {
      this.#at(this.#below(stormy.startsWithinMs), () => {
        this.#start(server);
      });
      for (let at = CHECK_EVERY_MS; at < END_MS; at += CHECK_EVERY_MS) {
        this.#at(at + this.#below(100), () => {
          this.#check(server);
        });
      }
    }
    for (let i = 0; i < stormy.restarts; i++) this.#planRestart();
  }

  run(): void {
    for (;;) {
      const next = this.#takeNext();
      if (next === undefined) return;
      this.#nowMs = next.atMs;
      next.happen();
      for (const server of this.servers.values()) this.#armAlarm(server);
    }
  }

  // Servers.

  #start(server: Server): void {
    server.election = new FastLeaderElection(
      {
        sid: server.sid,
        minNotificationIntervalMs: 200,
        maxNotificationIntervalMs: 2_000,
        finalizeWaitMs: 200,
      },
      () => [this.#verifier],
      (effect) => {
        this.#carryOut(server, effect);
      },
      new KnownConfigurations(this.#verifier, () => undefined),
    );
    this.#look(server);
  }

  #look(server: Server): void {
    server.leader = undefined;
    server.leadership = undefined;
    const { zxid, currentEpoch } = server;
    this.#onOutcome(
      server,
      server.election?.lookForLeader({ zxid, currentEpoch }, this.#nowMs),
      true,
    );
  }

  #onOutcome(server: Server, outcome: ElectionOutcome | undefined, joined: boolean): void {
    if (outcome === undefined) return;
    this.outcomes.push({ ...outcome, by: server.sid });
    server.leader = outcome.leader;
    server.decidedAtMs = this.#nowMs;
    const { leader, round } = outcome;
    // Who counted votes itself did so in one round; who joined may have heard of several.
    const proof = joined ? `${leader}` : `${leader} in ${round}`;
    const supporters = [...this.#said].filter(([, said]) => said.has(proof));
    const isProven = this.#verifier.containsQuorum(supporters.map(([sid]) => sid));
    expect(isProven, "a leader is elected by votes that a quorum has cast").toBe(true);
    this.#recordSaid(server.sid, leader, round);
  }

  /** What stands for all that follows an election: leaders gather followers, followers look after their leader. */
  #check(server: Server): void {
    if (server.leader === undefined) return;
    if (server.leader === server.sid) this.#checkFollowers(server);
    else this.#checkLeader(server);
  }

  #checkFollowers(server: Server): void {
    const followers = [...this.servers.values()].filter(({ leader }) => leader === server.sid);
    if (this.#verifier.containsQuorum(followers.map(({ sid }) => sid))) {
      if (server.leadership === undefined) this.#beginLeadership(server);
    } else if (this.#nowMs - server.decidedAtMs > PATIENCE_MS) {
      this.#giveUp(server);
    }
  }

  #beginLeadership(server: Server): void {
    const round = server.election?.logicalClock ?? 0n;
    if (this.#stormy.restarts === 0) {
      const other = this.#reignsByRound.get(round) ?? server.sid;
      expect(other, `one leader has a quorum in round ${round}`).toBe(server.sid);
      this.#reignsByRound.set(round, server.sid);
    }
    this.#serveUnder(server, ++this.#lastReign);
  }

  #checkLeader(server: Server): void {
    const leader = server.leader === undefined ? undefined : this.servers.get(server.leader);
    const leads = leader?.leader === leader?.sid;
    if (leads && leader?.leadership !== undefined) {
      server.decidedAtMs = this.#nowMs;
      if (server.leadership !== leader.leadership) this.#serveUnder(server, leader.leadership);
    } else if (this.#nowMs - server.decidedAtMs > PATIENCE_MS) {
      this.#giveUp(server);
    }
  }

  #serveUnder(server: Server, leadership: number): void {
    server.leadership = leadership;
    server.currentEpoch = leadership;
    server.election?.acceptEpoch(leadership);
  }

  /** As a server whose disk needs a moment before it can look again. */
  #giveUp(server: Server): void {
    const { election } = server;
    server.leader = undefined;
    server.leadership = undefined;
    election?.leaveRole();
    this.#at(this.#nowMs + this.#below(100), () => {
      if (server.election === election) this.#look(server);
    });
  }

  #planRestart(): void {
    const sid = BigInt(1 + this.#below(this.servers.size));
    const server = this.servers.get(sid);
    if (server === undefined) throw new Error("Every number up to the size is a server.");
    const downAtMs = this.#below(HEALED_AT_MS - 3_000);
    this.#at(downAtMs, () => {
      server.election = undefined;
      server.leader = undefined;
      server.leadership = undefined;
      server.alarmAtMs = undefined;
    });
    this.#at(downAtMs + this.#below(3_000), () => {
      this.#start(server);
    });
  }

  // The network.

  #carryOut(from: Server, effect: Effect): void {
    if (effect.kind === "report") {
      if (effect.report.kind === "voted") {
        this.#recordSaid(from.sid, effect.report.leader, effect.report.round);
      }
      expect(effect.report.kind, "nobody sends nonsense here").not.toBe("violation");
    }
    if (effect.kind !== "notify") return;
    this.#send(from.sid, effect.to, effect.notification);
  }

  #send(from: Sid, to: Sid, notification: Notification): void {
    const { lost, repeated, longestDelayMs } = this.#weather();
    const bytes = encodeNotification(notification);
    const link = `${from} ${to}`;
    for (let copies = this.#random() < repeated ? 2 : 1; copies > 0; copies--) {
      if (this.#random() < lost) continue;
      const earliest = this.#nowMs + 1 + this.#below(longestDelayMs);
      const atMs = Math.max(earliest, this.#linkFreeAtMs.get(link) ?? 0);
      this.#linkFreeAtMs.set(link, atMs);
      this.#at(atMs, () => {
        const server = this.servers.get(to);
        if (server === undefined)
          throw new Error(`Server ${to} is told something and does not exist.`);
        this.#onOutcome(server, server.election?.onNotification(from, bytes, this.#nowMs), true);
      });
    }
  }

  #weather(): Weather {
    return this.#nowMs < HEALED_AT_MS ? this.#stormy : CALM;
  }

  #recordSaid(sid: Sid, leader: Sid, round: bigint): void {
    const said = this.#said.get(sid) ?? new Set();
    said.add(`${leader}`).add(`${leader} in ${round}`);
    this.#said.set(sid, said);
  }

  // Time.

  #armAlarm(server: Server): void {
    const { election } = server;
    const atMs = election?.nextDeadline();
    if (atMs === undefined || atMs === server.alarmAtMs) return;
    server.alarmAtMs = atMs;
    this.#at(atMs, () => {
      if (server.election !== election) return;
      if (server.alarmAtMs === atMs) server.alarmAtMs = undefined;
      this.#onOutcome(server, election?.onDeadline(this.#nowMs), false);
    });
  }

  #at(atMs: number, happen: () => void): void {
    this.#queue.push({ atMs, order: this.#happenings++, happen });
  }

  #takeNext(): Happening | undefined {
    let best = -1;
    for (let i = 0; i < this.#queue.length; i++) {
      if (best === -1 || isEarlier(this.#queue[i], this.#queue[best])) best = i;
    }
    const next = this.#queue[best];
    if (next === undefined || next.atMs > END_MS) return undefined;
    this.#queue[best] = this.#queue[this.#queue.length - 1] ?? next;
    this.#queue.pop();
    return next;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function isEarlier(a: Happening | undefined, b: Happening | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Mulberry32: numbers in [0, 1), the same ones for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function stormOf(seed: number): Weather {
  const random = seeded(seed + 1_000_000);
  return {
    lost: random() * 0.3,
    repeated: random() * 0.5,
    longestDelayMs: 1 + Math.floor(random() * 400),
    restarts: random() < 0.5 ? 0 : Math.floor(random() * 8),
    startsWithinMs: 1 + Math.floor(random() * 3_000),
  };
}

/** Runs one seed to its end and checks that everybody serves under one leader in one leadership. */
function runStorm(seed: number): World {
  const world = new World(seed, 3 + (seed % 5), seed % 3, stormOf(seed));
  world.run();
  const found = [...world.servers.values()].map(({ sid, leader, leadership, election }) => ({
    sid,
    leader,
    leadership,
    epoch: election?.currentVote?.peerEpoch,
  }));
  const [first] = found;
  expect(first?.leadership, "a leadership has begun").toBeDefined();
  const { leader, leadership } = first ?? {};
  expect(found, "all serve under one leader").toEqual(
    found.map(({ sid }) => ({ sid, leader, leadership, epoch: BigInt(leadership ?? -1) })),
  );
  return world;
}

const STORMS = effort(150, 20);

describe("elections", () => {
  it.each([3, 4, 5, 6, 7])("%i voters in calm weather elect the best of them, once", (voters) => {
    for (let seed = 1; seed <= effort(20, 5); seed++) {
      const world = new World(seed, voters, seed % 3, CALM);
      const voting = [...world.servers.values()].slice(0, voters);
      const [best] = voting.sort(
        (a, b) =>
          b.currentEpoch - a.currentEpoch || Number(b.zxid - a.zxid) || Number(b.sid - a.sid),
      );
      world.run();
      // Observers are told how things stand only when they ask, and may believe an early vote for a while.
      const elected = world.outcomes.filter(({ by }) => by <= voters);
      expect(elected.length).toBe(voters);
      expect(new Set(elected.map(({ leader }) => leader))).toEqual(new Set([best?.sid]));
      expect(new Set(elected.map(({ round }) => round))).toEqual(new Set([1n]));
    }
  });

  it(`${STORMS} storms end with everybody under one leader`, () => {
    let elections = 0;
    for (let seed = 1; seed <= STORMS; seed++) elections += runStorm(seed).outcomes.length;
    // Far more than one for each server: the storms did break leaderships.
    expect(elections).toBeGreaterThan(STORMS * 8);
  });

  it("the same seed is the same story", () => {
    expect(runStorm(7).outcomes).toEqual(runStorm(7).outcomes);
  });
});

describe("a broken election is found out", () => {
  const prototype = FastLeaderElection.prototype as unknown as Record<string, unknown>;
  const intact = new Map<string, unknown>();

  function breakMethod(name: string, broken: () => unknown): void {
    expect(prototype[name]).toBeTypeOf("function");
    intact.set(name, prototype[name]);
    prototype[name] = broken;
  }

  afterEach(() => {
    for (const [name, method] of intact) prototype[name] = method;
    intact.clear();
  });

  function runUntilFound(): void {
    for (let seed = 1; seed <= 30; seed++) runStorm(seed);
  }

  it.each<[string, string, () => unknown]>([
    ["that takes no vote over", "isBetter", () => false],
    ["that needs no quorum", "proposalHasQuorum", () => true],
    ["that answers nobody", "answer", () => undefined],
    ["that never sends again", "nextInterval", () => Infinity],
    ["that never tells of the new epoch", "acceptEpoch", () => undefined],
  ])("one %s", (_name, method, broken) => {
    breakMethod(method, broken);
    expect(runUntilFound).toThrow();
  });
});
