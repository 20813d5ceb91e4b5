/** `lengthOf`: the exact size of what `write` writes. */
import type { TypeSchema } from "../../schema/model.js";
import { wireType } from "../../wire-types.js";
import { LENGTH_SIZE } from "../layout.js";
import type { NameScope } from "./names.js";
import {
  type Nulls,
  type RecordContext,
  elementsOf,
  isNullable,
  keysOf,
  nullsOf,
} from "./record-context.js";

/** `lengthOf`: what is always there as one constant, then what depends on the values. */
export function emitLengthOf(context: RecordContext): void {
  const { out, record, layouts, plan } = context;
  const size = layouts.fixedRecordSize(record);
  if (size !== undefined) {
    out.block("static lengthOf(): number", () => {
      out.line(`return ${String(size)};`);
    });
    return;
  }
  const scope = context.functionScope();
  const source = scope.claim("record");
  const options = scope.claim("options");
  const length = scope.claim("length");
  const parts: LengthParts = { context, scope, options, length };
  const needsOptions = record.fields.some((field) => layouts.dependsOnStrings(field.type));
  const parameters = [
    `${source}: ${plan.className}`,
    ...(needsOptions ? [`${options}?: ${context.runtime("WriteOptions")}`] : []),
  ];
  const constant = record.fields.reduce(
    (sum, field) => sum + (field.optional ? 0 : constantPart(context, field.type)),
    0,
  );
  out.block(`static lengthOf(${parameters.join(", ")}): number`, () => {
    out.line(`let ${length} = ${String(constant)};`);
    for (const field of record.fields) {
      const value = `${source}.${context.propertyOf(field)}`;
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
        const given = context.layouts.dependsOnStrings(type) ? `${value}, ${options}` : value;
        out.line(`${length} += ${context.classOf(type.record)}.lengthOf(${given});`);
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
