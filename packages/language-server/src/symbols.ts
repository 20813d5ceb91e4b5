/** The outline of a file, and classes of the workspace by a part of their name. */
import {
  type DocumentSymbol,
  type Location,
  type Range,
  type SymbolInformation,
  SymbolKind,
} from "vscode-languageserver";
import type { Span } from "@jute-ts/compiler/analysis";
import { typeText } from "./layout.js";
import type { Analysis, Workspace } from "./workspace.js";

/** More symbols than anybody reads. */
const MOST_SYMBOLS = 500;

/** Modules, their classes, and the fields of those. */
export function symbolsOf({ file }: Analysis, rangeOf: (span: Span) => Range): DocumentSymbol[] {
  const symbol = (
    name: string,
    kind: SymbolKind,
    span: Span,
    nameSpan: Span,
    children: DocumentSymbol[],
    detail = "",
  ): DocumentSymbol => ({
    name,
    kind,
    detail,
    range: rangeOf(span),
    selectionRange: rangeOf(nameSpan),
    children,
  });
  return file.ast.items.flatMap((item) => {
    if (item.kind !== "module") return [];
    const classes = item.classes.map((declared) =>
      symbol(
        declared.name,
        SymbolKind.Class,
        declared.span,
        declared.nameSpan,
        declared.fields.map(({ name, span, nameSpan, type }) =>
          symbol(name, SymbolKind.Field, span, nameSpan, [], typeText(type)),
        ),
      ),
    );
    const end = item.classes.at(-1)?.span.end ?? item.nameSpan.end;
    const span = { ...item.nameSpan, end };
    return [symbol(item.name, SymbolKind.Module, span, item.nameSpan, classes)];
  });
}

/**
 * Classes whose full name holds the query, then those whose name has its letters in this order, in
 * upper or lower case: "gdr" finds `GetDataRequest`.
 */
export function symbolsLike(
  query: string,
  workspace: Workspace,
  locationOf: (span: Span) => Location,
): SymbolInformation[] {
  const wanted = query.toLowerCase();
  const holding: SymbolInformation[] = [];
  const spelling: SymbolInformation[] = [];
  for (const { path, module, name, at } of workspace.classes()) {
    const isHeld = `${module}.${name}`.toLowerCase().includes(wanted);
    if (!isHeld && !spells(name.toLowerCase(), wanted)) continue;
    const found = isHeld ? holding : spelling;
    if (found.length === MOST_SYMBOLS) continue;
    const location = locationOf({ file: path, start: at, end: at + name.length });
    found.push({ name, containerName: module, kind: SymbolKind.Class, location });
  }
  return [...holding, ...spelling].slice(0, MOST_SYMBOLS);
}

/** Whether the letters stand in the name in their order, with others between them. */
function spells(name: string, letters: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = name.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
