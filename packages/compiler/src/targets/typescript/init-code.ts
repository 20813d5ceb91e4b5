/** The constructor of a generated class, and the type of what it takes. */
import type { FieldSchema, TypeSchema } from "../../schema/model.js";
import { wireType } from "../../wire-types.js";
import { type NameScope } from "./names.js";
import { type RecordContext, holdsRecords, isNullable } from "./record-context.js";

export function emitInitType(context: RecordContext): void {
  const { out, plan, fields } = context;
  out.doc(
    fields.some(({ field }) => field.nonNull && !field.optional)
      ? `Initial values for {@link ${plan.className}}. Fields that are never null must be given; omitted ones get their defaults.`
      : `Initial values for {@link ${plan.className}}; omitted fields get their defaults.`,
  );
  out.block(`export interface ${plan.initName}`, () => {
    for (const { field, property } of fields) {
      const type = context.initFieldType(field);
      // What is never null has no default that means anything, so it must be given.
      out.line(
        field.nonNull && !field.optional
          ? `${property}: ${type};`
          : `${property}?: ${type} | undefined;`,
      );
    }
  });
}

/**
 * The constructor does no more than call `setFields`. Decoders set every field themselves, and the code
 * of the fields' initial values inside the constructor would use up what V8 inlines in them.
 */
export function emitConstructor(context: RecordContext): void {
  const { out, plan } = context;
  const init = context.functionScope().claim("init");
  out.doc(
    "Stores the values without copying them. Null is for decoders: it leaves all fields unset.",
  );
  out.block(`constructor(${init}?: ${plan.initName} | null)`, () => {
    out.block(`if (${init} !== null)`, () => {
      out.line(`${context.setFields}(this, ${init});`);
    });
  });
}

/** The function that gives each field its initial value. */
export function emitSetFields(context: RecordContext): void {
  const { out, plan, fields } = context;
  const scope = context.functionScope();
  const target = scope.claim("record");
  const init = scope.claim("init");
  out.block(
    `function ${context.setFields}(${target}: ${plan.className}, ${init}?: ${plan.initName}): void`,
    () => {
      for (const { field, property } of fields) {
        const value = initialValue(context, field, { init, property }, scope);
        out.line(`${target}.${property} = ${value};`);
      }
    },
  );
}

/** Where a constructor finds what it was given for a field. */
interface Given {
  readonly init: string;
  readonly property: string;
}

/**
 * The expression for a field's first value. Only what is undefined gets the
 * default: null where there is no null is kept, for the encoder to refuse.
 */
function initialValue(
  context: RecordContext,
  field: FieldSchema,
  { init, property }: Given,
  scope: NameScope,
): string {
  const { type } = field;
  const given = `${init}?.${property}`;
  if (field.optional) {
    return holdsRecords(type)
      ? `${given} === undefined ? undefined : ${converted(context, type, `${init}.${property}`, scope)}`
      : given;
  }
  if (type.kind === "record") {
    return `${context.classOf(type.record)}.from(${given})`;
  }
  const nullable = isNullable(type) && !field.nonNull;
  if (nullable && !holdsRecords(type)) {
    return `${given} ?? null`;
  }
  // What converts is made only where there is something to convert: decoders give nothing.
  const value = converted(context, type, `${init}.${property}`, scope);
  return `${given} === undefined ? ${nullable ? "null" : initialFor(type)} : ${value}`;
}

/** The default of a field that is never null. */
function initialFor(type: Exclude<TypeSchema, { kind: "record" }>): string {
  switch (type.kind) {
    case "map":
      return "new Map()";
    case "vector":
      return "[]";
    default:
      return wireType(type.kind).initial;
  }
}

/** Turns plain objects inside a value into records; leaves a value without records as it is. */
function converted(
  context: RecordContext,
  type: TypeSchema,
  value: string,
  scope: NameScope,
): string {
  if (!holdsRecords(type)) {
    return value;
  }
  switch (type.kind) {
    case "record":
      return `${context.classOf(type.record)}.from(${value})`;
    case "vector": {
      const item = scope.claim("item");
      const convert = `(${item}) => ${converted(context, type.element, item, scope)}`;
      return `${context.runtime("vectorFrom")}(${value}, ${convert})`;
    }
    case "map": {
      const key = scope.claim("key");
      const entry = scope.claim("value");
      const newKey = converted(context, type.key, key, scope);
      const newEntry = converted(context, type.value, entry, scope);
      const convert = `(${key}, ${entry}) => [${newKey}, ${newEntry}]`;
      return `${context.runtime("mapFrom")}(${value}, ${convert})`;
    }
    default:
      return value;
  }
}
