/** `write` and `writeAt`: straight-line encoding into the binary archive; and `byteLength`, its exact size. */
import type { FieldSchema, TypeSchema } from "../../schema/model.js";
import { type WireType, wireType } from "../../wire-types.js";
import { fixedWireType, LENGTH_SIZE } from "../layout.js";
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

/** Stores at constant offsets behind `at`. */
function emitRun(
  context: RecordContext,
  fields: readonly FieldSchema[],
  output: string,
  at: string,
  source: string,
): void {
  let offset = 0;
  for (const field of fields) {
    const place = offset === 0 ? at : `${at} + ${String(offset)}`;
    const { type } = field;
    const value = `${source}.${context.propertyOf(field)}`;
    if (type.kind === "record") {
      context.out.line(`${context.classOf(type.record)}.writeAt(${output}, ${place}, ${value});`);
    } else {
      context.out.line(`${output}.${fixedWireType(type).put}(${place}, ${value});`);
    }
    offset += context.layouts.fixedSize(type) ?? 0;
  }
}

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

/** `byteLength`: what is always there as one constant, then what depends on the values. */
export function emitByteLength(context: RecordContext): void {
  const { out, record, layouts } = context;
  const size = layouts.fixedRecordSize(record);
  if (size !== undefined) {
    out.block("byteLength(): number", () => {
      out.line(`return ${String(size)};`);
    });
    return;
  }
  const scope = context.functionScope();
  const options = scope.claim("options");
  const length = scope.claim("length");
  const parts: LengthParts = { context, scope, options, length };
  const needsOptions = record.fields.some((field) => context.layouts.dependsOnStrings(field.type));
  const parameter = needsOptions ? `${options}?: ${context.runtime("WriteOptions")}` : "";
  const constant = record.fields.reduce(
    (sum, field) => sum + (field.optional ? 0 : constantPart(context, field.type)),
    0,
  );
  const variable = record.fields.some(
    (field) => field.optional || layouts.fixedSize(field.type) === undefined,
  );
  const error = scope.claim("error");
  const body = (): void => {
    out.line(`${variable ? "let" : "const"} ${length} = ${String(constant)};`);
    for (const field of record.fields) {
      const value = `this.${context.propertyOf(field)}`;
      if (field.optional) {
        out.block(`if (${value} !== undefined)`, () => {
          const fixed = constantPart(context, field.type);
          if (fixed > 0) {
            out.line(`${length} += ${String(fixed)};`);
          }
          addVariablePart(parts, field.type, value, field.name, nullsOf(field));
        });
      } else {
        addVariablePart(parts, field.type, value, field.name, nullsOf(field));
      }
    }
    out.line(`return ${length};`);
  };
  out.block(`byteLength(${parameter}): number`, () => {
    if (!variable) {
      body();
      return;
    }
    out.block("try", body);
    out.continuation(`catch (${error})`, () => {
      const explain = context.runtime("explainEncoding");
      const givenOptions = needsOptions ? `, ${options}` : "";
      out.line(`throw ${explain}(${error}, ${context.plan.className}, this${givenOptions});`);
    });
  });
}

interface LengthParts {
  readonly context: RecordContext;
  readonly scope: NameScope;
  readonly options: string;
  readonly length: string;
}

/** The bytes that every value of this type takes, as far as they are counted without looking at it. */
function constantPart(context: RecordContext, type: TypeSchema): number {
  const size = context.layouts.fixedSize(type);
  if (size !== undefined) {
    return size;
  }
  return type.kind === "record" ? 0 : LENGTH_SIZE;
}

function addVariablePart(
  parts: LengthParts,
  type: TypeSchema,
  value: string,
  name: string,
  nulls: Nulls,
): void {
  const { context, options, length } = parts;
  const { out } = context;
  const unlessNull = (body: () => void): void => {
    if (nulls.nonNull || !isNullable(type)) {
      body();
    } else {
      out.block(`if (${value} !== null)`, body);
    }
  };
  switch (type.kind) {
    case "vector":
      unlessNull(() => {
        addItems(parts, type.element, value, name, elementsOf(nulls));
      });
      break;
    case "map":
      addEntries(parts, type, value, name, nulls);
      break;
    case "record":
      if (context.layouts.fixedSize(type) === undefined) {
        const argument = context.layouts.dependsOnStrings(type) ? options : "";
        const self = argument === "" ? value : `${value}, ${argument}`;
        const prototype = `${context.classOf(type.record)}.prototype`;
        out.line(`${length} += ${prototype}.byteLength.call(${self});`);
      }
      break;
    default: {
      const row = wireType(type.kind);
      // Fixed sizes are part of the constant.
      if (row.size !== undefined) break;
      const given = row.isText ? `${value}, ${options}?.strings` : value;
      const bytes = `${context.runtime(row.length)}(${given})`;
      const absent = nulls.nonNull ? "" : `${value} === null ? 0 : `;
      out.line(`${length} += ${absent}${bytes};`);
    }
  }
}

function addItems(
  parts: LengthParts,
  element: TypeSchema,
  vector: string,
  name: string,
  nulls: Nulls,
): void {
  const { context, scope, length } = parts;
  const { out } = context;
  const constant = constantPart(context, element);
  if (constant > 0) {
    const count = `${context.runtime("vectorLength")}(${vector})`;
    out.line(`${length} += ${times(count, constant)};`);
  }
  if (context.layouts.fixedSize(element) === undefined) {
    const item = scope.claim(`${name}Item`);
    out.block(`for (const ${item} of ${vector})`, () => {
      addVariablePart(parts, element, item, item, nulls);
    });
  }
}

function addEntries(
  parts: LengthParts,
  type: TypeSchema & { kind: "map" },
  value: string,
  name: string,
  nulls: Nulls,
): void {
  const { context, scope, length } = parts;
  const { out, layouts } = context;
  const constant = constantPart(context, type.key) + constantPart(context, type.value);
  if (constant > 0) {
    const count = `${context.runtime("mapLength")}(${value})`;
    out.line(`${length} += ${times(count, constant)};`);
  }
  const keyVaries = layouts.fixedSize(type.key) === undefined;
  const valueVaries = layouts.fixedSize(type.value) === undefined;
  const key = scope.claim(`${name}Key`);
  const entry = scope.claim(`${name}Value`);
  if (keyVaries && valueVaries) {
    out.block(`for (const [${key}, ${entry}] of ${value})`, () => {
      addVariablePart(parts, type.key, key, key, keysOf(nulls));
      addVariablePart(parts, type.value, entry, entry, elementsOf(nulls));
    });
  } else if (keyVaries) {
    out.block(`for (const ${key} of ${value}.keys())`, () => {
      addVariablePart(parts, type.key, key, key, keysOf(nulls));
    });
  } else if (valueVaries) {
    out.block(`for (const ${entry} of ${value}.values())`, () => {
      addVariablePart(parts, type.value, entry, entry, elementsOf(nulls));
    });
  }
}

function times(count: string, size: number): string {
  return size === 1 ? count : `${String(size)} * ${count}`;
}
