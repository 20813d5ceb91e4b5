import type { Report } from "@jute-ts/quorum";
import { encodeTxn, makeZxid, OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { ComparedDigests } from "./compared-digests.js";
import { FakeRun, txnOf } from "./fake-run.js";

const RIGHT = 5n;

class Following {
  readonly run = new FakeRun([new ComparedDigests()]);
  #counter = 0;

  /** Server 2 applies a txn that carries the digest, or another leader's that carries none. */
  applies(compares: boolean, carriesDigest = true): this {
    const zxid = makeZxid(1, ++this.#counter);
    const header = { clientId: 7n, cxid: 0, zxid, time: 0n };
    const digest = carriesDigest ? { version: 2, treeDigest: RIGHT } : null;
    const txn = txnOf(zxid, encodeTxn(OpCode.createSession, header, { timeOut: 1000 }, digest));
    const outcome = { err: 0, type: OpCode.createSession };
    const result = compares ? { ...outcome, expectedDigest: RIGHT } : outcome;
    this.run.step(2n, {}, [{ kind: "applied", txn, result, committed: true }]);
    return this;
  }

  reports(report: Report): this {
    this.run.step(2n, {}, [{ kind: "report", report }]);
    return this;
  }
}

describe("ComparedDigests", () => {
  it("accepts a server that compares all, or has not begun to, and txns that have no digest", () => {
    new Following().applies(true).applies(true).applies(true, false);
    new Following().applies(false).applies(false).applies(true).applies(false, false);
  });

  it("refuses that one is not compared after one that was", () => {
    expect(() => new Following().applies(true).applies(false)).toThrow("compares no digest");
  });

  it("takes another leader, a new process and a difference that was reported for reasons", () => {
    new Following()
      .applies(true)
      .reports({ kind: "digestMismatch", zxid: 1n, expected: RIGHT, actual: 6n })
      .applies(false);
    new Following()
      .applies(true)
      .reports({ kind: "roleChanged", role: "looking", leader: undefined, why: "" })
      .applies(false);
    const following = new Following().applies(true);
    following.run.observe({ kind: "crash", sid: 2n });
    following.applies(false);
  });
});
