/** Proves, before anything is timed, that a peer's case encodes and decodes the workload's record. */
import type { Workload } from "../workloads.js";
import { joined, type Peer, type PeerCase } from "./peer.js";

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
  check(sameBytes(first, kept), `${where}: a later encode overwrote an owned result`);
  const different = mismatch(workload.record(), tested.decoded(), workload.id);
  check(different === undefined, `${where}: ${different ?? ""} is not what was encoded`);
  tested.decode(1);
  if (tested.reuse !== undefined) {
    tested.reuse(0);
    tested.write?.(1);
    const again = tested.reuse(2);
    const same = peer.varying === true ? again.length === kept.length : sameBytes(again, kept);
    check(same, `${where}: reusing memory gives other bytes`);
  }
  if (tested.copied !== undefined) {
    const whole = { ...tested, decoded: () => tested.copied?.(0) };
    const wrong = mismatch(workload.record(), whole.decoded(), workload.id);
    check(wrong === undefined, `${where}: ${wrong ?? ""} is not what was encoded, copied`);
    check(copiesBytes(whole), `${where}: the bytes are not copied`);
  }
  if (tested.gather !== undefined) {
    const parts = joined(tested.gather(0));
    check(sameBytes(parts, kept), `${where}: the gathered parts give other bytes`);
  }
  if (peer.jute && juteBytes !== undefined) {
    check(sameBytes(first, juteBytes), `${where}: not the bytes of Jute's wire format`);
  }
}

function check(holds: boolean, complaint: string): void {
  if (!holds) throw new Error(complaint);
}

export function sameBytes(left: ArrayLike<number>, right: ArrayLike<number>): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/**
 * Whether decoding copies the bytes in a message, found out by changing what was decoded: where
 * it is a view of the message, decoding once more brings the change back.
 */
export function copiesBytes(tested: PeerCase): boolean {
  const before = bytesIn(tested.decoded());
  if (before === undefined) throw new Error("This message holds no bytes");
  const value = before[0] ?? 0;
  before[0] = value ^ 0xff;
  const after = bytesIn(tested.decoded())?.[0];
  before[0] = value;
  return after === value;
}

function bytesIn(decoded: unknown): { [index: number]: number } | undefined {
  const { data } = decoded as { data?: unknown };
  return data instanceof Uint8Array || isNumbers(data) ? data : undefined;
}

/** Bytes in a peer that has no type for them. */
function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === "number");
}

/**
 * The path of the first difference, or undefined. Allows for each peer's types: a long may be
 * a number, a bigint, a Long or eight bytes, bytes may be an array of numbers, and a null list may
 * come back absent or empty.
 */
export function mismatch(expected: unknown, actual: unknown, path: string): string | undefined {
  if (typeof expected === "bigint") {
    const text =
      actual instanceof Uint8Array
        ? new DataView(actual.buffer, actual.byteOffset).getBigInt64(0).toString()
        : String(actual);
    return text === expected.toString() ? undefined : path;
  }
  if (expected instanceof Uint8Array) {
    const bytes = actual instanceof Uint8Array || isNumbers(actual) ? actual : [];
    return sameBytes(expected, bytes) ? undefined : path;
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
