import { describe, expect, it } from "vitest";
import type { Effect } from "../effects.js";
import { majorityOf, observer, participant } from "../membership/ensemble.js";
import { KnownConfigurations } from "./known-configurations.js";
import type { QuorumVerifier } from "../membership/quorum-verifier.js";
import type { Report } from "../report.js";
import type { Sid } from "@jute-ts/zookeeper";
import { type ElectionOutcome, FastLeaderElection } from "./fast-leader-election.js";
import { encodeNotification } from "../wire/notification-codec.js";
import type { Notification, ServerState, Vote } from "../wire/notification.js";
import { LEAST_VOTE } from "./vote.js";

const PORTS = { quorumPort: 2888, electionPort: 3888 };
const LEAST = LEAST_VOTE.leader;

function ensembleOf(voters: readonly Sid[], observers: readonly Sid[] = []): QuorumVerifier {
  return majorityOf([
    ...voters.map((sid) => participant(sid, `host${sid}`, PORTS)),
    ...observers.map((sid) => observer(sid, `host${sid}`, PORTS)),
  ]);
}

/** Voters 1, 2 and 3, observer 4. */
const ensemble = ensembleOf([1n, 2n, 3n], [4n]);

interface Said {
  readonly to?: Sid;
  readonly state?: ServerState;
  readonly leader: Sid;
  readonly zxid?: bigint;
  readonly epoch?: bigint;
  readonly round: bigint;
  readonly version?: number;
  /** The ensemble's own when undefined. */
  readonly configuration?: string;
}

/** A message with the history (epoch 1, zxid 0x100000005) that all servers here have unless told otherwise. */
function message(said: Said): Uint8Array {
  return encodeNotification(notification(said));
}

function notification({
  state,
  leader,
  zxid,
  epoch,
  round,
  configuration = ensemble.toString(),
}: Said): Notification {
  return {
    state: state ?? "looking",
    leader,
    zxid: zxid ?? ZXID,
    peerEpoch: epoch ?? 1n,
    electionEpoch: round,
    version: 2,
    configuration,
  };
}

const ZXID = 0x1_0000_0005n;

/** A server at time 0 with its effects, which are taken away as they are looked at. */
class Server {
  readonly election: FastLeaderElection;
  #effects: Effect[] = [];

  constructor(sid: Sid, verifiers: readonly QuorumVerifier[] = [ensemble], finalizeWaitMs = 200) {
    this.election = new FastLeaderElection(
      { sid, minNotificationIntervalMs: 200, maxNotificationIntervalMs: 60_000, finalizeWaitMs },
      () => verifiers,
      (effect) => this.#effects.push(effect),
      new KnownConfigurations(verifiers[0] ?? ensemble, (report) => {
        this.#effects.push({ kind: "report", report });
      }),
    );
  }

  look(zxid: bigint = ZXID, currentEpoch = 1, mayStand = true): ElectionOutcome | undefined {
    return this.election.lookForLeader({ zxid, currentEpoch, mayStand }, 0);
  }

  /** Looks for a leader without standing for election. */
  standAside(): void {
    this.election.lookForLeader({ zxid: ZXID, currentEpoch: 1, isReachable: false }, 0);
  }

  hear(from: Sid, said: Said, nowMs = 0): ElectionOutcome | undefined {
    return this.election.onNotification(from, message(said), nowMs);
  }

