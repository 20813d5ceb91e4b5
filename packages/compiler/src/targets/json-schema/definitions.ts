/** Schemas of the types that JSON has no word for. */
import type { PrimitiveName } from "../../wire-types.js";
import type { JsonNode } from "./format-json.js";

export type DefinitionName = "byte" | "int" | "long" | "number" | "buffer" | "bufferOrNull";

const GREATEST_LONG = "9223372036854775807";
const LEAST_LONG_DIGITS = "9223372036854775808";

export const DEFINITIONS: Readonly<Record<DefinitionName, JsonNode>> = {
  byte: { type: "integer", minimum: -128, maximum: 127 },
  int: { type: "integer", minimum: -2_147_483_648, maximum: 2_147_483_647 },
  long: {
    description: "A signed 64-bit integer in decimal: a string, or a number where that is exact.",
    anyOf: [
      { type: "string", pattern: longPattern() },
      { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    ],
  },
  number: {
    description: "A floating point number, or what JSON has no number for.",
    anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity", "-0"] }],
  },
  buffer: buffer("string"),
  bufferOrNull: buffer(["string", "null"]),
};

/** The definition of a primitive type that is neither a boolean nor a string. */
export function definitionOf(
  kind: Exclude<PrimitiveName, "boolean" | "ustring">,
  isNullable: boolean,
): DefinitionName {
  switch (kind) {
    case "float":
    case "double":
      return "number";
    case "buffer":
      return isNullable ? "bufferOrNull" : "buffer";
    default:
      return kind;
  }
}

function buffer(type: JsonNode): JsonNode {
  return {
    description: "Bytes in base64, with padding.",
    type,
    contentEncoding: "base64",
    pattern: "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
  };
}

/** Up to 20 digits, zeros in front of them included, whose value fits into 64 bits. Without lookahead, which not every validator has. */
function longPattern(): string {
  return `^-?(?:[0-9]{1,18}|00?[0-9]{18}|0?(?:${upTo(GREATEST_LONG)}))$|^-0?${LEAST_LONG_DIGITS}$`;
}

/** An expression for all numbers of as many digits as this one that are not greater and do not begin with 0. */
function upTo(greatest: string): string {
  const alternatives: string[] = [];
  for (let at = 0; at < greatest.length; at++) {
    const digit = Number(greatest[at]);
    const least = at === 0 ? 1 : 0;
    if (digit <= least) continue;
    const range = digit - 1 === least ? String(least) : `[${String(least)}-${String(digit - 1)}]`;
    const rest = greatest.length - at - 1;
    const digits = rest === 0 ? "" : rest === 1 ? "[0-9]" : `[0-9]{${String(rest)}}`;
    alternatives.push(`${greatest.slice(0, at)}${range}${digits}`);
  }
  return [...alternatives, greatest].join("|");
}
