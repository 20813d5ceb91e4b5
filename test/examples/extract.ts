/**
 * The `ts` examples of the documentation, as programs. A block is what a reader copies, so it
 * must compile as it stands. Where a page has said before what a name is, an HTML comment above
 * the block, which readers do not see, says it to the compiler:
 *
 *     <!-- given
 *     declare const socket: import("node:net").Socket;
 *     -->
 *
 * What a block promises to print stands in its comments: behind a `console.log`, or in lines
 * right below a loop that prints.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

export interface Example {
  /** The page and the line on which the block begins: `packages/server/README.md:9`. */
  readonly title: string;
  readonly page: string;
  /** What stands in the block. */
  readonly text: string;
  /** What the reader knows already, as TypeScript; empty for a program that is whole. */
  readonly given: string;
  /** The lines that it promises to print. */
  readonly promised: readonly string[];
}

/** The pages that are written by hand, relative to the root. */
export function pages(): string[] {
  const folders = [".", "docs", "docs/decisions", "generated", ...foldersIn("packages")];
  const shown = [...folders, "examples", ...foldersIn("examples")];
  return shown
    .flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith(".md") && name !== "CHANGELOG.md")
        .map((name) => posix.join(folder, name)),
    )
    .sort();
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => posix.join(folder, name));
}

/** The examples of a page, in order. */
export function examplesOf(page: string): Example[] {
  const markdown = readFileSync(join(root, page), "utf8");
  const blocks = markdown.matchAll(/(?:^<!-- given\n([^]*?)-->\n+)?^```ts\n([^]*?)^```$/gm);
  return Array.from(blocks, ({ index, 0: whole, 1: given = "", 2: text = "" }) => {
    const lines = markdown.slice(0, index + whole.indexOf("```ts")).split("\n").length;
    return { title: `${page}:${lines}`, page, text, given, promised: promisedBy(text) };
  });
}

function promisedBy(text: string): string[] {
  const promised: string[] = [];
  // Comments right below a loop say what it prints.
  let isBelowLoop = false;
  for (const line of text.split("\n")) {
    const said = /console\.log\(.*\); \/\/ (.*)$/.exec(line)?.[1];
    const below: string | undefined = isBelowLoop ? /^\/\/ (.*)$/.exec(line)?.[1] : undefined;
    promised.push(...[said, below].filter((each) => each !== undefined));
    isBelowLoop = line === "}" || below !== undefined;
  }
  return promised;
}

/** Where the links of a page lead within the repository, as they are written. */
export function linksOf(page: string): string[] {
  const links = proseOf(page).matchAll(/\]\(([^)\s]+)\)/g);
  return Array.from(links, ([, link = ""]) => link).filter((link) => !/^[a-z]+:/.test(link));
}

/** What links to the headings of a page may say after their `#`, as GitHub makes it. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const headings = proseOf(page).matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(headings, ([, heading = ""]) =>
      heading
        .replaceAll(/\]\([^)]*\)/g, "")
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** A page without its blocks of code. */
function proseOf(page: string): string {
  return readFileSync(join(root, page), "utf8").replaceAll(/^```[^]*?^```$/gm, "");
}
