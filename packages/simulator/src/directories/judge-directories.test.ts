import { QuorumPeer } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { Random } from "../world/random.js";
import { drawDirectory } from "./drawn-directories.js";
import { tornLastLog } from "./damaged-logs.js";
import { Draft, type DrawnDirectory, type Outcome } from "./draft.js";
import { judgeDirectory } from "./judge-directories.js";
import type { NewPeer } from "./machine.js";

/** What is said of servers over some draws; undefined when nothing is. */
function whatIsSaid(
  change: (drawn: DrawnDirectory) => DrawnDirectory | undefined,
  newPeer?: NewPeer,
): string | undefined {
  for (let seed = 1; seed <= effort(300, 100); seed += 1) {
    const random = new Random(seed);
    const drawn = change(drawDirectory(random));
    if (drawn === undefined) continue;
    try {
      judgeDirectory(random, drawn, newPeer);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}

/** Has one outcome be expected of all directories that start. */
function expecting(
  change: (outcome: Extract<Outcome, { kind: "starts" }>) => Partial<Outcome>,
): (drawn: DrawnDirectory) => DrawnDirectory | undefined {
  return (drawn) =>
    drawn.outcome.kind === "starts"
      ? { ...drawn, outcome: { ...drawn.outcome, ...change(drawn.outcome) } as Outcome }
      : undefined;
}

describe("directories that servers find", () => {
  it("are started from or refused as they should be", () => {
    expect(whatIsSaid((drawn) => drawn)).toBeUndefined();
  });

  // In these draws, a header was cut in its zeros, and those that are written ahead come behind: nothing is torn.
  it.each([3101, 11515, 13956, 15804])("are as torn as they look: draw %i", (seed) => {
    const random = new Random(seed);
    expect(() => {
      judgeDirectory(random, tornLastLog(new Draft(random)));
    }).not.toThrow();
  });

  it("must be refused where something is missing, and started from where nothing is", () => {
    const refused = (drawn: DrawnDirectory): DrawnDirectory | undefined =>
      drawn.outcome.kind === "starts" ? { ...drawn, outcome: { kind: "refuses" } } : undefined;
    expect(whatIsSaid(refused)).toMatch(/^a server starts, in a directory with/);
    const stopped: NewPeer = (options, state) => {
      const peer = new QuorumPeer(options, state);
      peer.step({ kind: "stop", nowMs: 0, wallMs: 0 });
      return peer;
    };
    expect(
      whatIsSaid(
        expecting(() => ({})),
        stopped,
      ),
    ).toContain("refuses to start: stopped");
  });

  it("must lead to the same history, the same epochs and the same reports", () => {
    expect(whatIsSaid(expecting(({ lastZxid }) => ({ lastZxid: lastZxid + 1n })))).toContain(
      "starts with lastZxid",
    );
    expect(whatIsSaid(expecting(({ applied }) => ({ applied: [...applied, 1n] })))).toContain(
      "starts with applied",
    );
    expect(whatIsSaid(expecting(({ restored }) => ({ restored: restored.slice(1) })))).toContain(
      "starts with restored",
    );
    const later = expecting(({ acceptedEpoch }) => ({ acceptedEpoch: acceptedEpoch + 1 }));
    expect(whatIsSaid(later)).toContain("starts with acceptedEpoch");
    expect(whatIsSaid(expecting(() => ({ mayVote: false })))).toContain("starts with mayVote");
    expect(whatIsSaid(expecting(() => ({ mismatches: [] })))).toContain("starts with mismatches");
  });

  it("must be rid of what a start takes away", () => {
    const kept = expecting(() => ({}));
    const said = whatIsSaid((drawn) => {
      const [path] = drawn.files.find(([{ name }]) => name.startsWith("snapshot.")) ?? [];
      const changed = kept(drawn);
      return path === undefined ? undefined : changed && { ...changed, leftovers: [path] };
    });
    expect(said).toMatch(/^a server leaves snapshot/);
  });

  it("are as durable as a vote that rests on them", () => {
    const forgetful: NewPeer = (options, state) => {
      const peer = new QuorumPeer(options, state);
      return {
        // Whatever is to become durable counts as done without the disk.
        step: (event) => {
          const effects = [...peer.step(event)];
          for (let at = 0; at < effects.length; at += 1) {
            const effect = effects[at];
            if (effect?.kind !== "file" || effect.operation.kind !== "syncDirectory") continue;
            const { nowMs, wallMs } = event;
            const done = { kind: "fileDone", id: effect.id, result: { kind: "done" } } as const;
            effects.splice(at, 1, ...peer.step({ ...done, nowMs, wallMs }));
            at -= 1;
          }
          return effects;
        },
        nextDeadline: () => peer.nextDeadline(),
        status: () => peer.status(),
      };
    };
    expect(whatIsSaid((drawn) => drawn, forgetful)).toBeDefined();
  });
});
