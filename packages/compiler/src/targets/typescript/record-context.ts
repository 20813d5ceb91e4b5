/** What the parts of one record's file share: the plan, the imports, and how types are spelled. */
import type { FieldSchema, RecordSchema, TypeSchema } from "../../schema/model.js";
import { hasNull, wireType } from "../../wire-types.js";
import type { CodeWriter, Imports } from "./code-writer.js";
import type { Layouts } from "../layout.js";
import { makeFree, relativePath } from "../paths.js";
import { NameScope, isTakenPropertyName } from "./names.js";
import type { Plan, RecordPlan } from "./plan.js";

export interface FieldPlan {
  readonly field: FieldSchema;
  readonly property: string;
}

export class RecordContext {
  readonly plan: RecordPlan;
  readonly layouts: Layouts;
  readonly out: CodeWriter;
  readonly fields: readonly FieldPlan[];
  /** The local name of the function that gives each field its initial value. */
  readonly setFields: string;
  readonly #scope: NameScope;
  readonly #imports: Imports;
  readonly #places: Plan["places"];
  readonly #specifiers = new Map<RecordPlan, string>();
  readonly #extension: string;
  readonly #properties: ReadonlyMap<FieldSchema, string>;

  constructor(parts: {
    plan: RecordPlan;
    places: Plan["places"];
    layouts: Layouts;
    out: CodeWriter;
    scope: NameScope;
    imports: Imports;
    extension: string;
  }) {
    this.plan = parts.plan;
    this.layouts = parts.layouts;
    this.out = parts.out;
    this.#scope = parts.scope;
    this.setFields = parts.scope.claim("setFields");
    this.#imports = parts.imports;
    this.#places = parts.places;
    this.#extension = parts.extension;
    this.fields = planProperties(parts.plan.record);
    this.#properties = new Map(this.fields.map(({ field, property }) => [field, property]));
  }

  get record(): RecordSchema {
    return this.plan.record;
  }

  propertyOf(field: FieldSchema): string {
    return this.#properties.get(field) ?? field.name;
  }

  /** A new scope for the parameters and variables of one function. */
  functionScope(): NameScope {
    return new NameScope(this.#scope);
  }

  /** How the file spells a type or a value of the runtime. */
  runtime(name: string): string {
    return this.#imports.runtime(name);
  }

  /** The local name of a record's class, imported where it lies in another file. */
  classOf(record: RecordSchema): string {
    const place = this.#placeOf(record);
    return place === this.plan
      ? place.className
      : this.#imports.value(this.#specifierOf(place), place.className);
  }

  initTypeOf(record: RecordSchema): string {
    const place = this.#placeOf(record);
    return place === this.plan
      ? place.initName
      : this.#imports.type(this.#specifierOf(place), place.initName);
  }

  #placeOf(record: RecordSchema): RecordPlan {
    const place = this.#places.get(record);
    if (place === undefined) {
      throw new Error(
        `${this.record.fullName} uses ${record.fullName}, for which no code is emitted.`,
      );
    }
    return place;
  }

  #specifierOf(place: RecordPlan): string {
    let specifier = this.#specifiers.get(place);
    if (specifier === undefined) {
      specifier = relativePath(this.plan.path, place.path) + this.#extension;
      this.#specifiers.set(place, specifier);
    }
    return specifier;
  }

  /** The TypeScript type of a field. */
  fieldType(field: FieldSchema): string {
    const type = this.type(field.type, nullsOf(field));
    return field.optional ? `${type} | undefined` : type;
  }

  /** The TypeScript type of a value, with null where the wire has it and the schema does not rule it out. */
  type(type: TypeSchema, nulls: Nulls): string {
    const nullable = mayBeNull(type, nulls);
    switch (type.kind) {
      case "vector": {
        const inside = elementsOf(nulls);
        const element = this.type(type.element, inside);
        const list = `${mayBeNull(type.element, inside) ? `(${element})` : element}[]`;
        return nullable ? `${list} | null` : list;
      }
      case "map": {
        const key = this.type(type.key, keysOf(nulls));
        return `Map<${key}, ${this.type(type.value, elementsOf(nulls))}>`;
      }
      case "record":
        return this.classOf(type.record);
      default: {
        const name = wireType(type.kind).typeScript;
        return nullable ? `${name} | null` : name;
      }
    }
  }

  /** What a constructor takes for a field: plain objects in place of records, and nothing that must be mutable. */
  initFieldType(field: FieldSchema): string {
    return this.#initType(field.type, nullsOf(field));
  }

  #initType(type: TypeSchema, nulls: Nulls): string {
    if (!holdsRecords(type)) {
      // Vectors and maps of plain values are kept as they are, so they must be as mutable as the field.
      return this.type(type, nulls);
    }
    switch (type.kind) {
      case "vector": {
        const inside = elementsOf(nulls);
        const element = this.#initType(type.element, inside);
        // A readonly array is one type only in parentheses, as a union is.
        const isOne = type.element.kind !== "vector" && !mayBeNull(type.element, inside);
        const list = `readonly ${isOne ? element : `(${element})`}[]`;
        return nulls.nonNull ? list : `${list} | null`;
      }
      case "map": {
        const key = this.#initType(type.key, keysOf(nulls));
        return `ReadonlyMap<${key}, ${this.#initType(type.value, elementsOf(nulls))}>`;
      }
      case "record":
        return this.initTypeOf(type.record);
      default:
        return this.type(type, nulls);
    }
  }
}

/** Where the schema rules out null in a value: the value itself, and what lies inside its vectors and maps. */
export interface Nulls {
  readonly nonNull: boolean;
  readonly nonNullElements: boolean;
}

export function nullsOf({ nonNull, nonNullElements }: FieldSchema): Nulls {
  return { nonNull, nonNullElements };
}

function mayBeNull(type: TypeSchema, nulls: Nulls): boolean {
  return isNullable(type) && !nulls.nonNull;
}

/** What holds for the elements of a vector and the values of a map. */
export function elementsOf({ nonNullElements }: Nulls): Nulls {
  return { nonNull: nonNullElements, nonNullElements };
}

/** What holds for the keys of a map, which are never null. */
export function keysOf({ nonNullElements }: Nulls): Nulls {
  return { nonNull: true, nonNullElements };
}

/** Whether the wire has a null for this type. Null maps exist on the wire but read as empty, as in Java. */
export function isNullable(type: TypeSchema): boolean {
  return hasNull(type.kind);
}

/** Whether values of this type contain records, which may be given as plain objects. */
export function holdsRecords(type: TypeSchema): boolean {
  switch (type.kind) {
    case "vector":
      return holdsRecords(type.element);
    case "map":
      return holdsRecords(type.key) || holdsRecords(type.value);
    case "record":
      return true;
    default:
      return false;
  }
}

function planProperties(record: RecordSchema): FieldPlan[] {
  const names = new Set(record.fields.map((field) => field.name));
  return record.fields.map((field) => {
    if (!isTakenPropertyName(field.name)) {
      return { field, property: field.name };
    }
    const property = makeFree(
      `${field.name}_`,
      (name) => names.has(name) || isTakenPropertyName(name),
    );
    names.add(property);
    return { field, property };
  });
}
