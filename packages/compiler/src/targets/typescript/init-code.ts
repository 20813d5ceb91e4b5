/** The constructor of a generated class, and the type of what it takes. */
import type { FieldSchema, TypeSchema } from "../../schema/model.js";
import { WIRE_TYPES } from "../../wire-types.js";
import { type NameScope } from "./names.js";
import {
  type RecordContext,
  hasObjectDefault,
  holdsRecords,
  isNullable,
} from "./record-context.js";

export function emitInitType(context: RecordContext): void {
  const { out, plan, fields } = context;
  out.doc(
    `What {@link ${plan.className}} is made from: any of its fields. The others get their defaults.`,
  );
  out.block(`export interface ${plan.initName}`, () => {
    for (const { field, property } of fields) {
      const type = field.nonNull
        ? context.initTypeWithoutNull(field.type)
        : context.initType(field.type);
      out.line(`${property}?: ${type} | undefined;`);
    }
  });
}

export function emitConstructor(context: RecordContext): void {
  const { out, plan, fields } = context;
  const scope = context.functionScope();
  const init = scope.claim("init");
  out.doc(
    fields.some(({ field }) => hasObjectDefault(field))
      ? "Keeps what it is given, bytes included. Null is for decoders: it leaves nested objects unset."
      : "Keeps what it is given, bytes included.",
  );
  out.block(`constructor(${init}?: ${plan.initName} | null)`, () => {
    for (const { field, property } of fields) {
      const given = `${init}?.${property}`;
      const value = initialValue(context, field, given, scope);
      out.line(
        hasObjectDefault(field)
          ? `this.${property} = ${init} === null ? (null as never) : ${field.type.kind === "record" ? value : `(${value})`};`
          : `this.${property} = ${value};`,
      );
    }
  });
}

/** The expression for a field's first value, from an expression that may be undefined. */
function initialValue(
  context: RecordContext,
  field: FieldSchema,
  given: string,
  scope: NameScope,
): string {
  const { type } = field;
  if (field.optional) {
    return optionalValue(context, field, given, scope);
  }
  switch (type.kind) {
    case "record":
      return `${context.classOf(type.record)}.from(${given})`;
    case "map": {
      const value = converted(context, type, given, scope, true);
      return `${holdsRecords(type) ? `(${value})` : value} ?? new Map()`;
    }
    case "vector":
      return `${converted(context, type, given, scope, true)} ?? ${field.nonNull ? "[]" : "null"}`;
    default: {
      const row = WIRE_TYPES[type.kind];
      return `${given} ?? ${field.nonNull ? row.initialNonNull : row.initial}`;
    }
  }
}

function optionalValue(
  context: RecordContext,
  field: FieldSchema,
  given: string,
  scope: NameScope,
): string {
  const { type } = field;
  if (!holdsRecords(type)) {
    return given;
  }
  if (type.kind === "record") {
    return `${given} === undefined ? undefined : ${context.classOf(type.record)}.from(${given})`;
  }
  const value = converted(context, type, given, scope, true);
  return type.kind === "vector" && !field.nonNull ? `${given} === null ? null : ${value}` : value;
}

/** Turns plain objects inside a value into records; leaves a value without records as it is. */
function converted(
  context: RecordContext,
  type: TypeSchema,
  value: string,
  scope: NameScope,
  mayBeMissing: boolean,
): string {
  if (!holdsRecords(type)) {
    return value;
  }
  switch (type.kind) {
    case "record":
      return `${context.classOf(type.record)}.from(${value})`;
    case "vector": {
      const item = scope.claim("item");
      const body = converted(context, type.element, item, scope, isNullable(type.element));
      const inner =
        isNullable(type.element) && holdsRecords(type.element) ? `${body} ?? null` : body;
      return `${value}${mayBeMissing ? "?." : "."}map((${item}) => ${inner})`;
    }
    case "map": {
      const key = scope.claim("key");
      const entry = scope.claim("value");
      const newKey = converted(context, type.key, key, scope, false);
      const newValue = converted(context, type.value, entry, scope, isNullable(type.value));
      const tail = isNullable(type.value) && holdsRecords(type.value) ? " ?? null" : "";
      const entries = `Array.from(${mayBeMissing ? `${value} ?? []` : value}, ([${key}, ${entry}]) => [${newKey}, ${newValue}${tail}] as const)`;
      return mayBeMissing
        ? `${value} && new Map(${entries.replace(`${value} ?? []`, value)})`
        : `new Map(${entries})`;
    }
    default:
      return value;
  }
}
