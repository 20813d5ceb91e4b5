/**
 * Records without a compiler: just enough of a generated class for arbitraries,
 * which look at nothing but the descriptor and the constructor.
 */
import type { AnyRecordType, FieldDescriptor } from "@jute-ts/runtime";

interface Fields {
  [property: string]: unknown;
}

/** A class with these fields. `fields` is called late, so that it may refer to the class itself. */
export function recordClass(
  name: string,
  fields: () => readonly FieldDescriptor[],
  { recursive = false } = {},
): AnyRecordType {
  class HandMade {
    [property: string]: unknown;

    constructor(init: Fields = {}) {
      for (const { property } of HandMade.descriptor.fields) this[property] = init[property];
    }

    static readonly descriptor = {
      name,
      fullName: `test.${name}`,
      signature: `L${name}()`,
      get fields() {
        return fields();
      },
      ...(recursive ? { recursive: true as const } : {}),
    };
  }
  return HandMade as unknown as AnyRecordType;
}

/** A field whose property has its name. */
export function field(
  name: string,
  type: FieldDescriptor["type"],
  marks: Pick<FieldDescriptor, "optional" | "nonNull" | "nonNullElements"> = {},
): FieldDescriptor {
  return { name, property: name, type, ...marks };
}
