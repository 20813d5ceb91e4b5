/** `read` and `readAt`: straight-line decoding from the binary archive. */
import type { FieldSchema, TypeSchema } from "../../schema/model.js";
import { wireType } from "../../wire-types.js";
import { fixedWireType } from "../layout.js";
import { makeFree } from "../paths.js";
import type { NameScope } from "./names.js";
import {
  type Nulls,
  type RecordContext,
  elementsOf,
  isNullable,
  keysOf,
  nullsOf,
} from "./record-context.js";

export function emitRead(context: RecordContext): void {
  const { out, plan, record, layouts } = context;
  const size = layouts.fixedRecordSize(record);
  const scope = context.functionScope();
  const input = scope.claim("input");
  const inputType = context.runtime("BinaryInputArchive");
  out.doc("Decodes one record at the archive's position.");
  out.block(`static read(${input}: ${inputType}): ${plan.className}`, () => {
    if (size !== undefined) {
      out.line(`return ${plan.className}.readAt(${input}, ${input}.take(${String(size)}));`);
    } else {
      emitReadBody(context, input, scope);
    }
  });
  if (size !== undefined) {
    emitReadAt(context, size);
  }
}

function emitReadAt(context: RecordContext, size: number): void {
  const { out, plan, record } = context;
  const scope = context.functionScope();
  const input = scope.claim("input");
  const at = scope.claim("at");
  const target = scope.claim("record");
  out.line();
  out.doc(
    `Decodes one record from the ${String(size)} bytes at \`at\`, whose presence was checked.`,
  );
  out.block(
    `static readAt(${input}: ${context.runtime("BinaryInputArchive")}, ${at}: number): ${plan.className}`,
    () => {
      out.line(`const ${target} = new ${plan.className}(null);`);
      emitRun(context, record.fields, input, at, target);
      out.line(`return ${target};`);
    },
  );
}

function emitReadBody(context: RecordContext, input: string, scope: NameScope): void {
  const { out, plan, record, layouts } = context;
  const target = scope.claim("record");
  out.line(`const ${target} = new ${plan.className}(null);`);
  if (record.recursive) {
    out.line(`${input}.enter();`);
  }
  for (const segment of layouts.segments(record)) {
    if (segment.kind === "run") {
      const [only] = segment.fields;
      if (segment.fields.length === 1 && only !== undefined) {
        emitField(context, only, input, target, scope);
      } else {
        const at = scope.claim("at");
        out.line(`const ${at} = ${input}.take(${String(segment.size)});`);
        emitRun(context, segment.fields, input, at, target);
      }
    } else if (segment.field.optional) {
      out.block(`if (!${input}.atEnd())`, () => {
        emitField(context, segment.field, input, target, scope);
      });
      // Where the target of TypeScript is before ES2022, a field that nobody assigns is not even undefined.
      out.continuation("else", () => {
        out.line(`${target}.${context.propertyOf(segment.field)} = undefined;`);
      });
    } else {
      emitField(context, segment.field, input, target, scope);
    }
  }
  if (record.recursive) {
    out.line(`${input}.leave();`);
  }
  out.line(`return ${target};`);
}

/** Loads from constant offsets after `at`. */
function emitRun(
  context: RecordContext,
  fields: readonly FieldSchema[],
  input: string,
  at: string,
  target: string,
): void {
  const { layouts } = context;
  emitStagedLongs(context, fields, input, at, target);
  const staged = longsOf(fields).length >= 2;
  let offset = 0;
  for (const field of fields) {
    const place = offset === 0 ? at : `${at} + ${String(offset)}`;
    offset += layouts.fixedSize(field.type) ?? 0;
    const { type } = field;
    const property = `${target}.${context.propertyOf(field)}`;
    if (type.kind === "long" && staged) {
      continue;
    }
    if (type.kind === "record") {
      context.out.line(`${property} = ${context.classOf(type.record)}.readAt(${input}, ${place});`);
    } else {
      context.out.line(`${property} = ${input}.${fixedWireType(type).at}(${place});`);
    }
  }
}

function longsOf(fields: readonly FieldSchema[]): FieldSchema[] {
  return fields.filter((field) => field.type.kind === "long");
}

/** Several longs are loaded together before they are assigned, which is what `stageLongs` is for. */
function emitStagedLongs(
  context: RecordContext,
  fields: readonly FieldSchema[],
  input: string,
  at: string,
  target: string,
): void {
  const longs = longsOf(fields);
  if (longs.length < 2) {
    return;
  }
  const offsets = new Map<FieldSchema, number>();
  let offset = 0;
  for (const field of fields) {
    offsets.set(field, offset);
    offset += context.layouts.fixedSize(field.type) ?? 0;
  }
  for (let first = 0; first < longs.length; first += STAGED_LONGS) {
    const group = longs.slice(first, first + STAGED_LONGS);
    for (const { index, place, count } of adjacent(group.map((field) => offsets.get(field) ?? 0))) {
      const from = place === 0 ? at : `${at} + ${String(place)}`;
      context.out.line(`${input}.stageLongs(${String(index)}, ${from}, ${String(count)});`);
    }
    group.forEach((field, i) => {
      context.out.line(
        `${target}.${context.propertyOf(field)} = ${input}.stagedLong(${String(i)});`,
      );
    });
  }
}

