/** Every target, by the name that the command line and the config know it by. A new one is a directory here and a row. */
import { jsonSchema } from "./json-schema/index.js";
import type { Target } from "./target.js";
import { typeScript } from "./typescript/index.js";

export type TargetName = "typescript" | "json-schema";

export const TARGETS: Readonly<Record<TargetName, Target>> = {
  typescript: typeScript,
  "json-schema": jsonSchema,
};

export const DEFAULT_TARGET: TargetName = "typescript";

export function isTargetName(name: string): name is TargetName {
  return Object.hasOwn(TARGETS, name);
}
