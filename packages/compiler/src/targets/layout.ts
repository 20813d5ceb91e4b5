/**
 * How many bytes types take. Adjacent fields of fixed size, nested records
 * included, form a run that is reserved and checked once, so that every offset
 * in it is a constant.
 */
import type { FieldSchema, RecordSchema, TypeSchema } from "../schema/model.js";
import { type FixedWireType, type PrimitiveName, wireType } from "../wire-types.js";

/** A record whose encoding always has the same length can be read and written at an offset. */
export class Layouts {
  readonly #sizes = new Map<RecordSchema, number | undefined>();
  readonly #strings = new Map<RecordSchema, boolean>();
  readonly #least = new Map<RecordSchema, number>();
  readonly #most = new Map<RecordSchema, number | undefined>();

  /** The exact size, in bytes, where all values have the same; undefined otherwise. */
  fixedSize(type: TypeSchema): number | undefined {
    switch (type.kind) {
      case "vector":
      case "map":
        return undefined;
      case "record":
        return this.fixedRecordSize(type.record);
      default:
        return wireType(type.kind).size;
    }
  }

  fixedRecordSize(record: RecordSchema): number | undefined {
    // A record that contains itself directly was refused by the checker, so this ends.
    if (!this.#sizes.has(record)) {
      this.#sizes.set(record, this.#sumOfFields(record));
    }
    return this.#sizes.get(record);
  }

  #sumOfFields(record: RecordSchema): number | undefined {
    let sum = 0;
    for (const field of record.fields) {
      const size = field.optional ? undefined : this.fixedSize(field.type);
      if (size === undefined) {
        return undefined;
      }
      sum += size;
    }
    return sum;
  }

  /** Whether a string is reachable, so that the size depends on how strings are encoded. */
  dependsOnStrings(type: TypeSchema): boolean {
    switch (type.kind) {
      case "vector":
        return this.dependsOnStrings(type.element);
      case "map":
        return this.dependsOnStrings(type.key) || this.dependsOnStrings(type.value);
      case "record":
        return this.#recordHoldsStrings(type.record);
      default:
        return isText(type.kind);
    }
  }

  #recordHoldsStrings(root: RecordSchema): boolean {
    const known = this.#strings.get(root);
    if (known !== undefined) {
      return known;
    }
    const seen = new Set([root]);
    /** Whether the type holds a string, as far as is known; records yet to be looked at are put aside. */
    const holdsString = (type: TypeSchema): boolean => {
      switch (type.kind) {
        case "vector":
          return holdsString(type.element);
        case "map":
          return holdsString(type.key) || holdsString(type.value);
        case "record":
          seen.add(type.record);
          return this.#strings.get(type.record) ?? false;
        default:
          return isText(type.kind);
      }
    };
    // The set grows while it is walked: every record that is reachable gets its turn.
    let found = false;
    for (const record of seen) {
      found = record.fields.some((field) => holdsString(field.type));
      if (found) {
        break;
      }
    }
    // Without a string, nothing that was reached has one either.
    for (const record of found ? [root] : seen) {
      this.#strings.set(record, found);
    }
    return found;
  }

  /** The minimum number of bytes that a value takes; counts of elements are checked against it. */
  leastSize(type: TypeSchema): number {
    switch (type.kind) {
      case "vector":
      case "map":
        return LENGTH_SIZE;
      case "record": {
        let least = this.#least.get(type.record);
        if (least === undefined) {
          least = type.record.fields.reduce(
            (sum, field) => sum + (field.optional ? 0 : this.leastSize(field.type)),
            0,
          );
          this.#least.set(type.record, least);
        }
        return least;
      }
      default:
        return wireType(type.kind).size ?? LENGTH_SIZE;
    }
  }

  /** The same of a whole record. */
  leastRecordSize(record: RecordSchema): number {
    return this.leastSize({ kind: "record", record });
  }

  /** The greatest number of bytes that a record takes; undefined where nothing bounds it. */
  mostRecordSize(record: RecordSchema): number | undefined {
    if (!this.#most.has(record)) {
      this.#most.set(record, this.#mostOfFields(record));
    }
    return this.#most.get(record);
  }

  #mostOfFields(record: RecordSchema): number | undefined {
    let sum = 0;
    for (const { type } of record.fields) {
      const most = type.kind === "record" ? this.mostRecordSize(type.record) : this.fixedSize(type);
      if (most === undefined) return undefined;
      sum += most;
    }
    return sum;
  }

  /** The fields of a record in order: runs of fixed size, and single fields of any other kind. */
  segments(record: RecordSchema): readonly Segment[] {
    const segments: Segment[] = [];
    let run: FieldSchema[] = [];
    let size = 0;
    const endRun = (): void => {
      if (run.length > 0) {
        segments.push({ kind: "run", fields: run, size });
        run = [];
        size = 0;
      }
    };
    for (const field of record.fields) {
      const fieldSize = field.optional ? undefined : this.fixedSize(field.type);
      if (fieldSize === undefined) {
        endRun();
        segments.push({ kind: "field", field });
      } else {
        run.push(field);
        size += fieldSize;
      }
    }
    endRun();
    return segments;
  }
}

function isText(name: PrimitiveName): boolean {
  const row = wireType(name);
  return row.size === undefined && row.isText;
}

/** The row of a type without structure that always takes the same number of bytes, as all that stand in a run do. */
export function fixedWireType(type: Exclude<TypeSchema, { kind: "record" }>): FixedWireType {
  const row = type.kind === "vector" || type.kind === "map" ? undefined : wireType(type.kind);
  if (row?.size === undefined) throw new Error(`a ${type.kind} has no fixed size`);
  return row;
}

export type Segment =
  | { readonly kind: "run"; readonly fields: readonly FieldSchema[]; readonly size: number }
  | { readonly kind: "field"; readonly field: FieldSchema };

/** The length in front of strings, buffers, vectors and maps. */
export const LENGTH_SIZE = 4;