  /** All effects since the last look, exactly. */
  take(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

function notify(to: Sid, said: Said): Effect {
  return { kind: "notify", to, notification: notification(said) };
}

function voted(leader: Sid, round: bigint, vote: Partial<Vote> = {}): Effect {
  const report: Report = { kind: "voted", leader, zxid: ZXID, peerEpoch: 1n, round, ...vote };
  return { kind: "report", report };
}

/** Server 2, looking in round 1 with a vote for itself. */
function looking(): Server {
  const server = new Server(2n);
  server.look();
  server.take();
  return server;
}

/** Server 2 in round 5, led by server 3 since the election of round 5. */
function following(): Server {
  const server = looking();
  server.hear(1n, { state: "following", leader: 3n, round: 5n });
  const outcome = server.hear(3n, { state: "leading", leader: 3n, round: 5n });
  expect(outcome?.leader).toBe(3n);
  server.take();
  return server;
}

function outcomeOf(leader: Sid, round: bigint, vote: Partial<Vote> = {}): ElectionOutcome {
  return { kind: "elected", leader, vote: { leader, zxid: ZXID, peerEpoch: 1n, ...vote }, round };
}

function ruleOf(effect: Effect | undefined): string | undefined {
  if (effect?.kind !== "report" || effect.report.kind !== "violation") return undefined;
  return effect.report.violation.rule;
}

describe("a server that does not stand for election", () => {
  it("proposes nobody, votes for a candidate with the same history, and decides with the quorum", () => {
    const server = new Server(2n);
    server.standAside();
    expect(server.election.currentVote?.leader).toBe(LEAST);
    // Its own candidacy would be better.
    server.hear(1n, { leader: 1n, round: 1n });
    expect(server.election.currentVote?.leader).toBe(1n);
    expect(server.election.onDeadline(200)?.leader).toBe(1n);
  });

  it("does not vote for anyone with less history than its own", () => {
    const server = new Server(2n);
    server.standAside();
    server.hear(3n, { leader: 3n, round: 1n, zxid: ZXID - 1n });
    expect(server.election.currentVote?.leader).toBe(LEAST);
    server.hear(3n, { leader: 3n, round: 2n, zxid: ZXID - 1n });
    expect(server.election.currentVote?.leader).toBe(LEAST);
    server.hear(3n, { leader: 3n, round: 2n });
    expect(server.election.currentVote?.leader).toBe(3n);
  });

  it("is not elected by itself, though nobody else votes", () => {
    const alone = new Server(2n, [ensembleOf([2n])]);
    alone.standAside();
    expect(alone.election.onDeadline(10_000)).toBeUndefined();
  });
});

describe("what is answered", () => {
  it("observer LOOKING, me LOOKING: my proposal, my round; it is not counted", () => {
    const server = looking();
    expect(server.hear(4n, { leader: 3n, zxid: ZXID + 1n, round: 7n })).toBeUndefined();
    expect(server.take()).toEqual([notify(4n, { leader: 2n, round: 1n })]);
    expect(server.election.logicalClock).toBe(1n);
  });

  it("observer LOOKING, me FOLLOWING: my vote, my round and state", () => {
    const server = following();
    server.hear(4n, { leader: LEAST, round: 1n });
    expect(server.take()).toEqual([notify(4n, { state: "following", leader: 3n, round: 5n })]);
  });

  it("observer OBSERVING: nothing, or one that answers the looking would be answered forever", () => {
    for (const server of [following(), looking()]) {
      server.hear(4n, { state: "observing", leader: 3n, round: 5n });
      expect(server.take()).toEqual([]);
    }
  });

  it("voter LOOKING, me an observer: nothing, whatever my state, for it would answer in its turn", () => {
    const server = new Server(4n);
    server.look();
    server.take();
    server.hear(1n, { leader: 1n, round: 0n });
    expect(server.take()).toEqual([]);
    server.hear(1n, { state: "following", leader: 3n, round: 5n });
    server.hear(3n, { state: "leading", leader: 3n, round: 5n });
    expect(server.election.state).toBe("observing");
    server.take();
    server.hear(1n, { leader: 1n, round: 6n });
    expect(server.take()).toEqual([]);
  });

  it("voter LOOKING with an older round, me LOOKING: my proposal and round; it is not counted", () => {
    const server = looking();
    server.hear(1n, { leader: 1n, round: 6n });
    server.take();
    expect(server.hear(3n, { leader: 3n, round: 5n })).toBeUndefined();
    expect(server.take()).toEqual([notify(3n, { leader: 2n, round: 6n })]);
    expect(server.election.currentVote?.leader).toBe(2n);
  });

  it("voter LOOKING in my round with a worse vote, me LOOKING: no answer", () => {
    const server = looking();
    server.hear(1n, { leader: 1n, round: 1n });
    expect(server.take()).toEqual([]);
  });

  it.each(["following", "leading", "observing"] as const)(
    "voter %s with an older round, me LOOKING: no answer",
    (state) => {
      const server = looking();
      server.hear(1n, { state, leader: 1n, round: 0n });
      expect(server.take()).toEqual([]);
    },
  );

  it.each([1n, 5n, 9n])("voter LOOKING in round %i, me FOLLOWING: the elected vote", (round) => {
    const server = following();
    expect(server.hear(1n, { leader: 1n, round })).toBeUndefined();
    expect(server.take()).toEqual([notify(1n, { state: "following", leader: 3n, round: 5n })]);
    expect(server.election.logicalClock).toBe(5n);
  });

  it("voter LOOKING, me FOLLOWING in a leadership that has begun: the vote with the new epoch (1732)", () => {
    const server = following();
    server.election.acceptEpoch(2);
    server.hear(1n, { leader: 1n, round: 1n });
    expect(server.take()).toEqual([
      notify(1n, { state: "following", leader: 3n, epoch: 2n, round: 5n }),
    ]);
  });

  it.each(["following", "leading", "observing"] as const)(
    "voter %s, me FOLLOWING: nothing",
    (state) => {
      const server = following();
      server.hear(1n, { state, leader: 3n, round: 5n });
      expect(server.take()).toEqual([]);
    },
  );

  it("a stranger gets nothing, and is reported", () => {
    for (const server of [looking(), following()]) {
      server.hear(9n, { leader: 3n, round: 99n });
      const effects = server.take();
      expect(effects.map(ruleOf)).toEqual(["identity"]);
    }
  });

  it("who has my own id gets nothing, and is reported", () => {
    const server = looking();
    server.hear(2n, { leader: 3n, round: 99n });
    expect(server.take().map(ruleOf)).toEqual(["identity"]);
    expect(server.election.logicalClock).toBe(1n);
  });

  it("nonsense is reported with its sender, and changes nothing", () => {
    const server = looking();
    expect(server.election.onNotification(1n, new Uint8Array(39), 0)).toBeUndefined();
    const effects = server.take();
    expect(effects.map(ruleOf)).toEqual(["malformed"]);
    expect(
      JSON.stringify(effects, (_, v: unknown) => (v instanceof Error ? v.message : v)),
    ).toContain("server 1");
    expect(server.election.currentVote?.leader).toBe(2n);
  });

  it("between two roles nobody is answered, and the last vote of each voter is kept", () => {
    const server = following();
    server.election.leaveRole();
    server.hear(1n, { leader: 1n, round: 8n });
    server.hear(1n, { leader: 1n, round: 9n });
    server.hear(4n, { leader: LEAST, round: 9n });
    expect(server.take()).toEqual([]);
    expect(server.election.state).toBe("looking");
    expect(server.election.currentVote).toBeUndefined();
    expect(server.election.nextDeadline()).toBeUndefined();
    server.look();
    expect(server.election.logicalClock).toBe(9n);
    expect(server.election.nextDeadline()).toBe(200);
  });
});

describe("beginning a round", () => {
  it("a voter votes for itself in the next round and tells all voters", () => {
    const server = new Server(2n);
    expect(server.look()).toBeUndefined();
    expect(server.take()).toEqual([
      { kind: "connectElection", to: [1n, 3n] },
      voted(2n, 1n),
      notify(1n, { leader: 2n, round: 1n }),
      notify(3n, { leader: 2n, round: 1n }),
    ]);
    expect(server.election.state).toBe("looking");
  });

  it("an observer proposes the least vote", () => {
    const server = new Server(4n);
    server.look();
    const least = { leader: LEAST, zxid: LEAST, epoch: LEAST, round: 1n };
    expect(server.take().slice(2)).toEqual([
      notify(1n, least),
      notify(2n, least),
      notify(3n, least),
    ]);
  });

  it("the clock goes on where it was, and wraps like a long", () => {
    const server = looking();
    server.hear(1n, { leader: 1n, round: 2n ** 63n - 1n });
    server.look();
    expect(server.election.logicalClock).toBe(-(2n ** 63n));
    for (const effect of server.take()) {
      if (effect.kind === "notify") encodeNotification(effect.notification);
    }
  });

  it("the only voter wins after the finalize wait", () => {
    const server = new Server(1n, [ensembleOf([1n])]);
    expect(server.look()).toBeUndefined();
    expect(server.election.nextDeadline()).toBe(200);
    expect(server.election.onDeadline(199)).toBeUndefined();
    expect(server.election.onDeadline(200)).toEqual(outcomeOf(1n, 1n));
    expect(server.election.state).toBe("leading");
  });

  it("the only voter wins at once when there is no wait", () => {
    expect(new Server(1n, [ensembleOf([1n])], 0).look()).toEqual(outcomeOf(1n, 1n));
  });
});

describe("sending again", () => {
  /** The times at which the server does something until `untilMs`: sends its vote, or only asks for links. */
  function live(server: Server, untilMs: number): { sends: number[]; connects: number[] } {
    const sends: number[] = [];
    const connects: number[] = [];
    const link: Effect = { kind: "connectElection", to: [1n, 3n] };
    const vote = { leader: 2n, round: 1n };
    for (;;) {
      const at = server.election.nextDeadline() ?? NaN;
      if (at > untilMs) return { sends, connects };
      server.election.onDeadline(at - 1);
      expect(server.take()).toEqual([]);
      server.election.onDeadline(at);
      const [first, ...rest] = server.take();
      expect(first).toEqual(link);
      connects.push(at);
      if (rest.length === 0) continue;
      expect(rest).toEqual([notify(1n, vote), notify(3n, vote)]);
      sends.push(at);
    }
  }

  it("doubles from 200 ms to 60 s, and connects before it sends", () => {
    const { sends } = live(looking(), 300_000);
    const waits = sends.map((at, i) => at - (sends[i - 1] ?? 0));
    expect(waits).toEqual([
      200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000,
    ]);
  });

  it("asks for links that are down every second at least, however rarely it sends", () => {
    const { connects } = live(looking(), 300_000);
    const waits = connects.map((at, i) => at - (connects[i - 1] ?? 0));
    expect(Math.max(...waits)).toBe(1000);
  });

  it("a link that comes up gets the vote while looking, and nothing afterwards", () => {
    const server = looking();
    server.election.onLinkUp(3n, 10);
    expect(server.take()).toEqual([notify(3n, { leader: 2n, round: 1n })]);
    server.election.onLinkUp(4n, 10);
    expect(server.take()).toEqual([]);
    const decided = following();
    decided.election.onLinkUp(3n, 10);
    expect(decided.take()).toEqual([]);
  });
});

describe("LOOKING votes", () => {
  it("of my round and better: adopted and sent to all; a quorum waits 200 ms, then follows", () => {
    const server = looking();
    expect(server.hear(3n, { leader: 3n, round: 1n }, 50)).toBeUndefined();
    expect(server.take()).toEqual([
      voted(3n, 1n),
      notify(1n, { leader: 3n, round: 1n }),
      notify(3n, { leader: 3n, round: 1n }),
    ]);
    expect(server.election.nextDeadline()).toBe(250);
    expect(server.election.onDeadline(249)).toBeUndefined();
    expect(server.election.onDeadline(250)).toEqual(outcomeOf(3n, 1n));
    expect(server.election.state).toBe("following");
    expect(server.election.nextDeadline()).toBeUndefined();
  });

  it("of my round for me: a quorum waits, then I lead", () => {
    const server = looking();
    server.hear(1n, { leader: 2n, round: 1n }, 50);
    expect(server.election.onDeadline(250)).toEqual(outcomeOf(2n, 1n));
    expect(server.election.state).toBe("leading");
  });

  it("of a later round: the round is joined, earlier votes are forgotten, the better of both histories is proposed", () => {
    const server = looking();
    server.hear(1n, { leader: 2n, round: 1n });
    server.take();
    // A quorum was there, so only a better vote may take it away.
    server.hear(3n, { leader: 3n, round: 4n });
    expect(server.take()).toEqual([
      voted(3n, 4n),
      notify(1n, { leader: 3n, round: 4n }),
      notify(3n, { leader: 3n, round: 4n }),
    ]);
    expect(server.election.logicalClock).toBe(4n);
  });

  it("of a later round but worse: my own vote is cast again in that round, not the one of before", () => {
    const five = new Server(2n, [ensembleOf([1n, 2n, 3n, 5n, 6n])]);
    five.look();
    five.hear(3n, { leader: 3n, round: 1n });
    expect(five.election.currentVote?.leader).toBe(3n);
    five.take();
    five.hear(1n, { leader: 1n, round: 4n });
    expect(five.take()[0]).toEqual(voted(2n, 4n));
    expect(five.election.nextDeadline()).toBe(200);
  });

  it("of an earlier round: ignored, even if better", () => {
    const server = looking();
    server.hear(1n, { leader: 1n, round: 6n });
    server.hear(3n, { leader: 3n, zxid: ZXID + 9n, round: 5n });
    expect(server.election.currentVote?.leader).toBe(2n);
    expect(server.election.nextDeadline()).toBe(200);
  });

  it("for somebody who is no voter: ignored", () => {
    const server = looking();
    server.hear(1n, { leader: 4n, zxid: ZXID + 1n, round: 7n });
    server.hear(3n, { leader: 9n, zxid: ZXID + 1n, round: 7n });
    server.hear(3n, { leader: LEAST, round: 7n });
    expect(server.take()).toEqual([]);
    expect(server.election.logicalClock).toBe(1n);
  });

  it("with zxid -1, from a server without a database: ignored", () => {
    const server = looking();
    server.hear(3n, { leader: 3n, zxid: -1n, epoch: 9n, round: 7n });
    expect(server.take()).toEqual([]);
    expect(server.election.logicalClock).toBe(1n);
  });

  it("heard by a server without a database: ignored, and its own vote does not count", () => {
    const server = new Server(2n);
    server.look(-1n);
    server.take();
    server.hear(3n, { leader: 3n, round: 1n });
    server.hear(1n, { leader: 3n, round: 1n });
    expect(server.take()).toEqual([]);
    expect(server.election.nextDeadline()).toBe(200);
    const alone = new Server(1n, [ensembleOf([1n])]);
    alone.look(-1n);
    expect(alone.election.onDeadline(200)).toBeUndefined();
  });

  it("a server without a database still joins a leader that is there", () => {
    const server = new Server(2n);
    server.look(-1n);
    server.hear(1n, { state: "following", leader: 3n, round: 5n });
    const outcome = server.hear(3n, { state: "leading", leader: 3n, round: 5n });
    expect(outcome?.leader).toBe(3n);
  });

  it("an observer elects by the votes that it is told, and observes", () => {
    const server = new Server(4n);
    server.look();
    server.hear(1n, { leader: 3n, round: 1n }, 10);
    expect(server.election.nextDeadline()).toBe(210);
    server.hear(3n, { leader: 3n, round: 1n }, 20);
    // Its own vote does not count: the second voter made the quorum.
    expect(server.election.nextDeadline()).toBe(220);
    expect(server.election.onDeadline(220)).toEqual(outcomeOf(3n, 1n));
    expect(server.election.state).toBe("observing");
  });

  it.each([1n, 4n])(
    "of round %i for me, with more than I have: I call for the next round and vote for what I have",
    (round) => {
      const server = looking();
      server.take();
      expect(server.hear(1n, { leader: 2n, zxid: ZXID + 1n, round })).toBeUndefined();
      expect(server.hear(3n, { leader: 2n, zxid: ZXID + 1n, round })).toBeUndefined();
      expect(server.take()).toEqual([
        voted(2n, round + 1n),
        notify(1n, { leader: 2n, round: round + 1n }),
        notify(3n, { leader: 2n, round: round + 1n }),
        // Who is still in the old round is answered once more.
        notify(3n, { leader: 2n, round: round + 1n }),
      ]);
      expect(server.election.nextDeadline()).toBe(200);
      server.hear(1n, { leader: 2n, round: round + 1n }, 50);
      expect(server.election.onDeadline(250)).toEqual(outcomeOf(2n, round + 1n));
    },
  );

  it("the same message twice changes nothing", () => {
    const server = looking();
    server.hear(3n, { leader: 3n, round: 1n }, 50);
    server.take();
    server.hear(3n, { leader: 3n, round: 1n }, 100);
    expect(server.take()).toEqual([]);
    expect(server.election.nextDeadline()).toBe(250);
  });
});

describe("the finalize wait", () => {
  /** Server 2 of five with a quorum for server 3 since 50 ms. */
  function finalizing(): Server {
    const server = new Server(2n, [ensembleOf([1n, 2n, 3n, 5n, 6n])]);
    server.look();
    server.hear(3n, { leader: 3n, round: 1n }, 10);
    server.hear(1n, { leader: 3n, round: 1n }, 50);
    expect(server.election.nextDeadline()).toBe(250);
    server.take();
    return server;
  }

  it("a better vote reopens the round", () => {
    const server = finalizing();
    server.hear(6n, { leader: 6n, round: 1n }, 100);
    expect(server.take()[0]).toEqual(voted(6n, 1n));
    expect(server.election.nextDeadline()).toBe(300);
    // That was the time to send again; the vote for server 3 is off.
    expect(server.election.onDeadline(300)).toBeUndefined();
  });

  it("a better vote that makes a quorum of its own begins a wait of its own", () => {
    const server = looking();
    server.hear(1n, { leader: 2n, round: 1n }, 50);
    server.hear(3n, { leader: 3n, round: 1n }, 200);
    expect(server.election.nextDeadline()).toBe(400);
    expect(server.election.onDeadline(400)).toEqual(outcomeOf(3n, 1n));
  });

  it.each<[string, Said]>([
    ["a worse vote", { leader: 1n, round: 1n }],
    ["a worse vote of a later round", { leader: 1n, round: 9n }],
    ["a better vote of an earlier round", { leader: 6n, round: 0n }],
    ["somebody who follows a worse leader", { state: "following", leader: 1n, round: 1n }],
    ["a better vote for a stranger", { leader: 9n, round: 9n }],
  ])("%s is discarded and does not lengthen it", (_name, said) => {
    const server = finalizing();
    expect(server.hear(5n, said, 100)).toBeUndefined();
    expect(server.election.nextDeadline()).toBe(250);
    expect(server.election.onDeadline(250)).toEqual(outcomeOf(3n, 1n));
  });

  it("a supporter that has decided for a better leader takes the quorum away", () => {
    const server = finalizing();
    server.hear(1n, { state: "following", leader: 6n, round: 1n }, 100);
    expect(server.election.nextDeadline()).toBe(210);
    expect(server.election.onDeadline(210)).toBeUndefined();
  });
});

describe("votes of those that are led", () => {
  it("OBSERVING: ignored", () => {
    const server = looking();
    server.hear(1n, { state: "observing", leader: 3n, round: 1n });
    expect(server.hear(3n, { state: "leading", leader: 3n, round: 1n })).toBeUndefined();
  });

  it("of my round: a quorum with the leader among it is joined", () => {
    const server = looking();
    expect(server.hear(1n, { state: "following", leader: 3n, round: 1n })).toBeUndefined();
    expect(server.hear(3n, { state: "leading", leader: 3n, round: 1n })).toEqual(outcomeOf(3n, 1n));
  });

  it("of my round: an equal vote that was cast while LOOKING counts beside them, mine too", () => {
    for (const zxid of [ZXID, ZXID + 1n]) {
      const five = new Server(2n, [ensembleOf([1n, 2n, 3n, 5n, 6n])]);
      five.look();
      five.hear(1n, { leader: 3n, round: 1n });
      const outcome = five.hear(3n, { state: "leading", leader: 3n, zxid, round: 1n });
      expect(outcome).toEqual(zxid === ZXID ? outcomeOf(3n, 1n) : undefined);
    }
  });

  it("of my round: only the leader is compared among the latest generation", () => {
    const server = looking();
    server.hear(1n, { state: "following", leader: 3n, epoch: 7n, zxid: 1n, round: 1n });
    expect(server.hear(3n, { state: "leading", leader: 3n, epoch: 8n, round: 1n })).toEqual(
      outcomeOf(3n, 1n, { peerEpoch: 8n }),
    );
  });

  it("of another round: the epoch is compared too", () => {
    const server = looking();
    server.hear(1n, { state: "following", leader: 3n, epoch: 7n, round: 4n });
    expect(server.hear(3n, { state: "leading", leader: 3n, epoch: 8n, round: 4n })).toBeUndefined();
    const outcome = server.hear(1n, { state: "following", leader: 3n, epoch: 8n, round: 4n });
    expect(outcome?.leader).toBe(3n);
  });

  it.each([1n, 4n])(
    "of round %i: without a word from the leader itself nobody follows it",
    (round) => {
      const five = new Server(2n, [ensembleOf([1n, 2n, 3n, 5n, 6n])]);
      five.look();
      for (const from of [1n, 5n, 6n]) {
        expect(five.hear(from, { state: "following", leader: 3n, round })).toBeUndefined();
      }
      expect(five.hear(3n, { state: "following", leader: 3n, round })).toBeUndefined();
      expect(five.hear(3n, { state: "leading", leader: 3n, round })?.leader).toBe(3n);
    },
  );

  it("late joiner: servers that report other rounds and zxids for one leader are joined (1805)", () => {
    const server = looking();
    server.hear(1n, { state: "following", leader: 3n, zxid: 3n, epoch: 2n, round: 4n });
    const outcome = server.hear(3n, { state: "leading", leader: 3n, epoch: 2n, round: 9n });
    expect(outcome).toEqual(outcomeOf(3n, 9n, { peerEpoch: 2n }));
    expect(server.election.logicalClock).toBe(9n);
  });

  it("late joiner: the clock goes back to the leader's round (1818)", () => {
    const server = looking();
    server.hear(1n, { leader: 1n, round: 20n });
    server.hear(1n, { state: "following", leader: 3n, round: 4n });
    server.hear(3n, { state: "leading", leader: 3n, round: 4n });
    expect(server.election.logicalClock).toBe(4n);
  });

  it("those who follow me make me lead only in the round in which I am", () => {
    const now = looking();
    expect(now.hear(1n, { state: "following", leader: 2n, round: 1n })).toEqual(outcomeOf(2n, 1n));
    expect(now.election.state).toBe("leading");
    const before = looking();
    before.hear(1n, { state: "following", leader: 2n, round: 5n });
    expect(before.hear(3n, { state: "following", leader: 2n, round: 5n })).toBeUndefined();
  });

  it.each([
    ["a later txn", { zxid: ZXID + 1n }],
    ["a later epoch", { epoch: 2n }],
  ])("those who follow me for %s than I have do not make me lead", (_, more) => {
    const server = looking();
    for (const from of [1n, 3n])
      expect(
        server.hear(from, { state: "following", leader: 2n, round: 1n, ...more }),
      ).toBeUndefined();
    expect(server.election.state).toBe("looking");
  });

  it("a server without a database is not made to lead by those who follow it", () => {
    const server = new Server(2n);
    server.look(-1n, 0);
    for (const from of [1n, 3n])
      expect(server.hear(from, { state: "following", leader: 2n, round: 1n })).toBeUndefined();
    expect(server.election.state).toBe("looking");
  });
});

describe("a leadership that has begun", () => {
  it("changes the epoch of the vote and nothing else", () => {
    const server = following();
    server.election.acceptEpoch(2);
    expect(server.election.currentVote).toEqual({ leader: 3n, zxid: ZXID, peerEpoch: 2n });
    expect(server.election.logicalClock).toBe(5n);
  });

  it("while looking there is none", () => {
    const server = looking();
    server.election.acceptEpoch(9);
    expect(server.election.currentVote?.peerEpoch).toBe(1n);
  });
});

describe("two verifiers", () => {
  const lastSeen = ensembleOf([2n, 5n, 6n]);

  it("need a quorum each, and voters of both are told", () => {
    const server = new Server(2n, [ensembleOf([1n, 2n, 3n]), lastSeen]);
    server.look();
    expect(server.take()[0]).toEqual({ kind: "connectElection", to: [1n, 3n, 5n, 6n] });
    server.hear(1n, { leader: 2n, round: 1n }, 10);
    expect(server.election.nextDeadline()).toBe(200);
    server.hear(5n, { leader: 2n, round: 1n }, 20);
    expect(server.election.nextDeadline()).toBe(220);
  });
});

describe("a server that hears of a newer configuration", () => {
  const version = 0x1_0000_0003n;
  /** By which servers 2 and 3 decide, and server 1 only observes. */
  const newer = majorityOf(
    [observer(1n, "host1", PORTS), ...[2n, 3n].map((sid) => participant(sid, `host${sid}`, PORTS))],
    version,
  ).toString();
  /** By which the same servers decide as by ours, and another one observes. */
  const asGood = majorityOf(
    [
      ...[1n, 2n, 3n].map((sid) => participant(sid, `elsewhere${sid}`, PORTS)),
      observer(5n, "host5", PORTS),
    ],
    version,
  ).toString();
  const { leader, zxid, peerEpoch } = LEAST_VOTE;
  const least = { leader, zxid, epoch: peerEpoch };

  it("does not stand against those who have it, votes for them, and follows", () => {
    const server = new Server(3n);
    server.look();
    server.take();
    // Server 2 has the same history and the smaller id, so it votes for us.
    server.hear(2n, { leader: 3n, round: 1n, configuration: newer }, 10);
    expect(server.take()).toEqual([
      {
        kind: "report",
        report: { kind: "newerConfiguration", from: 2n, version, ownVersion: 0n },
      },
      voted(LEAST, 1n, LEAST_VOTE),
      notify(1n, { ...least, round: 1n }),
      notify(2n, { ...least, round: 1n }),
    ]);
    expect(server.election.onDeadline(5000)).toBeUndefined();
    // We could not be led to, so it stands itself, in the next round.
    server.hear(2n, { leader: 2n, round: 2n, configuration: newer }, 5000);
    expect(server.election.onDeadline(5200)?.leader).toBe(2n);
  });

  it("remembers it: in the next election it does not even begin with a vote for itself", () => {
    const server = new Server(3n);
    server.look();
    server.hear(2n, { leader: 2n, round: 1n, configuration: newer });
    server.election.leaveRole();
    server.take();
    server.look();
    expect(server.take()).toContainEqual(notify(2n, { ...least, round: 2n }));
    expect(server.hear(2n, { leader: 2n, round: 2n, configuration: newer }, 10)).toBeUndefined();
    expect(server.election.onDeadline(210)?.leader).toBe(2n);
  });

  it("brings those who look in an earlier round into its own, by a vote for them", () => {
    const server = new Server(3n);
    for (let round = 0; round < 4; round++) server.look();
    server.take();
    server.hear(2n, { leader: 2n, round: 1n, configuration: newer });
    expect(server.take()).toContainEqual(notify(2n, { leader: 2n, round: 4n }));
    server.hear(2n, { leader: 2n, round: 4n, configuration: newer }, 10);
    expect(server.election.onDeadline(210)?.leader).toBe(2n);
  });

  it("is not made a leader by the votes of others", () => {
    const server = new Server(3n);
    server.look();
    server.hear(1n, { leader: 3n, round: 1n, configuration: newer }, 0);
    server.hear(2n, { leader: 3n, round: 1n, configuration: newer }, 0);
    expect(server.election.onDeadline(200)).toBeUndefined();
    server.hear(1n, { leader: 3n, state: "following", round: 1n, configuration: newer }, 300);
    server.hear(2n, { leader: 3n, state: "following", round: 1n, configuration: newer }, 300);
    expect(server.election.state).toBe("looking");
  });

  it("stands where those who do not have it are a quorum: one voice keeps nobody from leading", () => {
    const server = new Server(3n);
    server.look();
    server.hear(2n, { leader: 2n, round: 1n, configuration: newer });
    expect(server.election.currentVote?.leader).toBe(2n);
    server.hear(1n, { leader: 1n, round: 1n });
    expect(server.election.currentVote?.leader).toBe(3n);
    server.hear(1n, { leader: 3n, round: 1n }, 10);
    expect(server.election.onDeadline(210)?.leader).toBe(3n);
  });

  it("stands again when the one who said so says otherwise", () => {
    const server = new Server(3n);
    server.look();
    server.hear(2n, { leader: 2n, round: 1n, configuration: newer });
    server.hear(2n, { leader: 2n, round: 1n });
    expect(server.election.currentVote?.leader).toBe(3n);
  });

  it("stands where the same servers decide by it", () => {
    const server = new Server(3n);
    server.look();
    server.hear(2n, { leader: 3n, round: 1n, configuration: asGood }, 0);
    expect(server.election.onDeadline(200)?.leader).toBe(3n);
  });

  it("never stands when its own data have it", () => {
    const server = new Server(3n);
    server.look(ZXID, 1, false);
    for (const sid of [1n, 2n]) server.hear(sid, { leader: 3n, round: 1n }, 0);
    expect(server.election.onDeadline(200)).toBeUndefined();
    for (const sid of [1n, 2n]) server.hear(sid, { leader: 2n, round: 1n }, 300);
    expect(server.election.onDeadline(500)?.leader).toBe(2n);
  });
});
