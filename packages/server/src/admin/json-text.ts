/** JSON as Apache's admin server writes it: indented, with a space on both sides of a colon. */

export type JsonValue =
  | string
  | number
  /** A Java `long`, which may be larger than JavaScript's numbers hold exactly. */
  | bigint
  | boolean
  | null
  | JavaDouble
  | readonly JsonValue[]
  | JsonFields;

export interface JsonFields {
  readonly [name: string]: JsonValue;
}

/** A number that has a fraction even where it is whole: `0.0`. */
export class JavaDouble {
  readonly text: string;

  /** `text`: as `Double.toString` writes it. */
  constructor(text: string) {
    this.text = text;
  }
}

export function jsonText(value: JsonValue, indent = ""): string {
  if (value instanceof JavaDouble) return value.text;
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) {
    if (value.length === 0) return "[ ]";
    return `[ ${value.map((each) => jsonText(each, indent)).join(", ")} ]`;
  }
  const inner = `${indent}  `;
  const lines = Object.entries(value).map(
    ([name, each]) => `${inner}${JSON.stringify(name)} : ${jsonText(each, inner)}`,
  );
  return lines.length === 0 ? "{ }" : `{\n${lines.join(",\n")}\n${indent}}`;
}

function isList(value: JsonFields | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
