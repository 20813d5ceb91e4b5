/** What it takes to walk over the bytes of a record without making the record: its descriptor, prepared once. */
import type { AnyRecordType, FieldDescriptor, FieldType } from "@jute-ts/runtime";
import { ACL, Id, Stat } from "@jute-ts/zookeeper";
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
  | { readonly kind: "boolean" }
  /** `nonNull`: null is no value. */
  | { readonly kind: "ustring" | "buffer"; readonly nonNull: boolean }
  | { readonly kind: "int"; readonly meaning: ((value: number) => string | undefined) | undefined }
  /** `hasMeaning`: lines show more than the number. */
  | { readonly kind: "long"; readonly hasMeaning: boolean }
  | { readonly kind: "vector"; readonly element: ValuePlan; readonly nonNull: boolean }
  /** `form`: lines show it in a form of its own. */
  | { readonly kind: "record"; readonly record: RecordPlan; readonly form: LineForm | undefined };

export type LineForm = "acl" | "stat";

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
    const value = valuePlan(name, field, field.type, field.nonNull === true);
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

function valuePlan(
  record: string,
  field: FieldDescriptor,
  type: FieldType,
  nonNull: boolean,
): ValuePlan | undefined {
  const { name, optional, nonNullElements } = field;
  if (optional === true) return undefined;
  switch (type.kind) {
    case "boolean":
      return { kind: type.kind };
    case "ustring":
    case "buffer":
      return { kind: type.kind, nonNull };
    case "int":
      return { kind: "int", meaning: intMeaningOf(record, name) };
    case "long":
      return { kind: "long", hasMeaning: hasLongMeaning(name) };
    case "vector": {
      const element = valuePlan(record, field, type.element, nonNullElements === true);
      return element && { kind: "vector", element, nonNull };
    }
    case "record": {
      const plan = recordPlan(type.type());
      const { descriptor } = type.type();
      // Alone it has a form, too, and no message has it so.
      if (descriptor === Id.descriptor && record !== ACL.descriptor.name) return undefined;
      return plan && { kind: "record", record: plan, form: LINE_FORMS.get(descriptor) };
    }
    case "byte":
    case "float":
    case "double":
    case "map":
      return undefined;
  }
}

const LINE_FORMS: ReadonlyMap<unknown, LineForm> = new Map<unknown, LineForm>([
  [ACL.descriptor, "acl"],
  [Stat.descriptor, "stat"],
]);
const plans = new Map<AnyRecordType, RecordPlan | undefined>();
