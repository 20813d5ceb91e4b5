/** `write` and `writeAt`: straight-line encoding into the binary archive. */
import type { FieldSchema, TypeSchema } from "../../schema/model.js";
import { type WireType, wireType } from "../../wire-types.js";
import { fixedWireType } from "../layout.js";
import type { NameScope } from "./names.js";
import {
  type Nulls,
  type RecordContext,
  elementsOf,
  isNullable,
  keysOf,
  nullsOf,
} from "./record-context.js";

export function emitWrite(context: RecordContext): void {
  const { out, plan, record, layouts } = context;
  const size = layouts.fixedRecordSize(record);
  const scope = context.functionScope();
  const output = scope.claim("output");
  const source = scope.claim("record");
  const outputType = context.runtime("BinaryOutputArchive");
  out.doc("Encodes one record at the archive's position.");
  out.block(`static write(${output}: ${outputType}, ${source}: ${plan.className}): void`, () => {
    if (size !== undefined) {
      out.line(
        `${plan.className}.writeAt(${output}, ${output}.reserve(${String(size)}), ${source});`,
      );
    } else {
      emitWriteBody(context, output, source, scope);
    }
  });
  if (size !== undefined) {
    emitWriteAt(context, size);
  }
}

function emitWriteAt(context: RecordContext, size: number): void {
  const { out, plan, record } = context;
  const scope = context.functionScope();
  const output = scope.claim("output");
  const at = scope.claim("at");
  const source = scope.claim("record");
  out.line();
  out.doc(`Encodes one record into the ${String(size)} bytes at \`at\`, which were reserved.`);
  out.block(
    `static writeAt(${output}: ${context.runtime("BinaryOutputArchive")}, ${at}: number, ${source}: ${plan.className}): void`,
    () => {
      emitRun(context, record.fields, output, at, source);
    },
  );
}

function emitWriteBody(
  context: RecordContext,
  output: string,
  source: string,
  scope: NameScope,
): void {
  const { out, record, layouts } = context;
  if (record.recursive) {
    out.line(`${output}.enter();`);
  }
  let optionalBefore: string | undefined;
  for (const segment of layouts.segments(record)) {
    if (segment.kind === "run") {
      const [only] = segment.fields;
      if (segment.fields.length === 1 && only !== undefined) {
        emitField(context, only, output, source, scope);
      } else {
        const at = scope.claim("at");
        out.line(`const ${at} = ${output}.reserve(${String(segment.size)});`);
        emitRun(context, segment.fields, output, at, source);
      }
      continue;
    }
    const { field } = segment;
    if (!field.optional) {
      emitField(context, field, output, source, scope);
      continue;
    }
    const value = `${source}.${context.propertyOf(field)}`;
    const before = optionalBefore;
    out.block(`if (${value} !== undefined)`, () => {
      if (before !== undefined) {
        out.line(`${output}.requirePresent(${before});`);
      }
      emitField(context, field, output, source, scope);
    });
    optionalBefore = value;
  }
  if (record.recursive) {
    out.line(`${output}.leave();`);
  }
}

/** Stores at constant offsets after `at`. Numbers of one kind that lie side by side are stored by one call. */
function emitRun(
  context: RecordContext,
  fields: readonly FieldSchema[],
  output: string,
  at: string,
  source: string,
): void {
  let offset = 0;
  let rest = fields;
  for (let [field] = rest; field !== undefined; [field] = rest) {
    const place = offset === 0 ? at : `${at} + ${String(offset)}`;
    const { type } = field;
    const size = context.layouts.fixedSize(type) ?? 0;
    const { put, count } = storeFor(type, rest);
    const group = rest.slice(0, count);
    const values = group.map((each) => `${source}.${context.propertyOf(each)}`).join(", ");
    if (type.kind === "record") {
      context.out.line(`${context.classOf(type.record)}.writeAt(${output}, ${place}, ${values});`);
    } else {
      context.out.line(`${output}.${put ?? fixedWireType(type).put}(${place}, ${values});`);
    }
    offset += count * size;
    rest = rest.slice(count);
  }
}

