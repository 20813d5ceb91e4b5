/** What the documentation says of a schema, apart from how it looks. */
import type { FieldSchema, RecordSchema, Schema, TypeSchema } from "../../schema/model.js";
import { hasNull } from "../../wire-types.js";
import { Layouts, LENGTH_SIZE } from "../layout.js";

export interface DocumentedModule {
  readonly name: string;
  readonly records: readonly DocumentedRecord[];
}

export interface DocumentedRecord {
  readonly record: RecordSchema;
  /** Unique in the page. */
  readonly anchor: string;
  readonly size: Size;
  readonly fields: readonly DocumentedField[];
  /** Records that have a field with it, each once. */
  readonly usedBy: readonly RecordSchema[];
}

export interface DocumentedField {
  readonly field: FieldSchema;
  /** Of the first byte, from that of the record; "8+" where what comes before may be longer. */
  readonly offset: string;
  /** In words: "8", "4 + n". */
  readonly size: string;
  /** What else the wire allows or forbids: "Optional, may be null."; empty where there is nothing to say. */
  readonly remark: string;
}

/** In bytes. No `most`: nothing bounds it. */
export interface Size {
  readonly least: number;
  readonly most: number | undefined;
}

/** Code in a comment, on one line between single backticks. Splitting by it makes every second part code. */
export const CODE: RegExp = /(?<!`)`([^`\n]+)`(?!`)/;

/** The modules that have emitted records. `anchors` says what each record is called in links. */
export function documentedModules(schema: Schema): {
  readonly modules: readonly DocumentedModule[];
  readonly anchors: ReadonlyMap<RecordSchema, string>;
} {
  const records = schema.modules.flatMap((module) => module.records.filter(isEmitted));
  const anchors = anchorsOf(records);
  const users = usersOf(records);
  const layouts = new Layouts();
  const modules = schema.modules
    .map(({ name, records: all }) => ({
      name,
      records: all.filter(isEmitted).map((record) => ({
        record,
        anchor: anchors.get(record) ?? "",
        size: { least: layouts.leastRecordSize(record), most: layouts.mostRecordSize(record) },
        fields: documentedFields(record, layouts),
        usedBy: [...(users.get(record) ?? [])],
      })),
    }))
    .filter(({ records: shown }) => shown.length > 0);
  return { modules, anchors };
}

/** "8 bytes", "8 to 20 bytes", "at least 8 bytes". */
export function sizeText({ least, most }: Size): string {
  const bytes = (count: number): string => `${String(count)} ${count === 1 ? "byte" : "bytes"}`;
  if (most === undefined) return `at least ${bytes(least)}`;
  return least === most ? bytes(least) : `${String(least)} to ${bytes(most)}`;
}

/** Parts of a type's name: texts, and records to link to. */
export function typeParts(type: TypeSchema): readonly (string | RecordSchema)[] {
  switch (type.kind) {
    case "record":
      return [type.record];
    case "vector":
      return ["vector<", ...typeParts(type.element), ">"];
    case "map":
      return ["map<", ...typeParts(type.key), ", ", ...typeParts(type.value), ">"];
    default:
      return [type.kind];
  }
}

function isEmitted({ emitted }: RecordSchema): boolean {
  return emitted;
}

function documentedFields(record: RecordSchema, layouts: Layouts): readonly DocumentedField[] {
  let least = 0;
  let isExact = true;
  return record.fields.map((field) => {
    const offset = `${String(least)}${isExact ? "" : "+"}`;
    const fixed = layouts.fixedSize(field.type);
    isExact &&= fixed !== undefined;
    // An optional field is there only if all before it are.
    least += layouts.leastSize(field.type);
    return { field, offset, size: fieldSize(field.type, layouts), remark: remarkOf(field) };
  });
}

function fieldSize(type: TypeSchema, layouts: Layouts): string {
  const fixed = layouts.fixedSize(type);
  if (fixed !== undefined) return String(fixed);
  if (type.kind === "record") return `${String(layouts.leastSize(type))}+`;
  return `${String(LENGTH_SIZE)} + n`;
}

function remarkOf({ type, optional, nonNull, nonNullElements }: FieldSchema): string {
  const remarks = [
    ...(optional ? ["optional"] : []),
    ...(hasNull(type.kind) && !nonNull ? ["may be null"] : []),
    ...(nonNullElements ? ["elements never null"] : []),
  ];
  const text = remarks.join(", ");
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The name in lower case, with its module where several records have it. */
function anchorsOf(records: readonly RecordSchema[]): ReadonlyMap<RecordSchema, string> {
  const counts = new Map<string, number>();
  for (const { name } of records) {
    const key = name.toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const taken = new Set<string>();
  const anchors = new Map<RecordSchema, string>();
  for (const record of records) {
    const short = record.name.toLowerCase();
    const wanted = counts.get(short) === 1 ? short : record.fullName.toLowerCase();
    let anchor = wanted;
    for (let nth = 2; taken.has(anchor); nth++) anchor = `${wanted}-${String(nth)}`;
    taken.add(anchor);
    anchors.set(record, anchor);
  }
  return anchors;
}

function usersOf(
  records: readonly RecordSchema[],
): ReadonlyMap<RecordSchema, ReadonlySet<RecordSchema>> {
  const users = new Map<RecordSchema, Set<RecordSchema>>();
  for (const user of records) {
    for (const part of user.fields.flatMap(({ type }) => typeParts(type))) {
      if (typeof part === "string") continue;
      const known = users.get(part) ?? new Set();
      users.set(part, known.add(user));
    }
  }
  return users;
}
