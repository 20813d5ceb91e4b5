import { type Effect, QuorumPeer } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import type { NewPeer } from "../directories/machine.js";
import { Random } from "../world/random.js";
import { judgeElection } from "./judge-votes.js";

/** What is said of servers over some draws; undefined when nothing is. */
function whatIsSaid(newPeer?: NewPeer): string | undefined {
  for (let seed = 1; seed <= effort(200, 60); seed += 1) {
    try {
      judgeElection(new Random(seed), newPeer);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}

/** Servers whose effects are others than they should be. */
function doing(change: (effects: readonly Effect[]) => readonly Effect[]): NewPeer {
  return (options, state) => {
    const peer = new QuorumPeer(options, state);
    return {
      step: (event) => change(peer.step(event)),
      nextDeadline: () => peer.nextDeadline(),
      status: () => peer.status(),
    };
  };
}

describe("elections in which others say anything", () => {
  it("are held by servers as by the rules", () => {
    expect(whatIsSaid()).toBeUndefined();
  });

  it("count no vote for a history without a database, the server's own neither", () => {
    for (const seed of [14_208, 14_280, 14_348, 15_719, 19_455])
      expect(() => {
        judgeElection(new Random(seed));
      }, String(seed)).not.toThrow();
  });

  it("must be held so: each vote is told, with its round, and no other", () => {
    const silent = doing((effects) => effects.filter(({ kind }) => kind !== "notify"));
    expect(whatIsSaid(silent)).toMatch(/^a server tells \[\] where it should tell \["/);
    const talkative = doing((effects) =>
      effects.flatMap((effect): readonly Effect[] =>
        effect.kind === "notify" ? [effect, effect] : [effect],
      ),
    );
    expect(whatIsSaid(talkative)).toContain("a server tells");
    const behind = doing((effects) =>
      effects.map((effect) => {
        if (effect.kind !== "notify") return effect;
        const electionEpoch = effect.notification.electionEpoch - 1n;
        return { ...effect, notification: { ...effect.notification, electionEpoch } };
      }),
    );
    expect(whatIsSaid(behind)).toContain("a server tells");
  });

  it("must be held by those only who know of no newer configuration, and say so of others", () => {
    const isOfNewer = (effect: Effect): boolean =>
      effect.kind === "report" && effect.report.kind === "newerConfiguration";
    const silent = doing((effects) => effects.filter((effect) => !isOfNewer(effect)));
    expect(whatIsSaid(silent)).toMatch(/says whose configuration is newer: \[\], not \["0x\d"\]/);
  });

  it("must end when a quorum says so, with whom it names", () => {
    const isElected = (effect: Effect): boolean =>
      effect.kind === "report" && effect.report.kind === "elected";
    const undecided = doing((effects) => effects.filter((effect) => !isElected(effect)));
    expect(whatIsSaid(undecided)).toContain("takes for elected [] where it should be [{");
  });
});
