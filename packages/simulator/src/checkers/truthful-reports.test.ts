import type { Effect, LearnerStatus, PeerStatus, QuorumEvent, Report } from "@jute-ts/quorum";
import type { Notification } from "@jute-ts/quorum/wire";
import { logFileName, snapshotFileName } from "@jute-ts/persistence";
import { NO_DATABASE } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { FakeRun } from "./fake-run.js";
import { TruthfulReports } from "./truthful-reports.js";

const LEADER = 1n;
const PEER = 2n;
/** The leader's end of the connection to the peer. */
const ACCEPTED = 1021;
const ZXID = 0x5n;
const SNAPSHOT = { directory: "data", name: snapshotFileName(ZXID) } as const;
const OLD_LOG = { directory: "log", name: logFileName(1n) } as const;
const NOW_MS = 40;
/** As long as a tick, 1000 operations and 100 fsyncs. */
const BOUND_MS = 100 + 1000 * 0.1 + 100 * 0.5;

const limits = { tickTimeMs: 100, operationMs: 0.1, syncMs: 0.5 };

/** Something that happens to a server, with what it reports of it; and what it could say that is not so. */
interface Case {
  readonly what: string;
  readonly play: (run: FakeRun, reports: readonly Report[]) => void;
  readonly truth: readonly Report[];
  readonly lies: readonly (readonly [text: string, reports: readonly Report[]])[];
}

function roleOf(role: PeerStatus["role"], leader?: bigint): Report {
  return { kind: "roleChanged", role, leader, why: "" };
}

function elected(leader: bigint, durationMs = NOW_MS): Report {
  return { kind: "elected", leader, round: 1n, durationMs };
}

function effectsOf(reports: readonly Report[], ...others: readonly Effect[]): Effect[] {
  return [...reports.map((report): Effect => ({ kind: "report", report })), ...others];
}

/** A server that looks for a leader since 0 ms, and now. */
function newRun(): FakeRun {
  const run = new FakeRun([new TruthfulReports(limits)]);
  run.nowMs = NOW_MS;
  return run;
}

function follow(run: FakeRun): void {
  const reports = effectsOf([roleOf("following", LEADER), elected(LEADER)]);
  run.step(PEER, { role: "following", leader: LEADER }, reports);
}

function lead(run: FakeRun): void {
  const reports = effectsOf([roleOf("leading", LEADER), elected(LEADER)]);
  run.step(LEADER, { role: "leading", leader: LEADER }, reports);
}

/** The server has read its disk. */
function recover(run: FakeRun, change: Partial<PeerStatus>, reports: readonly Report[]): void {
  const peer = run.peer(PEER);
  if (peer.status !== undefined) peer.status = { ...peer.status, role: "recovering" };
  run.step(PEER, { role: "looking", ...change }, effectsOf([...reports, roleOf("looking")]));
}

const found = {
  kind: "recovered",
  lastZxid: ZXID,
  snapshotZxid: ZXID,
  txns: 0,
  acceptedEpoch: 3,
  currentEpoch: 2,
  tornBytes: 0,
} as const;
const foundNothing = {
  ...found,
  lastZxid: 0n,
  snapshotZxid: undefined,
  acceptedEpoch: 0,
  currentEpoch: 0,
} as const;

const voted = { kind: "voted", leader: 3n, zxid: ZXID, peerEpoch: 2n, round: 1n } as const;
const vote: Notification = {
  leader: voted.leader,
  zxid: voted.zxid,
  peerEpoch: voted.peerEpoch,
  state: "looking",
  electionEpoch: voted.round,
  version: 2,
  configuration: undefined,
};

const synced: LearnerStatus = {
  sid: PEER,
  role: "follower",
  votes: true,
  stage: "forwarding",
  lastAckedZxid: 0n,
};

const diff = { kind: "DIFF", reason: "equal", zxid: ZXID, txns: [] } as const;
const chosen = { kind: "syncChosen", learner: PEER, plan: diff, learnerZxid: ZXID } as const;
const lost: Report = { kind: "learnerLost", learner: PEER, why: "" };
const received: Partial<QuorumEvent> = { kind: "received", connection: 21 };

