/**
 * Formats emitted TypeScript with Prettier, in its standalone form: no disk,
 * no process, so it runs in a browser too. Prettier is by far the most expensive
 * step of a run, so it is loaded only when there is something to format.
 */
import type { Options } from "prettier";

/** Prettier's own options, except those that decide how a text is read: the text is always TypeScript. */
export type PrettierOptions = Omit<Options, "parser" | "plugins" | "filepath">;

/**
 * The parser whose tree Prettier prints. It prints what the `typescript` parser prints
 * in about two thirds of the time, most of which is spent here.
 */
export const PRETTIER_PARSER = "babel-ts";

type Format = (text: string, options: PrettierOptions) => Promise<string>;

let loaded: Promise<Format> | undefined;

/** Formats one TypeScript text. Rejects with Prettier's SyntaxError when the text is not TypeScript. */
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
