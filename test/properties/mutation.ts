/** Damage to packets: what a broken or hostile peer might send instead of a valid one. */
import fc, { type Arbitrary } from "fast-check";

/** One edit. Positions are taken modulo what there is, so an edit fits every packet. */
type Edit =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "set"; readonly at: number; readonly byte: number }
  /** Overwrites an int that looks like a length or a count. */
  | { readonly kind: "length"; readonly which: number; readonly value: number }
  /** The same with a value close to the number of bytes that follow. */
  | { readonly kind: "lengthNearRest"; readonly which: number; readonly difference: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: readonly number[] }
  | { readonly kind: "remove"; readonly at: number; readonly count: number }
  | { readonly kind: "repeat"; readonly at: number; readonly count: number };

/** One to three edits, applied to a copy of the packet. */
export const mutation: Arbitrary<(packet: Uint8Array) => Uint8Array> = fc
  .array(edit(), { minLength: 1, maxLength: 3 })
  .map((edits) =>
    Object.assign(
      (packet: Uint8Array) => edits.reduce((bytes, next) => apply(next, bytes), packet),
      { [fc.toStringMethod]: () => JSON.stringify(edits) },
    ),
  );

function edit(): Arbitrary<Edit> {
  const at = fc.nat(0xffff);
  const hostileLength = fc.oneof(
    fc.constantFrom(-1, -2, -0x8000_0000, 0x7fff_ffff, 0x7fff_fffe, 0x4000_0000, 0, 1, 2),
    fc.integer(),
  );
  return fc.oneof(
    fc.record({ kind: fc.constant("flip"), at, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant("set"), at, byte: fc.nat(0xff) }),
    {
      arbitrary: fc.record({ kind: fc.constant("length"), which: at, value: hostileLength }),
      weight: 3,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant("lengthNearRest"),
        which: at,
        difference: fc.integer({ min: -5, max: 3 }),
      }),
      weight: 3,
    },
    fc.record({
      kind: fc.constant("insert"),
      at,
      bytes: fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xed, 0xff), {
        minLength: 1,
        maxLength: 6,
      }),
    }),
    fc.record({ kind: fc.constant("remove"), at, count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant("repeat"), at, count: fc.integer({ min: 1, max: 40 }) }),
  );
}

function apply(next: Edit, bytes: Uint8Array): Uint8Array {
  switch (next.kind) {
    case "flip": {
      const at = next.at % Math.max(1, bytes.length);
      return overwritten(bytes, at, [(bytes[at] ?? 0) ^ (1 << next.bit)]);
    }
    case "set":
      return overwritten(bytes, next.at % Math.max(1, bytes.length), [next.byte]);
    case "length":
      return withLength(bytes, next.which, () => next.value);
    case "lengthNearRest":
      return withLength(bytes, next.which, (rest) => rest + next.difference);
    case "insert": {
      const at = next.at % (bytes.length + 1);
      return Uint8Array.from([...bytes.subarray(0, at), ...next.bytes, ...bytes.subarray(at)]);
    }
    case "remove": {
      const at = next.at % (bytes.length + 1);
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + next.count)]);
    }
    case "repeat": {
      const at = next.at % (bytes.length + 1);
      const end = at + next.count;
      return Uint8Array.from([...bytes.subarray(0, end), ...bytes.subarray(at)]);
    }
  }
}

function withLength(
  bytes: Uint8Array,
  which: number,
  newLength: (rest: number) => number,
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const candidates: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    const value = view.getInt32(at);
    if (value >= -1 && value <= bytes.length - at - 4) candidates.push(at);
  }
  const at = candidates[which % Math.max(1, candidates.length)];
  if (at === undefined) return bytes;
  const value = new DataView(new ArrayBuffer(4));
  value.setInt32(0, newLength(bytes.length - at - 4));
  return overwritten(bytes, at, new Uint8Array(value.buffer));
}

/** A copy with some bytes replaced; what does not fit is dropped. */
function overwritten(bytes: Uint8Array, at: number, replacement: ArrayLike<number>): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = 0; i < replacement.length && at + i < copy.length; i++) {
    copy[at + i] = replacement[i] ?? 0;
  }
  return copy;
}
