import { expect, it } from "vitest";
import { majorityOf, observer, participant } from "../membership/ensemble.js";
import type { QuorumVerifier } from "../membership/quorum-verifier.js";
import type { Sid } from "@jute-ts/zookeeper";
import { Tally } from "./tally.js";
import { agrees, type CastVote } from "./vote.js";

const PORTS = { quorumPort: 2888, electionPort: 3888 };

function ensembleOf(voters: readonly Sid[], observers: readonly Sid[] = []): QuorumVerifier {
  return majorityOf([
    ...voters.map((sid) => participant(sid, `host${sid}`, PORTS)),
    ...observers.map((sid) => observer(sid, `host${sid}`, PORTS)),
  ]);
}

const forThree: CastVote = {
  leader: 3n,
  zxid: 1n,
  peerEpoch: 1n,
  electionEpoch: 1n,
  state: "looking",
  version: 0,
};

it("keeps the last vote of each server", () => {
  const tally = new Tally();
  tally.record(1n, { ...forThree, leader: 2n });
  tally.record(1n, forThree);
  expect(tally.supportersOf(forThree)).toEqual([1n]);
  expect(tally.supportersOf({ ...forThree, leader: 2n })).toEqual([]);
});

it("keeps nothing of the message around a vote", () => {
  const tally = new Tally();
  const message = { ...forThree, configuration: "server.1=…" };
  tally.record(1n, message);
  expect(
    JSON.stringify([...tally["votes"].values()], (_, value: unknown) =>
      typeof value === "bigint" ? Number(value) : value,
    ),
  ).not.toContain("server.1");
});

it("forgets all votes", () => {
  const tally = new Tally();
  tally.record(1n, forThree);
  tally.clear();
  expect(tally.supportersOf(forThree)).toEqual([]);
});

it("needs a quorum in every verifier", () => {
  const committed = ensembleOf([1n, 2n, 3n]);
  const lastSeen = ensembleOf([3n, 4n, 5n]);
  const tally = new Tally();
  tally.record(1n, forThree);
  tally.record(3n, forThree);
  expect(tally.hasQuorum(forThree, [committed])).toBe(true);
  expect(tally.hasQuorum(forThree, [committed, lastSeen])).toBe(false);
  tally.record(5n, forThree);
  expect(tally.hasQuorum(forThree, [committed, lastSeen])).toBe(true);
});

it("believes only the leader that it leads", () => {
  const tally = new Tally();
  tally.record(1n, { ...forThree, state: "leading" });
  expect(tally.saysThatItLeads(3n)).toBe(false);
  tally.record(3n, { ...forThree, state: "following" });
  expect(tally.saysThatItLeads(3n)).toBe(false);
  tally.record(3n, { ...forThree, state: "leading" });
  expect(tally.saysThatItLeads(3n)).toBe(true);
});

it("agrees with a count by hand on every ballot of three voters and an observer", () => {
  const verifier = ensembleOf([1n, 2n, 3n], [4n]);
  const ballots: (CastVote | undefined)[] = [
    undefined,
    forThree,
    { ...forThree, leader: 2n },
    { ...forThree, state: "following" },
    { ...forThree, state: "leading", peerEpoch: 2n },
  ];
  let quorums = 0;
  for (const first of ballots) {
    for (const second of ballots) {
      for (const third of ballots) {
        for (const fourth of ballots) {
          const tally = new Tally();
          const cast = [first, second, third, fourth];
          cast.forEach((vote, i) => {
            if (vote !== undefined) tally.record(BigInt(i + 1), vote);
          });
          const byHand = [first, second, third].filter(
            (vote) => vote !== undefined && agrees(forThree, vote),
          ).length;
          expect(tally.hasQuorum(forThree, [verifier])).toBe(byHand >= 2);
          if (byHand >= 2) quorums++;
        }
      }
    }
  }
  expect(quorums).toBeGreaterThan(0);
});