const CASES: readonly Case[] = [
  {
    what: "a role and whom an election has made the leader",
    play: (run, reports) => {
      run.step(PEER, { role: "following", leader: LEADER }, effectsOf(reports));
    },
    truth: [roleOf("following", LEADER), elected(LEADER)],
    lies: [
      ["does not report that it is following", []],
      ["does not report that it is following", [roleOf("observing", LEADER), elected(LEADER)]],
      ["does not report that it is following", [roleOf("following", 3n), elected(LEADER)]],
      ["does not report that 1 is elected", [roleOf("following", LEADER)]],
      ["says that 3 is elected, and is led by 1", [roleOf("following", LEADER), elected(3n)]],
      ["has looked for 40 ms", [roleOf("following", LEADER), elected(LEADER, NOW_MS + 1)]],
    ],
  },
  {
    what: "a vote",
    play: (run, reports) => {
      run.step(PEER, {}, effectsOf(reports, { kind: "notify", to: 3n, notification: vote }));
    },
    truth: [voted],
    lies: [
      ["does not report that it votes for 3", []],
      ["does not report that it votes for 3", [{ ...voted, leader: 2n }]],
      ["does not report that it votes for 3", [{ ...voted, zxid: 4n }]],
      ["does not report that it votes for 3", [{ ...voted, peerEpoch: 1n }]],
      ["does not report that it votes for 3", [{ ...voted, round: 2n }]],
    ],
  },
  {
    what: "what was recovered",
    play: (run, reports) => {
      run.peer(PEER).disk.put(SNAPSHOT, new Uint8Array(4));
      recover(run, { lastLoggedZxid: ZXID, acceptedEpoch: 3, currentEpoch: 2 }, reports);
    },
    truth: [found],
    lies: [
      ["does not report what it has recovered", []],
      ["has recovered 5, and says 4", [{ ...found, lastZxid: 4n }]],
      ["has accepted epoch 3, and says 2", [{ ...found, acceptedEpoch: 2 }]],
      ["is in epoch 2, and says 3", [{ ...found, currentEpoch: 3 }]],
      ["has read no snapshot.6", [{ ...found, snapshotZxid: 6n }]],
      ["says that it has read none of snapshot.5", [{ ...found, snapshotZxid: undefined }]],
    ],
  },
  {
    what: "that there is no vote",
    play: (run, reports) => {
      recover(run, {}, [foundNothing, ...reports]);
    },
    truth: [{ ...voted, zxid: NO_DATABASE }, { kind: "withoutVote" }],
    lies: [
      ["does not report that it has no vote", [{ ...voted, zxid: NO_DATABASE }]],
      ["says that it has no vote, and votes", [voted, { kind: "withoutVote" }]],
    ],
  },
  {
    what: "an accepted epoch",
    play: (run, reports) => {
      follow(run);
      run.step(PEER, { acceptedEpoch: 3 }, effectsOf(reports));
    },
    truth: [{ kind: "epochAccepted", epoch: 3 }],
    lies: [
      ["does not report that it has accepted epoch 3", []],
      ["has accepted epoch 3, and says 2", [{ kind: "epochAccepted", epoch: 2 }]],
    ],
  },
  {
    what: "that it serves",
    play: (run, reports) => {
      follow(run);
      run.step(PEER, { serving: true, epoch: 3 }, effectsOf(reports));
    },
    truth: [{ kind: "serving", epoch: 3, zxid: ZXID }],
    lies: [
      ["does not report that it serves", []],
      ["serves in epoch 3, and says 2", [{ kind: "serving", epoch: 2, zxid: ZXID }]],
    ],
  },
  {
    what: "a later epoch of a learner, and its own",
    play: (run, reports) => {
      run.step(PEER, {}, effectsOf(reports));
    },
    truth: [
      { kind: "laterEpoch", learner: 3n, acceptedEpoch: 4, epoch: 3 },
      { kind: "notCounted", leader: LEADER, acceptedEpoch: 4, epoch: 3 },
    ],
    lies: [
      [
        "says that epoch 3 is later than 3",
        [{ kind: "laterEpoch", learner: 3n, acceptedEpoch: 3, epoch: 3 }],
      ],
      [
        "says that epoch 3 is later than 3",
        [{ kind: "notCounted", leader: LEADER, acceptedEpoch: 3, epoch: 3 }],
      ],
    ],
  },
  {
    what: "how it is brought up to date",
    play: (run, reports) => {
      follow(run);
      run.deliver(LEADER, PEER, { kind: "DIFF", zxid: ZXID });
      run.step(PEER, {}, effectsOf(reports), received);
    },
    truth: [{ kind: "syncBegun", packet: "DIFF", zxid: ZXID }],
    lies: [
      ["does not report that it was told DIFF", []],
      ["and was told DIFF", [{ kind: "syncBegun", packet: "SNAP", zxid: ZXID }]],
      ["and was told DIFF", [{ kind: "syncBegun", packet: "DIFF", zxid: 4n }]],
    ],
  },
  {
    what: "where it has cut its log",
    play: (run, reports) => {
      follow(run);
      run.deliver(LEADER, PEER, { kind: "TRUNC", zxid: ZXID });
      const begun = effectsOf([{ kind: "syncBegun", packet: "TRUNC", zxid: ZXID }]);
      run.step(PEER, {}, begun, received);
      run.step(PEER, {}, effectsOf(reports));
      run.send(PEER, LEADER, { kind: "ACK", zxid: ZXID });
    },
    truth: [{ kind: "logCut", zxid: ZXID }],
    lies: [
      ["does not report that it has cut its log", []],
      ["was to cut its log at 5, and says 4", [{ kind: "logCut", zxid: 4n }]],
    ],
  },
  {
    what: "how a leader brings a learner up to date",
    play: (run, reports) => {
      lead(run);
      const packet = { kind: "DIFF", zxid: ZXID } as const;
      run.step(LEADER, {}, effectsOf(reports, { kind: "send", connection: ACCEPTED, packet }));
    },
    truth: [chosen],
    lies: [
      ["does not report that it sends DIFF to 2", []],
      ["does not report that it sends DIFF to 2", [{ ...chosen, learner: 3n }]],
      [
        "does not report that it sends DIFF to 2",
        [{ ...chosen, plan: { kind: "SNAP", reason: "too-far-behind" } }],
      ],
      ["does not report what it sends after 2 plans", [chosen, chosen]],
    ],
  },
  {
    what: "that a learner has the history",
    play: (run, reports) => {
      lead(run);
      run.step(LEADER, { learners: [synced] }, effectsOf(reports));
    },
    truth: [{ kind: "learnerSynced", learner: PEER }],
    lies: [
      ["does not report that 2 has its history", []],
      ["says that 3 has its history", [{ kind: "learnerSynced", learner: 3n }]],
    ],
  },
  {
    what: "that a learner is gone",
    play: (run, reports) => {
      lead(run);
      run.step(LEADER, {}, [], { kind: "accepted", connection: ACCEPTED });
      const gone = { kind: "disconnected", connection: ACCEPTED } as const;
      run.step(LEADER, {}, effectsOf(reports), gone);
    },
    truth: [lost],
    lies: [
      ["does not report that 1 learners are lost", []],
      ["does not report that 1 learners are lost", [lost, lost]],
    ],
  },
  {
    what: "a snapshot that was written",
    play: (run, reports) => {
      run.peer(PEER).disk.put(SNAPSHOT, new Uint8Array(4));
      const file = { directory: "data", name: "unfinished-snapshot.1.tmp" } as const;
      run.file(PEER, { kind: "rename", file, to: SNAPSHOT.name });
      run.step(PEER, {}, effectsOf(reports));
      endLater(run);
    },
    truth: [{ kind: "snapshotWritten", zxid: ZXID, bytes: 4 }],
    lies: [
      ["does not report what became of snapshot.5", []],
      [
        "has bytes of snapshot.5, 4, and says 5",
        [{ kind: "snapshotWritten", zxid: ZXID, bytes: 5 }],
      ],
      ["says that it has written snapshot.6", [{ kind: "snapshotWritten", zxid: 6n, bytes: 4 }]],
    ],
  },
  {
    what: "files that were removed",
    play: (run, reports) => {
      run.file(PEER, { kind: "remove", file: OLD_LOG });
      run.step(PEER, {}, effectsOf(reports));
      endLater(run);
    },
    truth: [{ kind: "removedFiles", names: [OLD_LOG.name] }],
    lies: [
      ["does not report what became of log.1", []],
      ["says that it has removed log.2", [{ kind: "removedFiles", names: [logFileName(2n)] }]],
      ["says that it has removed nothing", [{ kind: "removedFiles", names: [] }]],
    ],
  },
];

