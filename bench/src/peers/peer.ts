/**
 * What the harness asks of a peer: for each workload a few closures that do one
 * operation, and a way to prove that they do the right thing. A closure gets the
 * iteration's number so that it can take turns between equal records.
 */
import type { Shape, Workload } from "../workloads.js";

/** What is timed; PeerCase says what each does. */
export const MODES = ["encode", "reuse", "write", "decode", "copied", "view", "gather"] as const;
export type Mode = (typeof MODES)[number];

export interface PeerCase {
  /** Encodes to bytes that the caller may keep forever. */
  readonly encode: (index: number) => Uint8Array;
  /**
   * Encodes into memory that the next call overwrites, and hands out a view of it. Missing where
   * the peer has no way to reuse memory; then `encode` stands in.
   */
  readonly reuse?: (index: number) => Uint8Array;
  /**
   * Encodes into such memory and hands out nothing, as for one of many messages that are sent
   * together. Missing where the peer always hands out a view; then `reuse` stands in.
   */
  readonly write?: (index: number) => unknown;
  /** Decodes and touches every field. */
  readonly decode: (index: number) => unknown;
  /** Reads two fields without decoding the rest. */
  readonly view?: (index: number) => unknown;
  /** Encodes without copying the caller's large buffers: a list of parts to be written in turn. */
  readonly gather?: (index: number) => readonly Uint8Array[];
  /** Decodes as `decode` does, but copies the bytes in the message; for the bulk workload. */
  readonly copied?: (index: number) => unknown;
  /** The first message decoded, as data, in whatever types the peer uses for longs and bytes. */
  readonly decoded: () => unknown;
}

export interface Peer {
  readonly name: string;
  /** Writes Jute's wire format, so its bytes must equal ours. */
  readonly jute: boolean;
  /** The same record may give other bytes each time, of the same length. */
  readonly varying?: boolean;
  /** Not a serializer but a bound, such as a plain copy: shown, never counted as a rival. */
  readonly bound?: boolean;
  /** Undefined where the peer cannot express the message. */
  prepare(workload: Workload): PeerCase | undefined;
}

/** How many equal records each case takes turns between; a power of two. */
export const COPIES = 4;

export function copies(workload: Workload): unknown[] {
  // The large buffer would fall out of the cache if there were four of it.
  if (workload.shape === "SetDataRequest")
    return new Array<unknown>(COPIES).fill(workload.record());
  return Array.from({ length: COPIES }, () => workload.record());
}

/** `COPIES` copies of the encoded message for decoding, each in memory of its own. */
export function inputs(workload: Workload, encoded: Uint8Array): Uint8Array[] {
  const copy = (): Uint8Array => new Uint8Array(encoded);
  return workload.shape === "SetDataRequest"
    ? new Array<Uint8Array>(COPIES).fill(copy())
    : Array.from({ length: COPIES }, copy);
}

/** The same as Node Buffers where the host has them, for peers that need or prefer them. */
export function bufferInputs(workload: Workload, encoded: Uint8Array): Buffer[] {
  const messages = inputs(workload, encoded);
  if (!("Buffer" in globalThis)) return messages as Buffer[];
  return messages.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength));
}

/** All parts in one array. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

export function at<T>(items: readonly T[], index: number): T {
  return items[index & (COPIES - 1)] as T;
}

export type { Shape, Workload };