/** How the first of these fields is stored: with those of its kind that follow it, where there is a call for so many. */
function storeFor(
  type: TypeSchema,
  fields: readonly FieldSchema[],
): { put: string | undefined; count: number } {
  const other = fields.findIndex((field) => field.type.kind !== type.kind);
  const available = other < 0 ? fields.length : other;
  const [put, count] = GROUPED_STORES[type.kind]?.find(([, size]) => size <= available) ?? [
    undefined,
    1,
  ];
  return { put, count };
}

/** The runtime's calls for several numbers, those for the most first. */
const GROUPED_STORES: Readonly<Partial<Record<TypeSchema["kind"], readonly [string, number][]>>> = {
  int: [
    ["putThreeInts", 3],
    ["putTwoInts", 2],
  ],
  long: [
    ["putFourLongs", 4],
    ["putTwoLongs", 2],
  ],
};

function emitField(
  context: RecordContext,
  field: FieldSchema,
  output: string,
  source: string,
  scope: NameScope,
): void {
  const value = `${source}.${context.propertyOf(field)}`;
  writeValue({ context, output, scope }, field.type, value, field.name, nullsOf(field));
}

interface ValueWriter {
  readonly context: RecordContext;
  readonly output: string;
  readonly scope: NameScope;
}

/** Statements that write one value. */
function writeValue(
  writer: ValueWriter,
  type: TypeSchema,
  value: string,
  name: string,
  nulls: Nulls,
): void {
  const { context, output, scope } = writer;
  const { out } = context;
  const checked = nulls.nonNull && isNullable(type) ? `${output}.nonNull(${value})` : value;
  switch (type.kind) {
    case "vector": {
      if (type.element.kind === "ustring") {
        const elements = nulls.nonNullElements ? ", true" : "";
        out.line(`${output}.writeStrings(${checked}${elements});`);
        break;
      }
      const each = (): void => {
        const item = scope.claim(`${name}Item`);
        out.line(`${output}.writeCount(${value});`);
        out.block(`for (const ${item} of ${value})`, () => {
          writeValue(writer, type.element, item, item, elementsOf(nulls));
        });
      };
      if (nulls.nonNull) {
        each();
      } else {
        out.block(`if (${value} === null)`, () => {
          out.line(`${output}.writeInt(-1);`);
        });
        out.continuation("else", each);
      }
      break;
    }
    case "map":
      out.line(`${output}.writeSize(${value});`);
      writeEntries(writer, type, value, name, nulls);
      break;
    case "record":
      out.line(`${context.classOf(type.record)}.write(${output}, ${value});`);
      break;
    default:
      out.line(`${output}.${wireType(type.kind).write}(${checked});`);
  }
}

/** Statements that write the entries of a map in wire order. */
function writeEntries(
  writer: ValueWriter,
  { key, value }: TypeSchema & { kind: "map" },
  map: string,
  name: string,
  nulls: Nulls,
): void {
  const { context, scope, output } = writer;
  const { out } = context;
  const sort = sortFunction(key);
  const sorted = context.runtime(sort);
  const keyName = scope.claim(`${name}Key`);
  const valueName = scope.claim(`${name}Value`);
  if (sort !== "sortedByEncoding") {
    out.block(`for (const [${keyName}, ${valueName}] of ${sorted}(${map}))`, () => {
      writeValue(writer, key, keyName, keyName, keysOf(nulls));
      writeValue(writer, value, valueName, valueName, elementsOf(nulls));
    });
    return;
  }
  // The keys are compared by their bytes, so the way to write one is handed over, and each is written once.
  const entries = scope.claim(`${name}Entries`);
  const keyOutput = scope.claim(`${name}Output`);
  const encodedKey = scope.claim(`${name}Encoded`);
  out.line(`const ${entries} = ${sorted}(${output}, ${map}, (${keyOutput}, ${keyName}) => {`);
  out.indented(() => {
    writeValue({ context, output: keyOutput, scope }, key, keyName, keyName, keysOf(nulls));
  });
  out.line("});");
  const parts = `{ encodedKey: ${encodedKey}, value: ${valueName} }`;
  out.block(`for (const ${parts} of ${entries})`, () => {
    out.line(`${output}.writeRaw(${encodedKey});`);
    writeValue(writer, value, valueName, valueName, elementsOf(nulls));
  });
}

function sortFunction(key: TypeSchema): WireType["mapOrder"] {
  switch (key.kind) {
    case "vector":
    case "map":
    case "record":
      return "sortedByEncoding";
    default:
      return wireType(key.kind).mapOrder;
  }
}
