import { type Effect, QuorumPeer } from "@jute-ts/quorum";
import { expect, it } from "vitest";
import type { NewPeer } from "../directories/machine.js";
import { Random } from "../world/random.js";
import { judgeLiveDigests } from "./judge-live-digests.js";

/** Judges ten draws of servers whose effects are changed. */
function judge(change: (effects: readonly Effect[]) => readonly Effect[]): void {
  const newPeer: NewPeer = (options, state) => {
    const peer = new QuorumPeer(options, state);
    return {
      step: (event) => change(peer.step(event)),
      nextDeadline: () => peer.nextDeadline(),
      status: () => peer.status(),
    };
  };
  for (let seed = 1; seed <= 10; seed += 1) judgeLiveDigests(new Random(seed), newPeer);
}

const isMismatch = (effect: Effect): boolean =>
  effect.kind === "report" && effect.report.kind === "digestMismatch";

it("accepts who tells of each mismatch", () => {
  expect(() => {
    judge((effects) => effects);
  }).not.toThrow();
});

it("refuses who tells of none, or of none that is", () => {
  expect(() => {
    judge((effects) => effects.filter((effect) => !isMismatch(effect)));
  }).toThrow(/^a server tells of \[\] where it should of \[0x100000\d+: -?\d+ expected/);
  const made: Effect = {
    kind: "report",
    report: { kind: "digestMismatch", zxid: 5n, expected: 1n, actual: 2n },
  };
  expect(() => {
    judge((effects) =>
      effects.some(({ kind }) => kind === "answer") ? [...effects, made] : effects,
    );
  }).toThrow("0x5: 1 expected, 2 found");
});

it("refuses who does not apply what was asked for", () => {
  expect(() => {
    judge((effects) => effects.filter(({ kind }) => kind !== "file"));
  }).toThrow("a server applies 0 txns of 4");
});
