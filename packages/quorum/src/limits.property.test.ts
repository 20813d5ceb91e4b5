/**
 * Members whose limits of length differ: what one's leader has committed, another
 * takes from the wire, applies, logs, starts again with, and passes on. And whatever
 * is taken from the wire can be applied and started with, or is not taken.
 */
import {
  encodeTxn,
  makeZxid,
  OpCode,
  packMultiTxn,
  type SubTxnInit,
  TxnHeader,
} from "@jute-ts/zookeeper";
import fc from "fast-check";
import { expect, test } from "vitest";
import { effort } from "../../../test/effort.js";
import { CrashDisk } from "../test/storage/crash-disk.js";
import { DataTree } from "@jute-ts/data-tree";
import type { Effect } from "./effects.js";
import { encodePacket } from "./wire/codec.js";
import { PacketStream } from "./wire/packet-stream.js";
import { ProtocolViolation } from "./protocol-violation.js";
import type { LoggedTxn } from "./replicated-state.js";
import { Storage } from "./storage/storage.js";
import type { StorageOutcome } from "./storage/storage-outcome.js";

/** What a member keeps, and a limit that is its own. */
class Member {
  readonly tree = new DataTree({ snapshotPieceBytes: 300 });
  readonly outcomes: StorageOutcome[] = [];
  readonly storage: Storage;
  readonly #disk: CrashDisk;
  readonly #waiting: (Effect & { kind: "file" })[] = [];

  constructor(limit: number, disk = new CrashDisk()) {
    this.#disk = disk;
    const storage = { snapCount: 6, preAllocSizeBytes: 1000, readBytes: 700, maxBatchBytes: 2000 };
    this.storage = new Storage(
      { storage, maxTxnBytes: limit, commitLogCount: 100, random: () => 0, nowMs: () => 0 },
      this.tree,
      (effect) => {
        if (effect.kind === "file") this.#waiting.push(effect);
      },
      (outcome) => {
        this.outcomes.push(outcome);
      },
    );
    this.storage.recover();
    this.run();
  }

  run(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.storage.onFileDone(next.id, this.#disk.carryOut(next.operation));
    }
  }

  /** As a member of epoch 1, whose snapshots hold nothing but what is committed. */
  begin(): this {
    this.storage.writeAcceptedEpoch(1);
    this.storage.writeCurrentEpoch(1);
    this.run();
    this.storage.allowSnapshots(true);
    return this;
  }

  take(txn: LoggedTxn): void {
    this.storage.append(txn);
    this.tree.apply(txn);
    this.storage.onApplied();
    this.run();
  }

  /** The same data with another limit, after a loss of power. */
  again(limit: number): Member {
    return new Member(
      limit,
      this.#disk.afterCrash(() => false),
    );
  }
}

const limits = fc.integer({ min: 100, max: 3000 });
const sizes = fc.oneof(fc.nat(200), fc.nat(9000));

/** Creates, changes and multis of many lengths, one after the other. */
const histories = fc
  .array(fc.record({ sizes: fc.array(sizes, { minLength: 1, maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 15,
  })
  .map((entries) => entries.map(({ sizes }, index) => proposal(index + 1, sizes)));

/** The PROPOSAL of a txn with a znode for each size. */
function proposal(counter: number, dataSizes: readonly number[]): Uint8Array {
  const zxid = makeZxid(1, counter);
  const header = { clientId: 1n, cxid: counter, zxid, time: 1n };
  const acl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
  const parts = dataSizes.map((size, index): SubTxnInit & { type: typeof OpCode.create } => ({
    type: OpCode.create,
    body: {
      path: `/n${counter}-${index}`,
      data: new Uint8Array(size).fill(counter),
      acl,
      ephemeral: false,
      parentCVersion: -1,
    },
  }));
  const [only] = parts;
  const bytes =
    parts.length === 1 && only !== undefined
      ? encodeTxn(OpCode.create, header, only.body)
      : encodeTxn(OpCode.multi, header, packMultiTxn(parts));
  return encodePacket({
    kind: "PROPOSAL",
    txn: { zxid, header: new TxnHeader(header), bytes },
  });
}

/** The txns that a learner with this limit takes from these bytes, which come in pieces of a size. */
function received(packets: readonly Uint8Array[], limit: number, piece: number): LoggedTxn[] {
  const stream = new PacketStream({ sender: "leader", maxPacketBytes: limit });
  stream.acceptLongTxns();
  const bytes = Buffer.concat(packets);
  const txns: LoggedTxn[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    stream.push(bytes.subarray(at, at + piece));
    for (let item = stream.next(); item !== undefined; item = stream.next()) {
      if (item.kind === "PROPOSAL") txns.push(item.txn);
    }
  }
  return txns;
}

test("what a leader with a higher limit has committed is taken, logged, found again and passed on", () => {
  fc.assert(
    fc.property(
      histories,
      limits,
      limits,
      fc.integer({ min: 1, max: 5000 }),
      (packets, limit, later, piece) => {
        const txns = received(packets, limit, piece);
        expect(txns).toHaveLength(packets.length);
        const member = new Member(limit).begin();
        for (const txn of txns) member.take(txn);
        const { tree } = member;
        expect(tree.lastProcessedZxid).toBe(makeZxid(1, packets.length));

        const again = member.again(later);
        expect(again.outcomes.map(({ kind }) => kind)).toEqual(["recovered"]);
        expect([again.tree.lastProcessedZxid, again.tree.digest()]).toEqual([
          tree.lastProcessedZxid,
          tree.digest(),
        ]);

        const snapshot = again.tree.snapshot();
        const copy = new DataTree();
        const sink = copy.restore(snapshot.zxid);
        for (let next = snapshot.next(); next !== undefined; next = snapshot.next())
          sink.push(next);
        expect([sink.done, copy.digest()]).toEqual([true, tree.digest()]);
      },
    ),
    { numRuns: effort(150, 20) },
  );
});

test("a damaged txn is not taken, or it can be applied and started with", () => {
  const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(sizes, { minLength: 1, maxLength: 3 }),
      damages,
      limits,
      (sizes, damage, limit) => {
        const packet = proposal(1, sizes);
        // After the packet's own header, which says how long it is; most txns are short before their data.
        for (const [at, value] of damage)
          packet[16 + (at % Math.min(packet.length - 16, 150))] = value;
        let txns: LoggedTxn[];
        try {
          txns = received([packet], limit, 1000);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation);
          return;
        }
        const member = new Member(limit).begin();
        for (const txn of txns) member.take(txn);
        const again = member.again(limit);
        expect(again.outcomes.map(({ kind }) => kind)).toEqual(["recovered"]);
        expect(again.tree.digest()).toBe(member.tree.digest());
      },
    ),
    { numRuns: effort(1500, 200) },
  );
});
