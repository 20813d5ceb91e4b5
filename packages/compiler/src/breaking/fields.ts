/** What happened to the fields of one record. */
import type { FieldSchema, RecordSchema } from "../schema/model.js";
import type { Span } from "../syntax/source.js";
import { type Change, type ChangeKind, changeKinds, changeOf } from "./change.js";
import { hasSameBytes, isSameType, type Renames, typeText } from "./layout.js";

export interface FieldContext {
  readonly renames: Renames;
  /** Whether the caller says that the record ends a length-framed message. */
  readonly isFramed: boolean;
}

/** The changes from one version of a record to the next, in the order of the new one. */
export function compareFields(
  before: RecordSchema,
  after: RecordSchema,
  context: FieldContext,
): readonly Change[] {
  const changes: Change[] = [];
  const pairs = pairUp(before.fields, after.fields);
  const report = (
    kind: ChangeKind,
    message: string,
    old: Span | undefined,
    current: Span | undefined,
  ): void => {
    changes.push(changeOf(kind, message, old, current ?? after.span));
  };
  const paired = new Map(pairs.map((pair) => [pair.after, pair]));
  const lastPaired = after.fields.reduce(
    (last, field, index) => (paired.has(field) ? index : last),
    -1,
  );

  after.fields.forEach((field, index) => {
    const pair = paired.get(field);
    const name = `"${field.name}" of "${after.name}"`;
    if (pair !== undefined) {
      for (const [kind, message] of comparePair(pair, name, context.renames)) {
        report(kind, message, pair.before.span, field.span);
      }
    } else if (index < lastPaired) {
      report(changeKinds.fieldInserted, `field ${name} is inserted`, before.span, field.span);
    } else {
      report(appending(field, context), `field ${name} is appended`, before.span, field.span);
    }
  });
  const kept = new Set(pairs.map((pair) => pair.before));
  for (const field of before.fields) {
    if (kept.has(field)) continue;
    const message = `field "${field.name}" of "${after.name}" is deleted`;
    report(changeKinds.fieldDeleted, message, field.span, undefined);
  }
  return changes;
}

interface Pair {
  readonly before: FieldSchema;
  readonly after: FieldSchema;
  readonly isMoved: boolean;
}

function appending({ optional }: FieldSchema, { isFramed }: FieldContext): ChangeKind {
  if (optional) return changeKinds.optionalAppended;
  return isFramed ? changeKinds.framedAppended : changeKinds.fieldAppended;
}

function* comparePair(
  { before, after, isMoved }: Pair,
  name: string,
  renames: Renames,
): Iterable<readonly [ChangeKind, string]> {
  if (isMoved) yield [changeKinds.fieldMoved, `field ${name} is moved`];
  if (before.name !== after.name) {
    yield [changeKinds.fieldRenamed, `field ${name} was called "${before.name}"`];
  }
  if (!isSameType(before.type, after.type, renames)) {
    const isSame = hasSameBytes(before.type, after.type);
    const kind = isSame ? changeKinds.typeRenamed : changeKinds.fieldRetyped;
    yield [
      kind,
      `field ${name} was of type ${typeText(before.type)}, and is of type ${typeText(after.type)}`,
    ];
  }
  if (before.optional !== after.optional) {
    const words = after.optional ? "becomes optional" : "is no longer optional";
    yield [changeKinds.optionalChanged, `field ${name} ${words}`];
  }
  if (before.nonNull !== after.nonNull) {
    const words = after.nonNull ? "can no longer be null" : "can be null now";
    yield [changeKinds.nullChanged, `field ${name} ${words}`];
  }
  if (before.nonNullElements !== after.nonNullElements) {
    const words = after.nonNullElements ? "can no longer be null" : "can be null now";
    yield [changeKinds.nullChanged, `elements of field ${name} ${words}`];
  }
}

/**
 * Which old field became which new one: those of the same name, and between neighbours that stayed
 * where they were those that differ in nothing but their name.
 */
function pairUp(before: readonly FieldSchema[], after: readonly FieldSchema[]): readonly Pair[] {
  const byName = new Map(before.map((field) => [field.name, field]));
  const inPlace = longestCommon(before, after);
  const pairs: Pair[] = [];
  for (const field of after) {
    const old = byName.get(field.name);
    if (old !== undefined) pairs.push({ before: old, after: field, isMoved: !inPlace.has(field) });
  }
  const names = new Set(after.map(({ name }) => name));
  let start = { before: 0, after: 0 };
  const ends = [...inPlace.values(), { before: before.length, after: after.length }];
  for (const end of ends) {
    const gone = before.slice(start.before, end.before).filter(({ name }) => !names.has(name));
    const fresh = after.slice(start.after, end.after).filter(({ name }) => !byName.has(name));
    gone.forEach((field, index) => {
      const other = fresh[index];
      if (other !== undefined && hasSameBytes(field.type, other.type)) {
        pairs.push({ before: field, after: other, isMoved: false });
      }
    });
    start = { before: end.before + 1, after: end.after + 1 };
  }
  return pairs;
}

/**
 * The fields whose names stand in the same order in both, as many as possible, with their places.
 * No name stands twice in a class, so they are a longest increasing sequence of old places,
 * which takes n log n steps and no table of all pairs.
 */
function longestCommon(
  before: readonly FieldSchema[],
  after: readonly FieldSchema[],
): ReadonlyMap<FieldSchema, { readonly before: number; readonly after: number }> {
  const places = new Map(before.map(({ name }, place) => [name, place]));
  const olds = after.map(({ name }) => places.get(name));
  // How long the longest increasing sequence from each new place on is.
  const lengths = new Uint32Array(after.length);
  // At k the greatest old place with which a sequence of k + 1 begins: they fall with k.
  const starts: number[] = [];
  for (let j = after.length - 1; j >= 0; j--) {
    const old = olds[j];
    if (old === undefined) continue;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) > old) low = middle + 1;
      else high = middle;
    }
    starts[low] = old;
    lengths[j] = low + 1;
  }
  const common = new Map<FieldSchema, { before: number; after: number }>();
  let last = -1;
  after.forEach((field, j) => {
    const old = olds[j];
    if (old === undefined || old <= last || lengths[j] !== starts.length - common.size) return;
    common.set(field, { before: old, after: j });
    last = old;
  });
  return common;
}
