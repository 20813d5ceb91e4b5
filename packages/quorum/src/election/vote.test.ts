import { describe, expect, it } from "vitest";
import { recordedByJava } from "../../../../test/java/election/vectors.js";
import type { Vote } from "../wire/notification.js";
import { agrees, type CastVote, isBetter, LEAST_VOTE } from "./vote.js";

const java = recordedByJava();
const everybody = (): number => 1;

function vote(peerEpoch: bigint, zxid: bigint, leader: bigint): Vote {
  return { leader, zxid, peerEpoch };
}

describe("the total order", () => {
  it.each([
    ["a later epoch wins over more txns", vote(3n, 1n, 1n), vote(2n, 9n, 9n), true],
    ["an earlier epoch loses with more txns", vote(2n, 9n, 9n), vote(3n, 1n, 1n), false],
    [
      "in one epoch, the later zxid wins over the higher id",
      vote(3n, 2n, 1n),
      vote(3n, 1n, 9n),
      true,
    ],
    ["in one epoch, the earlier zxid loses", vote(3n, 1n, 9n), vote(3n, 2n, 1n), false],
    ["with equal histories, the higher id wins", vote(3n, 2n, 2n), vote(3n, 2n, 1n), true],
    ["with equal histories, the lower id loses", vote(3n, 2n, 1n), vote(3n, 2n, 2n), false],
    ["a vote is not better than itself", vote(3n, 2n, 1n), vote(3n, 2n, 1n), false],
    ["numbers have signs", vote(-1n, 9n, 9n), vote(0n, 1n, 1n), false],
    ["every vote is better than the least one", vote(0n, 0n, 0n), LEAST_VOTE, true],
  ])("%s", (_name, a, b, better) => {
    expect(isBetter(a, b, everybody)).toBe(better);
  });

  it("a server without weight is never better", () => {
    expect(isBetter(vote(9n, 9n, 1n), vote(0n, 0n, 2n), (sid) => (sid === 1n ? 0 : 1))).toBe(false);
  });

  it("is the order that Java keeps", () => {
    expect(java.order.length).toBeGreaterThan(100);
    for (const { a, b, weightOfA, better } of java.order) {
      expect(isBetter(a, b, () => weightOfA)).toBe(better);
    }
  });
});

describe("equal votes", () => {
  const base: CastVote = {
    leader: 1n,
    zxid: 2n,
    peerEpoch: 3n,
    electionEpoch: 4n,
    state: "following",
    version: 2,
  };

  it.each<[string, Partial<CastVote>, Partial<CastVote>, boolean]>([
    ["other leaders never agree", {}, { leader: 9n }, false],
    ["an election looks at the zxid", { state: "looking" }, { zxid: 9n }, false],
    ["an election looks at the round", { state: "looking" }, { electionEpoch: 9n }, false],
    ["an election looks at the epoch", { state: "looking" }, { peerEpoch: 9n }, false],
    ["an election looks at no version", { state: "looking" }, { version: 0 }, true],
    [
      "those who are led may differ in zxid and round (1805)",
      {},
      { zxid: 9n, electionEpoch: 9n },
      true,
    ],
    ["those who are led agree on the epoch", {}, { peerEpoch: 9n }, false],
    [
      "version 0 beside another: the leader is enough (1732)",
      {},
      { peerEpoch: 9n, version: 0 },
      true,
    ],
    [
      "version 0 on both sides: the epoch counts",
      { version: 0 },
      { peerEpoch: 9n, version: 0 },
      false,
    ],
    ["versions 1 and 2: the epoch counts", { version: 1 }, { peerEpoch: 9n }, false],
  ])("%s", (_name, a, b, equal) => {
    expect(agrees({ ...base, ...a }, { ...base, ...b })).toBe(equal);
    expect(agrees({ ...base, ...b }, { ...base, ...a })).toBe(equal);
  });

  it("are those that Java takes for equal", () => {
    expect(java.equality.filter(({ equal }) => equal).length).toBeGreaterThan(50);
    for (const { a, b, equal } of java.equality) {
      expect({ a, b, equal: agrees(a, b) }).toEqual({ a, b, equal });
    }
  });
});
