/** Words of other languages, and what Jute calls the same thing. Looked up in lower case. */

export const foreignTypeNames: ReadonlyMap<string, string> = new Map([
  ["string", "ustring"],
  ["str", "ustring"],
  ["text", "ustring"],
  ["bool", "boolean"],
  ["int8", "byte"],
  ["int32", "int"],
  ["integer", "int"],
  ["i32", "int"],
  ["int64", "long"],
  ["bigint", "long"],
  ["i64", "long"],
  ["float32", "float"],
  ["real", "double"],
  ["float64", "double"],
  ["number", "double"],
  ["bytes", "buffer"],
  ["binary", "buffer"],
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
