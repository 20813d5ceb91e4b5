/** Every target, by the name that the command line and the config know it by. A new one is a directory here and a row. */
import type { Target } from "./target.js";
import { typeScript } from "./typescript/index.js";

export type TargetName = "typescript";

export const TARGETS: Readonly<Record<TargetName, Target>> = { typescript: typeScript };

export const DEFAULT_TARGET: TargetName = "typescript";

export function isTargetName(name: string): name is TargetName {
  return Object.hasOwn(TARGETS, name);
}
