import { describe, expect, it } from "vitest";
import { majorityOf, participant } from "../membership/ensemble.js";
import { makeZxid, MAX_EPOCH } from "@jute-ts/zookeeper";
import { EpochAcceptance, EpochProposal, isMoreRecent } from "./epoch-agreement.js";

const three = majorityOf(
  [1n, 2n, 3n].map((sid) =>
    participant(sid, `host${sid}`, { quorumPort: 2888, electionPort: 3888 }),
  ),
);

describe("a history is more recent than another", () => {
  it("by its epoch first, then by its last txn", () => {
    // In ascending order; no two are equal.
    const ascending = [
      { currentEpoch: 0, lastZxid: makeZxid(0, 0) },
      { currentEpoch: 0, lastZxid: makeZxid(2, 1) },
      { currentEpoch: 1, lastZxid: makeZxid(0, 0) },
      { currentEpoch: 1, lastZxid: makeZxid(1, 0xffff_fffe) },
      { currentEpoch: 2, lastZxid: makeZxid(1, 3) },
      { currentEpoch: 2, lastZxid: makeZxid(2, 1) },
    ];
    for (const [i, a] of ascending.entries()) {
      for (const [j, b] of ascending.entries()) expect(isMoreRecent(a, b)).toBe(i > j);
    }
  });
});

describe("the tally of arrivals", () => {
  it("counts the leader, and everyone once", () => {
    const proposal = new EpochProposal(three, 1n, 4);
    expect(proposal.isDecided).toBe(false);
    proposal.arrive(1n, true, 4);
    expect(proposal.isDecided).toBe(false);
    proposal.arrive(3n, true, 2);
    expect(proposal.isDecided).toBe(true);
    expect(proposal.candidate).toBe(5);
  });

  it("does not count who has no vote, but passes its epoch", () => {
    const proposal = new EpochProposal(three, 1n, 4);
    proposal.arrive(7n, false, 9);
    expect(proposal.isDecided).toBe(false);
    expect(proposal.candidate).toBe(10);
  });

  it("believes epochs up to 2^20 ahead, and none at the end of all", () => {
    const proposal = new EpochProposal(three, 1n, 4);
    expect(proposal.isBelievable(4 + 2 ** 20)).toBe(true);
    expect(proposal.isBelievable(5 + 2 ** 20)).toBe(false);
    const last = new EpochProposal(three, 1n, MAX_EPOCH - 1);
    expect(last.isBelievable(MAX_EPOCH - 1)).toBe(true);
    expect(last.isBelievable(MAX_EPOCH)).toBe(false);
  });
});

describe("the tally of acceptances", () => {
  it("counts the leader, and everyone once", () => {
    const acceptance = new EpochAcceptance(three, 1n, { currentEpoch: 1, lastZxid: 5n });
    acceptance.accept(1n);
    expect(acceptance.isDecided).toBe(false);
    acceptance.accept(2n);
    expect(acceptance.isDecided).toBe(true);
    expect(acceptance.isAhead({ currentEpoch: 1, lastZxid: 5n })).toBe(false);
    expect(acceptance.isAhead({ currentEpoch: 1, lastZxid: 6n })).toBe(true);
  });
});
