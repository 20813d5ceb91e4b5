import { primitiveNames } from "../wire-types.js";

/** Every reserved word: none of them can name a module, a class or a field. */
export const keywords: ReadonlySet<string> = new Set([
  "module",
  "class",
  "include",
  "vector",
  "map",
  ...primitiveNames,
]);
