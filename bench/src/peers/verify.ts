/** Proves, before anything is timed, that a peer's case encodes and decodes the workload's record. */
import assert from "node:assert/strict";
import type { Workload } from "../workloads.js";
import type { Peer, PeerCase } from "./peer.js";

export function verify(
  peer: Peer,
  workload: Workload,
  tested: PeerCase,
  juteBytes: Uint8Array | undefined,
): void {
  const where = `${peer.name}, workload ${workload.id}`;
  const first = tested.encode(0);
  const kept = new Uint8Array(first);
  for (let i = 1; i < 8; i++) tested.encode(i);
  assert.ok(sameBytes(first, kept), `${where}: a later encode overwrote an owned result`);
  assert.deepEqual(mismatch(workload.record(), tested.decoded(), workload.id), undefined, where);
  tested.decode(1);
  if (tested.reuse !== undefined) {
    tested.reuse(0);
    tested.write?.(1);
    assert.ok(sameBytes(tested.reuse(2), kept), `${where}: reusing memory gives other bytes`);
  }
  if (tested.gather !== undefined) {
    const parts = Buffer.concat(tested.gather(0));
    assert.ok(sameBytes(parts, kept), `${where}: the gathered parts give other bytes`);
  }
  if (peer.jute && juteBytes !== undefined) {
    assert.ok(sameBytes(first, juteBytes), `${where}: not the bytes of Jute's wire format`);
  }
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/**
 * The path of the first difference, or undefined. Allows for each peer's types: a long may be
 * a number, a bigint, a Long or eight bytes, and a null list may come back absent or empty.
 */
export function mismatch(expected: unknown, actual: unknown, path: string): string | undefined {
  if (typeof expected === "bigint") {
    const text =
      actual instanceof Uint8Array
        ? Buffer.from(actual).readBigInt64BE().toString()
        : String(actual);
    return text === expected.toString() ? undefined : path;
  }
  if (expected instanceof Uint8Array) {
    return actual instanceof Uint8Array && sameBytes(expected, actual) ? undefined : path;
  }
  if (expected === null) {
    return actual === null || actual === undefined || (Array.isArray(actual) && actual.length === 0)
      ? undefined
      : path;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return path;
    return first(expected.keys(), (i) => mismatch(expected[i], actual[i], `${path}[${String(i)}]`));
  }
  if (typeof expected === "object") {
    if (typeof actual !== "object" || actual === null) return path;
    const values = actual as Record<string, unknown>;
    return first(Object.entries(expected), ([name, value]) =>
      mismatch(value, values[name], `${path}.${name}`),
    );
  }
  return Object.is(expected, actual) ? undefined : path;
}

function first<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
