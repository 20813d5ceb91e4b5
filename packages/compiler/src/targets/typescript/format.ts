/**
 * Formats emitted TypeScript as Prettier does. Most files get their lines broken
 * without it, because it is by far the most expensive step of a run; the others bring
 * Prettier in, in its standalone form: no disk, no process, so it runs in a browser too.
 */
import type { Options } from "prettier";
import type { EmittedFile } from "../target.js";
import { breakLines } from "./line-breaks.js";

/** Prettier's own options, except those that decide how a text is read: the text is always TypeScript. */
export type PrettierOptions = Omit<Options, "parser" | "plugins" | "filepath">;

/**
 * The parser whose tree Prettier prints. It prints what the `typescript` parser prints
 * in about two thirds of the time, most of which is spent here.
 */
export const PRETTIER_PARSER = "babel-ts";

type Format = (text: string, options: PrettierOptions) => Promise<string>;

let loaded: Promise<Format> | undefined;

/** The text of one emitted file as Prettier prints it with these options. */
export async function formatEmitted(
  file: EmittedFile,
  options: PrettierOptions = {},
): Promise<string> {
  return formatWithoutPrettier(file, options) ?? formatTypeScript(file.text, options);
}

/** The same, or undefined when only Prettier itself can tell. */
export function formatWithoutPrettier(
  file: EmittedFile,
  options: PrettierOptions,
): string | undefined {
  const { printWidth = 80, ...others } = options;
  if (typeof printWidth !== "number") return undefined;
  if (!Object.entries(others).every(isDefault)) return undefined;
  return breakLines(file.lines ?? file.text.split("\n"), printWidth);
}

function isDefault([name, value]: readonly [string, unknown]): boolean {
  return value === undefined || DEFAULTS.get(name) === value;
}

/** The options that have a say in how TypeScript looks, at the values for which the lines are broken without Prettier. */
const DEFAULTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["arrowParens", "always"],
  ["bracketSpacing", true],
  ["endOfLine", "lf"],
  ["experimentalOperatorPosition", "end"],
  ["experimentalTernaries", false],
  ["objectWrap", "preserve"],
  ["quoteProps", "as-needed"],
  ["semi", true],
  ["singleQuote", false],
  ["tabWidth", 2],
  ["trailingComma", "all"],
  ["useTabs", false],
]);

/** Formats one TypeScript text with Prettier. Rejects with its SyntaxError when the text is not TypeScript. */
export async function formatTypeScript(
  text: string,
  options: PrettierOptions = {},
): Promise<string> {
  loaded ??= loadPrettier();
  return (await loaded)(text, options);
}

async function loadPrettier(): Promise<Format> {
  const [prettier, estree, babel] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/estree"),
    import("prettier/plugins/babel"),
  ]);
  const plugins = [estree.default, babel.default];
  return (text, options) => prettier.format(text, { ...options, parser: PRETTIER_PARSER, plugins });
}
