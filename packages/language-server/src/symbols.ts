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

/** Classes whose full name holds the query, in upper or lower case. */
export function symbolsLike(
  query: string,
  workspace: Workspace,
  locationOf: (span: Span) => Location,
): SymbolInformation[] {
  const wanted = query.toLowerCase();
  const symbols: SymbolInformation[] = [];
  for (const { file, sources } of workspace.analyses()) {
    for (const declaration of sources.declarations) {
      if (declaration.file !== file) continue;
      if (!declaration.fullName.toLowerCase().includes(wanted)) continue;
      if (symbols.length === MOST_SYMBOLS) return symbols;
      symbols.push({
        name: declaration.class.name,
        containerName: declaration.module,
        kind: SymbolKind.Class,
        location: locationOf(declaration.class.nameSpan),
      });
    }
  }
  return symbols;
}
