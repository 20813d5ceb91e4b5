/** JSON as a text for people: like `JSON.stringify` with two spaces, but short lists of plain values on one line. */

export type JsonNode =
  null | boolean | number | string | readonly JsonNode[] | { readonly [key: string]: JsonNode };

const LINE_LENGTH = 80;

export function formatJson(value: { readonly [key: string]: JsonNode }): string {
  return `${formatted(value, "", 0)}\n`;
}

/** `used`: how many characters of the line are taken by what stands around the value. */
function formatted(value: JsonNode, indent: string, used: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (isList(value)) {
    if (value.length === 0) return "[]";
    if (value.every((item) => typeof item !== "object" || item === null)) {
      const line = `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
      if (indent.length + used + line.length <= LINE_LENGTH) return line;
    }
    const items = value.map((item) => inner + formatted(item, inner, 1));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, item]) => {
    const name = `${JSON.stringify(key)}: `;
    return `${inner}${name}${formatted(item, inner, name.length + 1)}`;
  });
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

/** Array.isArray does not narrow readonly arrays. */
function isList(value: JsonNode): value is readonly JsonNode[] {
  return Array.isArray(value);
}