/** Longs that lie side by side are loaded by one call. */
function adjacent(places: readonly number[]): { index: number; place: number; count: number }[] {
  const blocks: { index: number; place: number; count: number }[] = [];
  places.forEach((place, index) => {
    const last = blocks.at(-1);
    if (last !== undefined && last.place + LONG_SIZE * last.count === place) {
      last.count++;
    } else {
      blocks.push({ index, place, count: 1 });
    }
  });
  return blocks;
}

const LONG_SIZE = 8;

/** How many longs the runtime can stage at a time. */
const STAGED_LONGS = 16;

function emitField(
  context: RecordContext,
  field: FieldSchema,
  input: string,
  target: string,
  scope: NameScope,
): void {
  const reader: ValueReader = { context, input, scope };
  readInto(
    reader,
    field.type,
    `${target}.${context.propertyOf(field)}`,
    field.name,
    nullsOf(field),
  );
}

interface ValueReader {
  readonly context: RecordContext;
  readonly input: string;
  readonly scope: NameScope;
}

/** Statements that put the next value into `target`. */
function readInto(
  reader: ValueReader,
  type: TypeSchema,
  target: string,
  name: string,
  nulls: Nulls,
): void {
  const { out } = reader.context;
  if (type.kind === "vector") {
    readVectorInto(reader, type.element, target, name, nulls);
  } else if (type.kind === "map") {
    readMapInto(reader, type.key, type.value, target, name, nulls);
  } else {
    out.line(`${target} = ${readExpression(reader, type, nulls)};`);
  }
}

/** The next value as an expression, for types that need no loop. */
function readExpression(
  { context, input }: ValueReader,
  type: Exclude<TypeSchema, { kind: "vector" | "map" }>,
  nulls: Nulls,
): string {
  if (type.kind === "record") {
    return `${context.classOf(type.record)}.read(${input})`;
  }
  const value = `${input}.${wireType(type.kind).read}()`;
  return nulls.nonNull && isNullable(type) ? `${input}.nonNull(${value})` : value;
}

function readVectorInto(
  reader: ValueReader,
  element: TypeSchema,
  target: string,
  name: string,
  nulls: Nulls,
): void {
  const { context, input, scope } = reader;
  const { out, layouts } = context;
  if (element.kind === "ustring") {
    const strings = `${input}.readStrings(${nulls.nonNullElements ? "true" : ""})`;
    out.line(`${target} = ${nulls.nonNull ? `${input}.nonNull(${strings})` : strings};`);
    return;
  }
  const count = scope.claim(`${name}Count`);
  const least = String(layouts.leastSize(element));
  const fill = (): void => {
    const vector = scope.claim(name);
    const i = indexName(scope);
    out.line(
      `const ${vector} = ${input}.newArray<${context.type(element, elementsOf(nulls))}>(${count});`,
    );
    out.block(`for (let ${i} = 0; ${i} < ${count}; ${i}++)`, () => {
      readInto(reader, element, `${vector}[${i}]`, `${name}Item`, elementsOf(nulls));
    });
    out.line(`${target} = ${vector};`);
  };
  if (nulls.nonNull) {
    out.line(`const ${count} = ${input}.readNonNullCount(${least});`);
    fill();
    return;
  }
  out.line(`const ${count} = ${input}.readCount(${least});`);
  out.block(`if (${count} < 0)`, () => {
    out.line(`${target} = null;`);
  });
  out.continuation("else", fill);
}

function readMapInto(
  reader: ValueReader,
  key: TypeSchema,
  value: TypeSchema,
  target: string,
  name: string,
  nulls: Nulls,
): void {
  const { context, input, scope } = reader;
  const { out, layouts } = context;
  const least = String(layouts.leastSize(key) + layouts.leastSize(value));
  const count = scope.claim(`${name}Count`);
  const map = scope.claim(name);
  const i = indexName(scope);
  const keyType = context.type(key, keysOf(nulls));
  const valueType = context.type(value, elementsOf(nulls));
  out.line(`const ${count} = ${input}.readCount(${least});`);
  out.line(`const ${map} = new Map<${keyType}, ${valueType}>();`);
  out.block(`for (let ${i} = 0; ${i} < ${count}; ${i}++)`, () => {
    const k = readToVariable(reader, key, `${name}Key`, keysOf(nulls));
    const v = readToVariable(reader, value, `${name}Value`, elementsOf(nulls));
    out.line(`${map}.set(${k}, ${v});`);
  });
  out.line(`${target} = ${map};`);
}

/** Statements that read a value into a new variable; returns its name. */
function readToVariable(reader: ValueReader, type: TypeSchema, name: string, nulls: Nulls): string {
  const { context, scope } = reader;
  const variable = scope.claim(name);
  if (type.kind === "vector" || type.kind === "map") {
    context.out.line(`let ${variable}: ${context.type(type, nulls)};`);
    readInto(reader, type, variable, `${name}Items`, nulls);
  } else {
    context.out.line(`const ${variable} = ${readExpression(reader, type, nulls)};`);
  }
  return variable;
}

/** `i`, `j`, `k`, … as loops nest, the way people write them. */
function indexName(scope: NameScope): string {
  const free = ["i", "j", "k", "l", "m", "n"].find((name) => !scope.has(name));
  return scope.claim(free ?? makeFree("index", (name) => scope.has(name)));
}