/** The run ends when everything must have been said. */
function endLater(run: FakeRun): void {
  run.nowMs += BOUND_MS + 1;
  run.end();
}

describe("TruthfulReports", () => {
  /** What a step leaves untold shows in the next one. */
  function tell({ play }: Case, reports: readonly Report[]): void {
    const run = newRun();
    play(run, reports);
    for (const sid of run.peers.keys()) run.step(sid, {});
  }

  it.each(CASES.map((each) => [each.what, each] as const))("accepts %s", (_, each) => {
    expect(() => {
      tell(each, each.truth);
    }).not.toThrow();
  });

  it.each(
    CASES.flatMap((each) =>
      each.lies.map(([text, reports]) => [each.what, text, each, reports] as const),
    ),
  )("refuses, of %s, whoever %s", (_, text, each, reports) => {
    expect(() => {
      tell(each, reports);
    }).toThrow(text);
  });

  it("takes the snapshot that a new server writes while it starts for none that it has read", () => {
    const run = newRun();
    const file = { directory: "data", name: "unfinished-snapshot.1.tmp" } as const;
    run.peer(PEER).disk.put(SNAPSHOT, new Uint8Array(4));
    run.file(PEER, { kind: "rename", file, to: SNAPSHOT.name });
    recover(run, {}, [foundNothing]);
    run.step(PEER, {});
  });

  it("lets a crash in the middle of a step leave anything untold", () => {
    const run = newRun();
    run.step(PEER, { role: "following", leader: LEADER });
    run.observe({ kind: "crash", sid: PEER });
    run.step(PEER, {});
  });

  it("gives the disk its time before files must have been told of", () => {
    const run = newRun();
    run.file(PEER, { kind: "remove", file: OLD_LOG });
    run.nowMs += BOUND_MS;
    run.end();
    run.nowMs += 1;
    expect(() => {
      run.end();
    }).toThrow("does not report what became of log.1");
  });
});
