import type { Effect, PeerStatus } from "@jute-ts/quorum";
import type { Notification } from "@jute-ts/quorum/wire";
import { describe, expect, it } from "vitest";
import { FakeRun } from "./fake-run.js";
import { StandsAside } from "./stands-aside.js";

const TAKEN = { kind: "cannotListen", text: "the port is taken" } as const;
const FREE = { kind: "canListen" } as const;

describe("StandsAside", () => {
  it("wants nobody to stand for election whose port is taken", () => {
    const run = newRun();
    run.step(3n, { role: "looking" }, [voteFor(3n)]);
    run.step(3n, {}, [voteFor(2n)], TAKEN);
    run.step(3n, {}, [voteFor(2n)]);
    expect(() => {
      run.step(3n, {}, [voteFor(3n)]);
    }).toThrow("3 votes for itself, though nobody can connect to it");
  });

  it("wants nobody to lead whose port is taken, but who serves", () => {
    const told = (before: Partial<PeerStatus>, after: Partial<PeerStatus>, size?: number) => {
      const run = newRun(size);
      run.step(1n, before);
      return () => {
        run.step(1n, after, [], TAKEN);
      };
    };
    const serving = { role: "leading", serving: true } as const;
    expect(told({ role: "leading" }, {})).toThrow("1 leads, though nobody can connect to it");
    expect(told({ role: "leading" }, { role: "ending" })).not.toThrow();
    expect(told(serving, {})).not.toThrow();
    const stopped = { role: "ending", serving: false } as const;
    expect(told(serving, stopped)).toThrow("1 is ending because its port is taken");
    expect(told({ role: "leading" }, {}, 1)).not.toThrow();
    expect(told({ role: "leading" }, { role: "ending" }, 1)).toThrow("because its port is taken");
  });

  it("wants whoever looks to stand again when the port is free", () => {
    const freed = (role: PeerStatus["role"], effects: readonly Effect[]) => {
      const run = newRun();
      run.step(3n, { role }, [], TAKEN);
      run.step(3n, {}, effects, FREE);
      return () => {
        run.step(3n, {});
      };
    };
    const stands = { kind: "voted", leader: 3n, zxid: 0n, peerEpoch: 0n, round: 2n } as const;
    expect(freed("looking", [{ kind: "report", report: stands }])).not.toThrow();
    expect(freed("looking", [])).toThrow("3 does not stand for election again");
    expect(freed("following", [])).not.toThrow();
  });

  it("knows nothing of a port after a crash", () => {
    const run = newRun();
    run.step(3n, { role: "looking" }, [], TAKEN);
    run.observe({ kind: "crash", sid: 3n });
    run.step(3n, {}, [voteFor(3n)]);
  });
});

function newRun(size?: number): FakeRun {
  return new FakeRun([new StandsAside()], size);
}

function voteFor(leader: bigint): Effect {
  const notification: Notification = {
    leader,
    zxid: 0n,
    peerEpoch: 0n,
    state: "looking",
    electionEpoch: 1n,
    version: 2,
    configuration: "",
  };
  return { kind: "notify", to: 2n, notification };
}
