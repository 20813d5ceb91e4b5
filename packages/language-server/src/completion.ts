/** What can stand at a place of a text that is being written, and so need not be a whole file. */
import { primitiveNames, relativePath } from "@jute-ts/compiler/analysis";
import type { Analysis, Workspace } from "./workspace.js";

export interface Proposal {
  readonly label: string;
  readonly kind: "keyword" | "type" | "class" | "file";
  /** Beside the label, e.g. the file that declares a class. */
  readonly detail: string;
}

/** Where a word stands that is being written. */
type Context =
  | { readonly kind: "top" | "module" | "nothing" }
  /** `module` is the name of the module that the class stands in. */
  | { readonly kind: "type"; readonly module: string }
  /** Inside of the quotes of an include. */
  | { readonly kind: "path" };

const TYPE_WORDS: readonly string[] = [...primitiveNames, "vector", "map"];

export function proposalsAt(
  offset: number,
  analysis: Analysis,
  workspace: Workspace,
): readonly Proposal[] {
  const { file } = analysis;
  const context = contextAt(file.text, offset);
  switch (context.kind) {
    case "top":
      return keywords("module", "include");
    case "module":
      return keywords("class");
    case "path":
      return workspace
        .listFiles()
        .filter((path) => path !== file.path)
        .map((path) => ({ label: relativePath(file.path, path), kind: "file", detail: path }));
    case "type":
      return [...keywordsAsTypes(), ...classes(context.module, analysis)];
    case "nothing":
      return [];
  }
}

/** Those of the same module by their name, the others by their full one. */
function classes(module: string, { file, sources }: Analysis): readonly Proposal[] {
  const visible = sources.visibleFrom(file);
  return sources.declarations
    .filter((declaration) => visible.has(declaration.file))
    .map((declaration) => ({
      label: declaration.module === module ? declaration.class.name : declaration.fullName,
      kind: "class",
      detail: declaration.file.path.slice(declaration.file.path.lastIndexOf("/") + 1),
    }));
}

function keywords(...words: readonly string[]): readonly Proposal[] {
  return words.map((label) => ({ label, kind: "keyword", detail: "" }));
}

function keywordsAsTypes(): readonly Proposal[] {
  return TYPE_WORDS.map((label) => ({ label, kind: "type", detail: "" }));
}

/** Comments, quoted texts, names and single characters; a comment or a text may lack its end. */
const TOKENS = /\/\/[^\r\n]*|\/\*[^]*?(?:\*\/|$)|"[^"\r\n]*"?|[A-Za-z][\w.]*|[^\s]/g;

function contextAt(text: string, offset: number): Context {
  let depth = 0;
  let module = "";
  let last = "";
  let beforeLast = "";
  for (const { 0: token, index } of text.slice(0, offset).matchAll(TOKENS)) {
    const end = index + token.length;
    if (token.startsWith("//")) {
      if (end === offset) return { kind: "nothing" };
    } else if (token.startsWith("/*")) {
      if (end === offset && !token.endsWith("*/")) return { kind: "nothing" };
    } else if (
      token.startsWith('"') &&
      end === offset &&
      (token.length < 2 || !token.endsWith('"'))
    ) {
      return { kind: last === "include" ? "path" : "nothing" };
    } else if (end === offset && /^\w/.test(token)) {
      // The word itself decides nothing: it is what is being written.
      break;
    } else {
      if (token === "{") depth++;
      if (token === "}") depth = Math.max(0, depth - 1);
      if (last === "module") module = token;
      beforeLast = last;
      last = token;
    }
  }
  if (last === "module" || last === "class" || beforeLast === "class" || beforeLast === "module") {
    // A name, or the brace after one.
    if (last !== "{") return { kind: "nothing" };
  }
  if (depth === 0) return { kind: last === "include" ? "nothing" : "top" };
  if (depth === 1) return { kind: last === "{" || last === "}" ? "module" : "nothing" };
  return ["{", ";", "<", ","].includes(last) ? { kind: "type", module } : { kind: "nothing" };
}
