/** Values as Lua writes them. */

export type LuaValue =
  string | number | boolean | readonly LuaValue[] | ReadonlyMap<number | string, LuaValue>;

/** A value on one line. */
export function luaText(value: LuaValue): string {
  if (typeof value === "string") return luaString(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `{ ${value.map(luaText).join(", ")} }`;
  const entries = [...value].map(([key, item]) => `[${luaText(key)}] = ${luaText(item)}`);
  return `{ ${entries.join(", ")} }`;
}

/** A table with an entry a line. */
export function luaTable(entries: readonly string[]): string {
  return `{\n${entries.map((entry) => `  ${entry},\n`).join("")}}`;
}

/** In quotes. Bytes beyond ASCII stand as they are: Lua takes them as they come. */
export function luaString(text: string): string {
  const escaped = text.replaceAll(/[\\"\n\r\0]/g, (character) => ESCAPES.get(character) ?? "");
  return `"${escaped}"`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ['"', '\\"'],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\0", "\\0"],
]);

/** Array.isArray does not narrow readonly arrays. */
function isList(value: LuaValue): value is readonly LuaValue[] {
  return Array.isArray(value);
}

/** Whether a value is a table whose keys are no names. */
export function isLuaMap(value: LuaValue): value is ReadonlyMap<number | string, LuaValue> {
  return value instanceof Map;
}
