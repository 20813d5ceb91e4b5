/** Damaged and invented bytes: they give a txn, a result or a typed error, and a tree that still works. */
import { readFileSync } from "node:fs";
import { SnapshotFormatError } from "@jute-ts/persistence";
import { JuteDecodeError } from "@jute-ts/runtime";
import { decodeTxn, OpCode, UnknownOpCodeError } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TxnResult } from "@jute-ts/quorum";
import { effort } from "../../../test/effort.js";
import { DataTree } from "./data-tree.js";
import { SnapshotContentError } from "./snapshot-loading.js";

/** Java's recorded requests and txns, as material. */
const recorded = readFileSync(
  new URL("../../../test/java/data-tree/history.jsonl", import.meta.url),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as [kind: string, ...unknown[]]);

const txns = recorded
  .filter(([kind]) => kind === "prepare" || kind === "txn")
  .map((line) => Buffer.from(line.at(-1) as string, "base64"));

const requests = recorded
  .filter(([kind]) => kind === "prepare")
  .map((line) => ({ opCode: line[3] as number, body: Buffer.from(line[4] as string, "base64") }));

/** A few bytes replaced, some taken away. */
const damage = fc.record({
  changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
  cut: fc.oneof(fc.constant(0), fc.nat(40)),
});

function damaged(
  bytes: Uint8Array,
  { changes, cut }: { changes: [number, number][]; cut: number },
) {
  const copy = Uint8Array.from(bytes.subarray(0, Math.max(bytes.length - cut, 0)));
  for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value;
  return copy;
}

function tree(count: number): DataTree {
  const tree = new DataTree({ extendedTypes: true });
  for (const bytes of txns.slice(0, count)) apply(tree, bytes);
  return tree;
}

function apply(tree: DataTree, bytes: Uint8Array): TxnResult {
  const { header } = decodeTxn(bytes, { invalidUtf8: "replace" });
  return tree.apply({ zxid: header.zxid, header, bytes });
}

/** What a damaged tree would get wrong: its own snapshot, loaded again, must be the same tree. */
function expectSound(tree: DataTree): void {
  const snapshot = tree.snapshot();
  const copy = new DataTree({ extendedTypes: true });
  const sink = copy.restore(snapshot.zxid);
  for (let piece = snapshot.next(); piece !== undefined; piece = snapshot.next()) sink.push(piece);
  expect([copy.digest(), copy.nodeCount]).toEqual([tree.digest(), tree.nodeCount]);
  expect([...copy.paths()]).toEqual([...tree.paths()]);
}

test("prepares a txn that can be applied for whatever a client sends", () => {
  const subject = tree(500);
  let zxid = 0x600000000n;
  const bodies = fc.oneof(
    fc
      .tuple(fc.constantFrom(...requests), damage)
      .map(([{ opCode, body }, how]) => ({ opCode, body: damaged(body, how) })),
    fc.record({
      opCode: fc.integer({ min: -12, max: 110 }),
      body: fc.uint8Array({ maxLength: 60 }),
    }),
  );
  const sessionIds = fc.constantFrom(...subject.sessions.keys(), 0n, 77n);
  fc.assert(
    fc.property(bodies, sessionIds, fc.boolean(), ({ opCode, body }, sessionId, isSuper) => {
      // Sessions shall last for the next requests.
      fc.pre(opCode !== OpCode.closeSession);
      const authInfo = [{ scheme: isSuper ? "super" : "ip", id: "" }];
      zxid++;
      const bytes = subject.prepare({ sessionId, cxid: 1, opCode, body, authInfo }, zxid, 0n);
      const { err, expectedDigest } = apply(subject, bytes);
      if (err === 0) expect(expectedDigest).toBe(subject.digest());
      expect(subject.lastProcessedZxid).toBe(zxid);
    }),
    { numRuns: effort(3000, 500) },
  );
  expectSound(subject);
});

test("applies a damaged txn or says what is wrong with it", () => {
  const subject = tree(500);
  fc.assert(
    fc.property(fc.constantFrom(...txns), damage, (bytes, how) => {
      try {
        apply(subject, damaged(bytes, how));
      } catch (error) {
        const expected = error instanceof JuteDecodeError || error instanceof UnknownOpCodeError;
        if (!expected) throw error;
      }
    }),
    { numRuns: effort(3000, 500) },
  );
  expectSound(subject);
});

test("restores a damaged snapshot or says what is wrong with it", () => {
  const snapshot = tree(300).snapshot();
  const pieces: Uint8Array[] = [];
  for (let piece = snapshot.next(); piece !== undefined; piece = snapshot.next())
    pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const subject = new DataTree({ extendedTypes: true });
  fc.assert(
    fc.property(damage, (how) => {
      try {
        const sink = subject.restore(1n);
        sink.push(damaged(bytes, how));
        if (sink.done) expectSound(subject);
      } catch (error) {
        const expected =
          error instanceof SnapshotFormatError || error instanceof SnapshotContentError;
        if (!expected) throw error;
      }
    }),
    { numRuns: effort(300, 50) },
  );
  subject.clear();
  expectSound(subject);
});
