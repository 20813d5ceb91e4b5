/**
 * `@jute-ts/compiler/breaking`: what a change of a schema does to peers and programs. Jute has no
 * field numbers, so places and types are all that counts on the wire.
 */
import type { RecordSchema, Schema } from "../schema/model.js";
import { CompileOptionsError } from "../module-selection.js";
import {
  asDiagnostic,
  type Change,
  type ChangeKind,
  changeKinds,
  type ChangeLevel,
  changeOf,
} from "./change.js";
import { compareFields } from "./fields.js";
import { hasSameBytes } from "./layout.js";

export { asDiagnostic, changeKinds };
export type { Change, ChangeKind, ChangeLevel };

export interface CompareOptions {
  /**
   * Full names of records that stand last in a message whose length is known, and whose readers
   * take the end of the message for the absence of a field. Appending to them is safe.
   */
  readonly framed?: readonly string[] | undefined;
}

/**
 * The changes from one schema to the next: classes in the order of the new schema, then those that
 * are gone. Both directions count: new readers of old bytes, and old readers of new ones.
 *
 * Throws {@link CompileOptionsError} when `framed` names a record that the new schema does not have,
 * or one that other bytes may follow.
 */
export function compareSchemas(
  before: Schema,
  after: Schema,
  { framed = [] }: CompareOptions = {},
): readonly Change[] {
  const old = byFullName(before);
  const current = byFullName(after);
  refuseUnframed(framed, current);
  const renames = renamesOf(old, current);
  const formerNames = new Map([...renames].map(([from, to]) => [to, from]));

  const changes: Change[] = [];
  for (const [fullName, record] of current) {
    const formerName = formerNames.get(fullName);
    const former = old.get(formerName ?? fullName);
    if (former === undefined) {
      const message = `class "${fullName}" is added`;
      changes.push(changeOf(changeKinds.recordAdded, message, undefined, record.span));
      continue;
    }
    if (formerName !== undefined) {
      const message = `class "${fullName}" was called "${formerName}"`;
      changes.push(changeOf(changeKinds.recordRenamed, message, former.span, record.span));
    }
    const isFramed = framed.includes(fullName);
    changes.push(...compareFields(former, record, { renames, isFramed }));
  }
  for (const [fullName, record] of old) {
    if (current.has(fullName) || renames.has(fullName)) continue;
    const message = `class "${fullName}" is removed`;
    changes.push(changeOf(changeKinds.recordRemoved, message, record.span, undefined));
  }
  return changes;
}

function byFullName({ modules }: Schema): ReadonlyMap<string, RecordSchema> {
  const records = modules.flatMap((module) => module.records);
  return new Map(records.map((record) => [record.fullName, record]));
}

/**
 * Classes that are gone, with the one new class that has the same bytes and the same name in another
 * module, or else the same names of fields.
 */
function renamesOf(
  old: ReadonlyMap<string, RecordSchema>,
  current: ReadonlyMap<string, RecordSchema>,
): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  const fresh = new Set([...current.values()].filter(({ fullName }) => !old.has(fullName)));
  for (const record of old.values()) {
    if (current.has(record.fullName)) continue;
    const alike = [...fresh].filter((each) =>
      hasSameBytes({ kind: "record", record }, { kind: "record", record: each }),
    );
    const namesakes = alike.filter(({ name }) => name === record.name);
    const lookalikes = alike.filter((each) => fieldNames(each) === fieldNames(record));
    const [only, ...others] = namesakes.length > 0 ? namesakes : lookalikes;
    if (only === undefined || others.length > 0) continue;
    renames.set(record.fullName, only.fullName);
    fresh.delete(only);
  }
  return renames;
}

function fieldNames({ fields }: RecordSchema): string {
  return fields.map(({ name }) => name).join(" ");
}

function refuseUnframed(
  framed: readonly string[],
  current: ReadonlyMap<string, RecordSchema>,
): void {
  for (const name of framed) {
    const record = current.get(name);
    if (record === undefined) {
      throw new CompileOptionsError(`the new schema has no class "${name}"`);
    }
    for (const user of current.values()) {
      const last = user.fields.length - 1;
      const follows = user.fields.find(
        ({ type }, index) =>
          isInside(record, type) && (index < last || type.kind === "vector" || type.kind === "map"),
      );
      if (follows === undefined) continue;
      throw new CompileOptionsError(
        `"${name}" does not end a message: something may follow it in "${follows.name}" of "${user.fullName}"`,
      );
    }
  }
}

function isInside(record: RecordSchema, type: RecordSchema["fields"][number]["type"]): boolean {
  switch (type.kind) {
    case "record":
      return type.record === record;
    case "vector":
      return isInside(record, type.element);
    case "map":
      return isInside(record, type.key) || isInside(record, type.value);
    default:
      return false;
  }
}
