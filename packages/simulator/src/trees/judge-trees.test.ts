import { DataTree, type DataTreeOptions } from "@jute-ts/data-tree";
import type { ChangeRequest } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { Random } from "../world/random.js";
import { judgeTrees, type NewTree } from "./judge-trees.js";

/** What is said of trees over some draws; undefined when nothing is. */
function whatIsSaid(newTree?: NewTree): string | undefined {
  for (let seed = 1; seed <= effort(300, 60); seed += 1) {
    try {
      judgeTrees(new Random(seed), newTree);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}

describe("trees of drawn requests", () => {
  it("are what the documentation makes of them", () => {
    expect(whatIsSaid()).toBeUndefined();
  });

  it.each<DataTreeOptions>([
    { mostZnodes: undefined },
    { closeSessionTxns: true },
    { closeSessionTxns: false },
    { emulates353Ttls: false },
    { extendedTypes: true },
    { enforcesQuotas: false },
    { digests: true },
    { localSessions: true },
    { maxNeverUsedMs: 1 },
    { mostFuzzyTxns: undefined },
    { onWrite: undefined },
    { access: undefined },
  ])("must heed settings, and not %o", (change) => {
    expect(whatIsSaid((options) => new DataTree({ ...options, ...change }))).toBeDefined();
  });

  it("must be open to all where lists do not count", () => {
    const open: NewTree = ({ access, ...options }) =>
      new DataTree({ ...options, access: { ...access, skipChecks: true } });
    expect(whatIsSaid(open)).toBeDefined();
    const closed: NewTree = ({ access, ...options }) =>
      new DataTree({ ...options, access: { ...access, skipChecks: false } });
    expect(whatIsSaid(closed)).toBeDefined();
  });

  it("must not have what was prepared in vain", () => {
    class Remembering extends DataTree {
      override discardPrepared(): void {
        return undefined;
      }
    }
    expect(whatIsSaid((options) => new Remembering(options))).toBeDefined();
    class Generous extends DataTree {
      override prepare(request: ChangeRequest, zxid: bigint, timeMs: bigint): Uint8Array {
        return super.prepare(request, zxid, timeMs);
      }
    }
    expect(whatIsSaid((options) => new Generous(options))).toMatch(/^a txn has \d+ bytes, of \d+$/);
  });

  it("must come of any snapshot, and of nothing that was there before it", () => {
    class Mixed extends DataTree {
      override restore(zxid: bigint): ReturnType<DataTree["restore"]> {
        const loader = super.restore(zxid);
        return {
          get done() {
            return loader.done;
          },
          push: (bytes) => {
            const used = loader.push(bytes);
            if (loader.done) this.setLastProcessed(zxid + 1n);
            return used;
          },
        };
      }
    }
    expect(whatIsSaid((options) => new Mixed(options))).toContain("brings a tree elsewhere");
  });
});
