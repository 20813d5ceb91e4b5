/** Every peer that Node runs, checked on every message as before each measurement. */
import { describe, expect, test } from "vitest";
import { WORKLOADS } from "../workloads.js";
import { bytesOf, loadPeers, RIVAL_NAMES } from "./index.js";
import type { PeerCase } from "./peer.js";
import { copiesBytes, mismatch, sameBytes, verify } from "./verify.js";

describe("what is checked before a measurement", () => {
  const kept = { data: Uint8Array.of(1, 2, 3) };
  const nothing = { encode: () => new Uint8Array(0), decode: () => undefined };

  test("tells a view of the message from a copy of its bytes", () => {
    const view: PeerCase = { ...nothing, decoded: () => ({ data: kept.data.subarray(0) }) };
    const copy: PeerCase = { ...nothing, decoded: () => ({ data: kept.data.slice() }) };
    const numbers: PeerCase = { ...nothing, decoded: () => ({ data: [...kept.data] }) };
    expect(copiesBytes(view)).toBe(false);
    expect(copiesBytes(copy)).toBe(true);
    expect(copiesBytes(numbers)).toBe(true);
    expect([...kept.data]).toEqual([1, 2, 3]);
  });

  test("finds a value that differs, and allows for a peer's types", () => {
    const record = { zxid: 5n, data: Uint8Array.of(1, 2), list: null };
    expect(mismatch(record, { zxid: 5, data: [1, 2] }, "r")).toBeUndefined();
    expect(mismatch(record, { zxid: 6n, data: [1, 2] }, "r")).toBe("r.zxid");
    expect(mismatch(record, { zxid: 5n, data: [1, 3] }, "r")).toBe("r.data");
    expect(mismatch(record, { zxid: 5n, data: [1] }, "r")).toBe("r.data");
  });

  test("bytes are the same or not", () => {
    expect(sameBytes([1, 2], Uint8Array.of(1, 2))).toBe(true);
    expect(sameBytes([1, 2], [1, 2, 3])).toBe(false);
    expect(sameBytes([1, 2], [1, 3])).toBe(false);
  });
});

describe("the peers", async () => {
  const peers = await loadPeers(RIVAL_NAMES);
  const [ours] = peers;
  if (ours === undefined) throw new Error("Ours is missing");
  test.each(peers.map((peer) => [peer.name, peer] as const))("%s keeps every value", (_, peer) => {
    const without = WORKLOADS.filter((workload) => {
      const prepared = peer.prepare(workload);
      if (prepared === undefined) return true;
      verify(peer, workload, prepared, bytesOf(ours, workload));
      return false;
    });
    // Those that cannot express a message say so in their notes.
    expect(without.every(({ bulk }) => bulk)).toBe(true);
  });
});
