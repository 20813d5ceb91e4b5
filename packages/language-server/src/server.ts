/** Connects the protocol to the features: one handler a request, and diagnostics after changes. */
import {
  type CodeAction,
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  type Connection,
  type Diagnostic as ProtocolDiagnostic,
  DiagnosticSeverity,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
  type DocumentSymbol,
  ErrorCodes,
  type Hover,
  type InitializeParams,
  type InitializeResult,
  type Location,
  MarkupKind,
  MessageType,
  type Range,
  ResponseError,
  ShowMessageNotification,
  TextDocumentSyncKind,
  type TextEdit as ProtocolEdit,
  type WorkspaceEdit,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { capped, type Diagnostic, type TextEdit } from "@jute-ts/compiler";
import type { Declaration, Span } from "@jute-ts/compiler/analysis";
import { formatSource, WIDEST_INDENT } from "@jute-ts/compiler/format";
import { proposalsAt, type Proposal } from "./completion.js";
import { hoverText } from "./hover.js";
import { type Place, placeAt, usesOf } from "./places.js";
import { renameEdits, RenameError, renamedSpan } from "./rename.js";
import { TextMemo } from "./text-memo.js";
import { symbolsLike, symbolsOf } from "./symbols.js";
import { pathOf, uriOf } from "./uris.js";
import { type Analysis, type FileSystem, type SettingsOf, Workspace } from "./workspace.js";

/** A pause in typing that is long enough to look at the text. */
const QUIET_MS = 100;
/** How long files of the folders are parsed in one go. Then questions come first, for about as long. */
const AHEAD_MS = 10;

/** Serves one editor until the connection ends. Call `listen` of the connection afterwards. */
export function serve(connection: Connection, files: FileSystem, settingsOf: SettingsOf): void {
  new LanguageServer(connection, files, settingsOf).register();
}

class LanguageServer {
  readonly #connection: Connection;
  readonly #workspace: Workspace;
  readonly #settingsOf: SettingsOf;
  /** The texts of open files with their lines, by path. */
  readonly #documents = new Map<string, TextDocument>();
  readonly #closed = new TextMemo((path, text) =>
    TextDocument.create(uriOf(path), "jute", 0, text),
  );
  #timer: NodeJS.Timeout | undefined;
  #ahead: NodeJS.Timeout | undefined;
  /** URIs, as the editor has them. */
  #folders: readonly string[] = [];
  /** What is wrong with configurations, and has been said. */
  #problems: ReadonlySet<string> = new Set();

  constructor(connection: Connection, files: FileSystem, settingsOf: SettingsOf) {
    this.#connection = connection;
    this.#settingsOf = settingsOf;
    this.#workspace = new Workspace(files, settingsOf);
  }

  register(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onDidOpenTextDocument(({ textDocument: { uri, version, text } }) => {
      this.#setDocument(TextDocument.create(uri, "jute", version, text));
    });
    connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
      const document = this.#documents.get(pathOf(uri));
      if (document === undefined) return;
      this.#setDocument(TextDocument.update(document, contentChanges, version));
    });
    connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
      const path = pathOf(uri);
      this.#documents.delete(path);
      this.#workspace.close(path);
      void connection.sendDiagnostics({ uri, diagnostics: [] });
      this.#publishSoon();
    });
    connection.onDidChangeWatchedFiles(() => {
      this.#publishSoon();
      this.#parseAhead();
    });
    connection.onHover(({ textDocument, position }) => this.#hover(textDocument.uri, position));
    connection.onDefinition(({ textDocument, position }) =>
      this.#definition(textDocument.uri, position),
    );
    connection.onReferences(({ textDocument, position, context }) =>
      this.#references(textDocument.uri, position, context.includeDeclaration),
    );
    connection.onCompletion(({ textDocument, position }) =>
      this.#completion(textDocument.uri, position),
    );
    connection.onPrepareRename(({ textDocument, position }) => {
      const found = this.#placeAt(textDocument.uri, position);
      const span = found && renamedSpan(found.place);
      return span === undefined ? null : this.#rangeOf(span);
    });
    connection.onRenameRequest(({ textDocument, position, newName }) =>
      this.#rename(textDocument.uri, position, newName),
    );
    connection.onDocumentSymbol(({ textDocument }) => this.#symbolsOf(textDocument.uri));
    connection.onWorkspaceSymbol(({ query }) =>
      symbolsLike(query, this.#workspace, (span) => this.#location(span)),
    );
    connection.onDocumentFormatting(({ textDocument, options }) =>
      this.#format(textDocument.uri, options),
    );
    connection.onCodeAction(({ textDocument, range, context: { only } }) =>
      only === undefined || only.includes(CodeActionKind.QuickFix)
        ? this.#codeActions(textDocument.uri, range)
        : [],
    );
    connection.onNotification(
      DidChangeWorkspaceFoldersNotification.type,
      ({ event: { added, removed } }) => {
        const gone = removed.map(({ uri }) => uri);
        const kept = this.#folders.filter((uri) => !gone.includes(uri));
        this.#setFolders([...kept, ...added.map(({ uri }) => uri)]);
        this.#parseAhead();
      },
    );
    connection.onShutdown(() => {
      clearTimeout(this.#timer);
      clearTimeout(this.#ahead);
    });
  }

  #initialize({ capabilities, ...params }: InitializeParams): InitializeResult {
    this.#setFolders(foldersOf(params));
    const { dynamicRegistration = false } = capabilities.workspace?.didChangeWatchedFiles ?? {};
    this.#connection.onInitialized(() => {
      this.#parseAhead();
      // Not all editors watch files by themselves, and a change of a config or an include is not typed.
      if (!dynamicRegistration) return;
      this.#connection.client
        .register(DidChangeWatchedFilesNotification.type, {
          watchers: [{ globPattern: "**/*.jute" }, { globPattern: "**/jute.config.json" }],
        })
        // An editor that refuses says what has changed by itself, or the next key does.
        .catch(() => undefined);
    });
    return {
      serverInfo: { name: "jute" },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        completionProvider: { triggerCharacters: ["<", '"', "."] },
        renameProvider: { prepareProvider: true },
        documentSymbolProvider: true,
        workspaceSymbolProvider: true,
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        documentFormattingProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      },
    };
  }

  #setFolders(uris: readonly string[]): void {
    this.#folders = uris;
    this.#workspace.setFolders(uris.map(pathOf));
  }

  /** In the time that nothing else needs. */
  #parseAhead(): void {
    clearTimeout(this.#ahead);
    const files = this.#workspace.parseAhead();
    const parseSome = (): void => {
      const start = performance.now();
      do {
        if (files.next().done === true) return;
      } while (performance.now() - start < AHEAD_MS);
      this.#ahead = setTimeout(parseSome, performance.now() - start);
    };
    this.#ahead = setTimeout(parseSome, QUIET_MS);
  }

  #setDocument(document: TextDocument): void {
    const path = pathOf(document.uri);
    this.#documents.set(path, document);
    this.#workspace.open(path, document.getText());
    this.#publishSoon();
  }

  /** All open files, because what one declares another may use. */
  #publishSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const [path, document] of this.#documents) this.#publish(path, document);
      this.#reportProblems();
    }, QUIET_MS);
  }

  #publish(path: string, { uri, version }: TextDocument): void {
    const analysis = this.#workspace.analysisOf(path);
    if (analysis === undefined) return;
    const own = analysis.diagnostics.filter(({ span }) => span.file === analysis.file.path);
    const diagnostics = capped(own).map((each) => this.#diagnostic(each));
    void this.#connection.sendDiagnostics({ uri, version, diagnostics });
  }

  /** Each once, however many files are open, and again when it has been mended between. */
  #reportProblems(): void {
    const problems = new Set<string>();
    for (const path of this.#documents.keys()) {
      const { problem } = this.#settingsOf(path);
      if (problem !== undefined) problems.add(problem);
    }
    for (const message of problems) {
      if (this.#problems.has(message)) continue;
      // Not a request: nobody need press anything, and an editor may not know how.
      void this.#connection.sendNotification(ShowMessageNotification.type, {
        type: MessageType.Warning,
        message,
      });
    }
    this.#problems = problems;
  }

  #diagnostic({
    code,
    severity,
    message,
    suggestion,
    span,
    related,
  }: Diagnostic): ProtocolDiagnostic {
    return {
      source: "jute",
      code,
      severity: severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
      message: suggestion === undefined ? message : `${message}\n${suggestion}`,
      range: this.#rangeOf(span),
      relatedInformation:
        related?.map((place) => ({
          message: place.message,
          location: this.#location(place.span),
        })) ?? [],
    };
  }

  #hover(uri: string, position: Position): Hover | null {
    const found = this.#placeAt(uri, position);
    const text = found && hoverText(found.place, found.analysis);
    if (found === undefined || text === undefined) return null;
    return {
      contents: { kind: MarkupKind.Markdown, value: text },
      range: this.#rangeOf(found.place.span),
    };
  }

  #definition(uri: string, position: Position): Location | null {
    const place = this.#placeAt(uri, position)?.place;
    if (place?.kind === "include") {
      const { target } = place.edge;
      return target === undefined ? null : this.#location({ file: target.path, start: 0, end: 0 });
    }
    const declaration = place && declarationOf(place);
    return declaration === undefined ? null : this.#location(declaration.class.nameSpan);
  }

  #references(uri: string, position: Position, withDeclaration: boolean): Location[] {
    const place = this.#placeAt(uri, position)?.place;
    const declaration = place && declarationOf(place);
    if (declaration === undefined) return [];
    const uses = usesOf(declaration, this.#workspace).map(({ span }) => span);
    const spans = withDeclaration ? [declaration.class.nameSpan, ...uses] : uses;
    return spans.map((span) => this.#location(span));
  }

  #completion(uri: string, position: Position): CompletionItem[] {
    const document = this.#document(pathOf(uri));
    const analysis = this.#workspace.analysisOf(pathOf(uri));
    if (document === undefined || analysis === undefined) return [];
    const offset = document.offsetAt(position);
    return proposalsAt(offset, analysis, this.#workspace).map(({ label, kind, detail }) => ({
      label,
      kind: COMPLETION_KINDS[kind],
      ...(detail === "" ? {} : { detail }),
    }));
  }

  #rename(uri: string, position: Position, newName: string): WorkspaceEdit {
    const found = this.#placeAt(uri, position);
    try {
      if (found === undefined) throw new RenameError("there is nothing to rename here");
      return this.#edit(renameEdits(found.place, newName, found.analysis, this.#workspace));
    } catch (error) {
      if (!(error instanceof RenameError)) throw error;
      throw new ResponseError(ErrorCodes.InvalidParams, error.message);
    }
  }

  #symbolsOf(uri: string): DocumentSymbol[] {
    const analysis = this.#workspace.analysisOf(pathOf(uri));
    return analysis === undefined ? [] : symbolsOf(analysis, (span) => this.#rangeOf(span));
  }

  /** Nothing for a file with syntax errors: its diagnostics say why. */
  #format(
    uri: string,
    { tabSize, insertSpaces }: { readonly tabSize: number; readonly insertSpaces: boolean },
  ): ProtocolEdit[] {
    const document = this.#document(pathOf(uri));
    if (document === undefined) return [];
    const source = { path: pathOf(uri), text: document.getText() };
    const { format } = this.#settingsOf(source.path);
    const { text } = formatSource(source, {
      indentWidth: format.indentWidth ?? Math.min(Math.max(Math.trunc(tabSize), 1), WIDEST_INDENT),
      useTabs: format.useTabs ?? !insertSpaces,
    });
    if (text === undefined || text === source.text) return [];
    const end = document.positionAt(source.text.length);
    return [{ range: { start: { line: 0, character: 0 }, end }, newText: text }];
  }

  #codeActions(uri: string, range: Range): CodeAction[] {
    const document = this.#document(pathOf(uri));
    const analysis = this.#workspace.analysisOf(pathOf(uri));
    if (document === undefined || analysis === undefined) return [];
    const start = document.offsetAt(range.start);
    const end = document.offsetAt(range.end);
    return analysis.diagnostics.flatMap((diagnostic) => {
      const { span, fix } = diagnostic;
      const touches = span.file === analysis.file.path && span.start <= end && start <= span.end;
      if (!touches || fix === undefined) return [];
      return {
        title: titleOf(fix, analysis),
        kind: CodeActionKind.QuickFix,
        isPreferred: true,
        diagnostics: [this.#diagnostic(diagnostic)],
        edit: this.#edit([fix]),
      };
    });
  }

  #placeAt(
    uri: string,
    position: Position,
  ): { readonly place: Place; readonly analysis: Analysis } | undefined {
    const analysis = this.#workspace.analysisOf(pathOf(uri));
    const document = this.#document(pathOf(uri));
    if (analysis === undefined || document === undefined) return undefined;
    const place = placeAt(analysis, document.offsetAt(position));
    return place && { place, analysis };
  }

  /** An open one as it is in the editor, any other as it is on disk. */
  #document(path: string): TextDocument | undefined {
    const open = this.#documents.get(path);
    if (open !== undefined) return open;
    const text = this.#workspace.textOf(path);
    return text === undefined ? undefined : this.#closed.of(path, text);
  }

  #edit(edits: readonly TextEdit[]): WorkspaceEdit {
    const changes: Record<string, ProtocolEdit[]> = {};
    for (const { span, text } of edits) {
      (changes[this.#uriOf(span.file)] ??= []).push({ range: this.#rangeOf(span), newText: text });
    }
    return { changes };
  }

  #location(span: Span): Location {
    return { uri: this.#uriOf(span.file), range: this.#rangeOf(span) };
  }

  #rangeOf({ file, start, end }: Span): Range {
    const document = this.#document(file);
    if (document === undefined) return NOWHERE;
    return { start: document.positionAt(start), end: document.positionAt(end) };
  }

  /** As the editor has it: two spellings of one URI would be two files to it. */
  #uriOf(path: string): string {
    return this.#documents.get(path)?.uri ?? uriOf(path);
  }
}

type Position = Range["start"];

const NOWHERE: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

const COMPLETION_KINDS: Readonly<Record<Proposal["kind"], CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  type: CompletionItemKind.TypeParameter,
  class: CompletionItemKind.Class,
  file: CompletionItemKind.File,
};

/** Their URIs. Editors that know no folders of a workspace have a root. */
function foldersOf({
  workspaceFolders,
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- some editors have nothing else
  rootUri,
}: Pick<InitializeParams, "workspaceFolders" | "rootUri">): readonly string[] {
  return workspaceFolders?.map(({ uri }) => uri) ?? [rootUri].flatMap((uri) => uri ?? []);
}

function declarationOf(place: Place): Declaration | undefined {
  return place.kind === "class" || place.kind === "use" ? place.declaration : undefined;
}

function titleOf({ span, text }: TextEdit, { file }: Analysis): string {
  const old = file.text.slice(span.start, span.end);
  if (old === "") return `Insert ${text.trim()}`;
  return text === "" ? `Remove ${old}` : `Replace ${old} with ${text}`;
}
