/** Words of other languages, and what Jute calls the same thing or has in its place. Looked up in lower case. */
import { advice } from "../diagnostics.js";

export const foreignTypeNames: ReadonlyMap<string, string> = new Map([
  ["string", "ustring"],
  ["str", "ustring"],
  ["text", "ustring"],
  ["bool", "boolean"],
  ["varchar", "ustring"],
  ["char", "ustring"],
  ["uuid", "ustring"],
  ["decimal", "ustring"],
  ["int8", "byte"],
  ["i8", "byte"],
  ["uint8", "byte"],
  ["u8", "byte"],
  ["sbyte", "byte"],
  ["tinyint", "byte"],
  ["short", "int"],
  ["int16", "int"],
  ["i16", "int"],
  ["uint16", "int"],
  ["u16", "int"],
  ["smallint", "int"],
  ["int32", "int"],
  ["sint32", "int"],
  ["sfixed32", "int"],
  ["integer", "int"],
  ["i32", "int"],
  // Of the unsigned ones the next larger type holds all values.
  ["uint32", "long"],
  ["fixed32", "long"],
  ["u32", "long"],
  ["uint", "long"],
  ["int64", "long"],
  ["sint64", "long"],
  ["sfixed64", "long"],
  ["uint64", "long"],
  ["fixed64", "long"],
  ["u64", "long"],
  ["ulong", "long"],
  ["bigint", "long"],
  ["i64", "long"],
  ["date", "long"],
  ["datetime", "long"],
  ["time", "long"],
  ["timestamp", "long"],
  ["float32", "float"],
  ["f32", "float"],
  ["real", "double"],
  ["float64", "double"],
  ["f64", "double"],
  ["number", "double"],
  ["bytes", "buffer"],
  ["binary", "buffer"],
  ["bytestring", "buffer"],
  ["blob", "buffer"],
]);

export const foreignContainers: ReadonlyMap<string, "vector" | "map"> = new Map([
  ["list", "vector"],
  ["array", "vector"],
  ["set", "vector"],
  ["seq", "vector"],
  ["sequence", "vector"],
  ["repeated", "vector"],
  ["dict", "map"],
  ["hashmap", "map"],
  ["table", "map"],
]);

export const foreignKeywords: ReadonlyMap<string, "module" | "class" | "include"> = new Map([
  ["struct", "class"],
  ["record", "class"],
  ["message", "class"],
  ["type", "class"],
  ["interface", "class"],
  ["package", "module"],
  ["namespace", "module"],
  ["import", "include"],
]);

/** Words around a type that other languages have for what may be missing or null. */
export const foreignWrappers: ReadonlySet<string> = new Set([
  "maybe",
  "nullable",
  "opt",
  "option",
  "optional",
]);

/** What people from elsewhere look for and Jute does not have, and what it has in its place. */
export const foreignIdeas: ReadonlyMap<string, string> = new Map([
  ...each(["enum", "enumeration"], advice.noEnums),
  ...each(["extends", "implements", "inherits"], advice.noInheritance),
  ...each(["oneof", "union", "variant", "choice"], advice.noUnions),
  ...each(["service", "rpc", "func", "function", "fn", "def", "procedure"], advice.noServices),
  ...each(["typedef", "typealias", "alias", "using", "type"], advice.noAliases),
  ...each(["const", "define", "let", "val", "var"], advice.noConstants),
  ...each(["exception", "error", "throws"], advice.noExceptions),
  ...each(["any", "object", "void", "unknown", "json", "variant"], advice.noAnything),
  ...each(
    ["syntax", "edition", "option", "reserved", "extensions", "cpp_include"],
    advice.noOptions,
  ),
  ...each(["import", "require", "use"], advice.includePath),
  ...each(
    ["abstract", "data", "export", "final", "internal", "open", "private", "protected", "public"],
    advice.noModifiers,
  ),
  ...each(["sealed", "static"], advice.noModifiers),
]);

function each(words: readonly string[], what: string): readonly (readonly [string, string])[] {
  return words.map((word) => [word, what]);
}

/** Words that other languages put in front of a field's type. */
export const foreignModifiers: ReadonlySet<string> = new Set([
  "const",
  "final",
  "nullable",
  "optional",
  "private",
  "public",
  "readonly",
  "repeated",
  "required",
  "static",
  "unsigned",
]);
