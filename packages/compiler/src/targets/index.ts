/** Every target, by the name that the command line and the config know it by. A new one is a directory here and a row. */
import { html } from "./documentation/html.js";
import { markdown } from "./documentation/markdown.js";
import { jsonSchema } from "./json-schema/index.js";
import type { Target } from "./target.js";
import { typeScript } from "./typescript/index.js";
import { wireshark } from "./wireshark/index.js";

export type TargetName = "typescript" | "json-schema" | "markdown" | "html" | "wireshark";

export const TARGETS: Readonly<Record<TargetName, Target>> = {
  typescript: typeScript,
  "json-schema": jsonSchema,
  markdown,
  html,
  wireshark,
};

export const DEFAULT_TARGET: TargetName = "typescript";

export function isTargetName(name: string): name is TargetName {
  return Object.hasOwn(TARGETS, name);
}
