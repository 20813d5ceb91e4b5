/** What it takes to walk over the bytes of a record without making the record: its descriptor, prepared once. */
import type { AnyRecordType, FieldDescriptor, FieldType } from "@jute-ts/runtime";
import { ACL } from "@jute-ts/zookeeper";
import { isSecretField } from "../describe.js";
import { hasLongMeaning, intMeaningOf } from "../meanings.js";
import { isPathField } from "../messages/message.js";

/** A record, field by field. */
export interface RecordPlan {
  readonly name: string;
  readonly fields: readonly FieldPlan[];
}

export interface FieldPlan {
  /** `{"path":`, or with a comma in front. */
  readonly jsonLabel: string;
  /** `path=`, or with a space in front. */
  readonly lineLabel: string;
  readonly value: ValuePlan;
  /** It names a znode, or several. */
  readonly isPath: boolean;
  /** Lines do not show it. */
  readonly isSecret: boolean;
}

export type ValuePlan =
  | { readonly kind: "boolean" | "ustring" | "buffer" }
  | { readonly kind: "int"; readonly meaning: ((value: number) => string | undefined) | undefined }
  /** `hasMeaning`: lines show more than the number. */
  | { readonly kind: "long"; readonly hasMeaning: boolean }
  | { readonly kind: "vector"; readonly element: ValuePlan }
  /** `isAcl`: lines show it in a form of its own. */
  | { readonly kind: "record"; readonly record: RecordPlan; readonly isAcl: boolean };

/** The plan of this record, the same at every call; undefined for one with fields that no txn has. */
export function recordPlan(type: AnyRecordType): RecordPlan | undefined {
  if (!plans.has(type)) plans.set(type, planOf(type));
  return plans.get(type);
}

function planOf(type: AnyRecordType): RecordPlan | undefined {
  const { name, fields, recursive } = type.descriptor;
  if (recursive === true) return undefined;
  const planned: FieldPlan[] = [];
  for (const [index, field] of fields.entries()) {
    const value = valuePlan(name, field, field.type);
    if (value === undefined) return undefined;
    planned.push({
      jsonLabel: `${index === 0 ? "{" : ","}${JSON.stringify(field.name)}:`,
      lineLabel: `${index === 0 ? "" : " "}${field.name}=`,
      value,
      isPath: isPathField(field.name),
      isSecret: isSecretField(field.name),
    });
  }
  return planned.length === 0 ? undefined : { name, fields: planned };
}

function valuePlan(record: string, field: FieldDescriptor, type: FieldType): ValuePlan | undefined {
  const { name, optional, nonNull, nonNullElements } = field;
  if (optional === true || nonNull === true || nonNullElements === true) return undefined;
  switch (type.kind) {
    case "boolean":
    case "ustring":
    case "buffer":
      return { kind: type.kind };
    case "int":
      return { kind: "int", meaning: intMeaningOf(record, name) };
    case "long":
      return { kind: "long", hasMeaning: hasLongMeaning(name) };
    case "vector": {
      const element = valuePlan(record, field, type.element);
      return element === undefined ? undefined : { kind: "vector", element };
    }
    case "record": {
      const plan = recordPlan(type.type());
      const isAcl = type.type().descriptor === ACL.descriptor;
      return plan === undefined ? undefined : { kind: "record", record: plan, isAcl };
    }
    case "byte":
    case "float":
    case "double":
    case "map":
      return undefined;
  }
}

const plans = new Map<AnyRecordType, RecordPlan | undefined>();
