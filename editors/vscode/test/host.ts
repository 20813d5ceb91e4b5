/**
 * What the extension needs of an editor: VS Code's own classes of values (Position, WorkspaceEdit, …) as
 * jest-mock-vscode has them, and the few services that the extension and its client of the protocol use, as small
 * as they can be. The compiler holds each of them to `@types/vscode`; whatever is not here throws by its name.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createTextDocument, createVSCodeMock } from "jest-mock-vscode";
import { vi } from "vitest";
import type * as vscode from "vscode";

type Api = typeof vscode;

const values = createVSCodeMock(vi) as unknown as Api;

export class Host {
  /** Lines that the extension's outputs have, whatever their level. */
  readonly output: string[] = [];
  /** What the user is shown in a box. */
  readonly shown: string[] = [];
  readonly #folder: vscode.WorkspaceFolder;
  readonly #settings = new Map<string, unknown>();
  readonly #commands = new Map<string, (...values: unknown[]) => unknown>();
  readonly #providers = new Map<string, Set<object>>();
  readonly #problems = new Map<string, readonly vscode.Diagnostic[]>();
  readonly #subscriptions: vscode.Disposable[] = [];
  #documents: readonly vscode.TextDocument[] = [];
  #logLevel: vscode.LogLevel = values.LogLevel.Info;
  #deactivate: () => unknown = () => undefined;

  readonly #opened = new values.EventEmitter<vscode.TextDocument>();
  readonly #changed = new values.EventEmitter<vscode.TextDocumentChangeEvent>();
  readonly #configured = new values.EventEmitter<vscode.ConfigurationChangeEvent>();
  readonly #trusted = new values.EventEmitter<void>();
  readonly #logLevels = new values.EventEmitter<vscode.LogLevel>();

  /** `folder` is open in the editor. */
  constructor(folder: string) {
    this.#folder = { uri: values.Uri.file(folder), name: path.basename(folder), index: 0 };
  }

  /** Runs the main file of the extension that lies in a folder, with this as its `vscode`. */
  async activate(extension: string): Promise<void> {
    const { main } = JSON.parse(readFileSync(path.join(extension, "package.json"), "utf8")) as {
      readonly main: string;
    };
    const file = path.join(extension, main);
    const api = this.#api();
    const node = createRequire(file);
    const module: { exports: Partial<Extension> } = { exports: {} };
    const load = (name: string): unknown => (name === "vscode" ? api : node(name));
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- as an editor runs it
    const run = new Function("module", "exports", "require", readFileSync(file, "utf8")) as (
      ...values: unknown[]
    ) => void;
    run(module, module.exports, load);
    const { activate, deactivate } = module.exports;
    if (activate === undefined || deactivate === undefined) throw new Error(`${file} is none`);
    this.#deactivate = deactivate;
    const context: Pick<vscode.ExtensionContext, "subscriptions" | "asAbsolutePath"> = {
      subscriptions: this.#subscriptions,
      asAbsolutePath: (relative) => path.join(extension, relative),
    };
    await activate(context as vscode.ExtensionContext);
  }

  async deactivate(): Promise<void> {
    await this.#deactivate();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  get commands(): readonly string[] {
    return [...this.#commands.keys()];
  }

  async run(command: string): Promise<void> {
    await this.#commands.get(command)?.();
  }

  /** Changes a setting, and tells the extension. Listeners may go on after this. */
  set(name: string, value: unknown): void {
    this.#settings.set(name, value);
    this.#configured.fire({
      affectsConfiguration: (section) => name === section || name.startsWith(`${section}.`),
    });
  }

  setLogLevel(level: "Info" | "Trace"): void {
    this.#logLevel = values.LogLevel[level];
    this.#logLevels.fire(this.#logLevel);
  }

  grantTrust(): void {
    this.#trusted.fire();
  }

  /** Opens a file of the folder. */
  open(name: string, text: string): vscode.TextDocument {
    return this.#open(values.Uri.joinPath(this.#folder.uri, name), text);
  }

  /** Opens a text that is not on disk. */
  openUntitled(text: string): vscode.TextDocument {
    return this.#open(values.Uri.from({ scheme: "untitled", path: "Untitled-1" }), text);
  }

  #open(uri: vscode.Uri, text: string): vscode.TextDocument {
    const document = createTextDocument(uri, text, "jute", 1);
    this.#documents = [...this.#documents, document];
    this.#opened.fire(document);
    return document;
  }

  /** Types a text in place of another one; the document is a new one then. */
  type(old: vscode.TextDocument, before: string, after: string): vscode.TextDocument {
    const text = old.getText();
    const at = text.indexOf(before);
    const changed = text.slice(0, at) + after + text.slice(at + before.length);
    const document = createTextDocument(old.uri, changed, "jute", old.version + 1);
    this.#documents = this.#documents.map((each) => (each === old ? document : each));
    const range = new values.Range(old.positionAt(at), old.positionAt(at + before.length));
    this.#changed.fire({
      document,
      contentChanges: [{ range, rangeOffset: at, rangeLength: before.length, text: after }],
      detailedReason: undefined,
      reason: undefined,
    } as vscode.TextDocumentChangeEvent);
    return document;
  }

  /** What is wrong with a document by now. */
  problems({ uri }: vscode.TextDocument): readonly vscode.Diagnostic[] {
    return this.#problems.get(uri.toString()) ?? [];
  }

  /** The only provider of its kind that is registered now. */
  provider<Kind extends keyof Providers>(kind: Kind): Providers[Kind] {
    const [provider, ...others] = this.#providers.get(kind) ?? [];
    if (provider === undefined || others.length > 0) {
      throw new Error(`${String(others.length)} others for ${kind}`);
    }
    return provider as Providers[Kind];
  }

  #api(): Api {
    const provided =
      (method: string) =>
      (...given: readonly unknown[]): vscode.Disposable => {
        // A selector may stand before it, and characters or kinds after it.
        const provider = given.find(isProvider);
        if (provider === undefined) throw new Error(`${method} has no provider`);
        const registered = this.#providers.get(method) ?? new Set();
        this.#providers.set(method, registered.add(provider));
        return new values.Disposable(() => registered.delete(provider));
      };
    const languages: Partial<Api["languages"]> = {
      createDiagnosticCollection: () => this.#diagnosticCollection(),
      match: (selector, document) => matches(selector, document),
      registerHoverProvider: provided("registerHoverProvider"),
      registerDefinitionProvider: provided("registerDefinitionProvider"),
      registerReferenceProvider: provided("registerReferenceProvider"),
      registerCompletionItemProvider: provided("registerCompletionItemProvider"),
      registerRenameProvider: provided("registerRenameProvider"),
      registerDocumentSymbolProvider: provided("registerDocumentSymbolProvider"),
      registerWorkspaceSymbolProvider: provided("registerWorkspaceSymbolProvider"),
      registerDocumentFormattingEditProvider: provided("registerDocumentFormattingEditProvider"),
      registerCodeActionsProvider: provided("registerCodeActionsProvider"),
    };
    const commands: Partial<Api["commands"]> = {
      registerCommand: (name, run) => {
        if (this.#commands.has(name)) throw new Error(`there is a command ${name} already`);
        this.#commands.set(name, run);
        return new values.Disposable(() => this.#commands.delete(name));
      },
    };
    const show = (message: string): Promise<undefined> => {
      this.shown.push(message);
      return Promise.resolve(undefined);
    };
    const window: Partial<Record<keyof Api["window"], unknown>> = {
      createOutputChannel: () => this.#outputChannel(),
      showErrorMessage: show,
      showWarningMessage: show,
      showInformationMessage: show,
      visibleTextEditors: [],
      onDidChangeVisibleTextEditors: never,
      tabGroups: { all: [], onDidChangeTabs: never, onDidChangeTabGroups: never },
    };
    const workspace: Partial<Record<keyof Api["workspace"], unknown>> = {
      workspaceFolders: [this.#folder],
      getConfiguration: (section: string) => this.#configuration(section),
      createFileSystemWatcher: () => ({
        onDidCreate: never,
        onDidChange: never,
        onDidDelete: never,
        dispose: () => undefined,
      }),
      onDidOpenTextDocument: this.#opened.event,
      onDidChangeTextDocument: this.#changed.event,
      onDidChangeConfiguration: this.#configured.event,
      onDidGrantWorkspaceTrust: this.#trusted.event,
      onDidCloseTextDocument: never,
      onDidSaveTextDocument: never,
      onWillSaveTextDocument: never,
      onDidChangeWorkspaceFolders: never,
      onDidCreateFiles: never,
      onDidRenameFiles: never,
      onDidDeleteFiles: never,
      onWillCreateFiles: never,
      onWillRenameFiles: never,
      onWillDeleteFiles: never,
    };
    Object.defineProperty(workspace, "textDocuments", { get: () => this.#documents });
    const env: Partial<Api["env"]> = { appName: "a stand-in", language: "en" };
    return onlyWhatIsThere("vscode", {
      ...values,
      version: "1.101.0",
      languages: onlyWhatIsThere("vscode.languages", languages),
      commands: onlyWhatIsThere("vscode.commands", commands),
      window: onlyWhatIsThere("vscode.window", window),
      workspace: onlyWhatIsThere("vscode.workspace", workspace),
      env: onlyWhatIsThere("vscode.env", env),
      Hover,
      InlayHint,
      CancellationTokenSource,
      CancellationError: class extends Error {},
      CodeActionTriggerKind: { Invoke: 1, Automatic: 2 },
    }) as unknown as Api;
  }

  #configuration(section: string): Pick<vscode.WorkspaceConfiguration, "get" | "inspect"> {
    const full = (name: string) => (section === "" ? name : `${section}.${name}`);
    return {
      get: (name: string, otherwise?: unknown) => this.#settings.get(full(name)) ?? otherwise,
      inspect: () => undefined,
    };
  }

  #diagnosticCollection(): vscode.DiagnosticCollection {
    const collection: Partial<vscode.DiagnosticCollection> = {
      set: (...[uri, diagnostics]: readonly unknown[]) => {
        this.#problems.set(String(uri), (diagnostics ?? []) as vscode.Diagnostic[]);
      },
      dispose: () => {
        this.#problems.clear();
      },
    };
    return onlyWhatIsThere("DiagnosticCollection", collection) as vscode.DiagnosticCollection;
  }

  #outputChannel(): vscode.LogOutputChannel {
    const write = (level: vscode.LogLevel) => (line: unknown) => {
      if (this.#logLevel <= level) this.output.push(String(line));
    };
    const { LogLevel } = values;
    const channel: Partial<vscode.LogOutputChannel> = {
      onDidChangeLogLevel: this.#logLevels.event,
      trace: write(LogLevel.Trace),
      debug: write(LogLevel.Debug),
      info: write(LogLevel.Info),
      warn: write(LogLevel.Warning),
      error: write(LogLevel.Error),
      append: write(LogLevel.Error),
      appendLine: write(LogLevel.Error),
      dispose: () => undefined,
    };
    Object.defineProperty(channel, "logLevel", { get: () => this.#logLevel });
    return onlyWhatIsThere("LogOutputChannel", channel) as vscode.LogOutputChannel;
  }
}

/** What the test asks, by the method of `vscode.languages` that registers it. */
interface Providers {
  readonly registerHoverProvider: vscode.HoverProvider;
  readonly registerDefinitionProvider: vscode.DefinitionProvider;
  readonly registerDocumentFormattingEditProvider: vscode.DocumentFormattingEditProvider;
  readonly registerCodeActionsProvider: vscode.CodeActionProvider;
}

interface Extension {
  readonly activate: (context: vscode.ExtensionContext) => Promise<void>;
  readonly deactivate: () => Promise<void>;
}

/** Where a part of a document's text starts. */
export function positionOf(document: vscode.TextDocument, mark: string): vscode.Position {
  return document.positionAt(document.getText().indexOf(mark));
}

/** One that nobody cancels. */
export const noCancellation: vscode.CancellationToken = {
  isCancellationRequested: false,
  onCancellationRequested: never,
};

/** An event that does not happen here. */
function never(): vscode.Disposable {
  return new values.Disposable(() => undefined);
}

function isProvider(given: unknown): given is object {
  return (
    typeof given === "object" &&
    given !== null &&
    Object.values(given).some((each) => typeof each === "function")
  );
}

/** As far as the extension's selectors go: an array of filters by language and scheme. */
function matches(selector: vscode.DocumentSelector, document: vscode.TextDocument): number {
  const filters = [selector].flat() as readonly (string | vscode.DocumentFilter)[];
  const fits = filters.some((filter) =>
    typeof filter === "string"
      ? filter === document.languageId
      : filter.language === document.languageId && filter.scheme === document.uri.scheme,
  );
  return fits ? 10 : 0;
}

/** So that what is used and not here is an error that says what it is. */
function onlyWhatIsThere(name: string, object: object): object {
  return new Proxy(object, {
    get: (target, key) => {
      if (key in target || typeof key === "symbol") return Reflect.get(target, key) as unknown;
      // What `await` and the interplay of module formats look for.
      if (key === "then" || key === "__esModule") return undefined;
      throw new Error(`${name} has no ${key} here`);
    },
  });
}

class Hover implements vscode.Hover {
  readonly contents: vscode.MarkdownString[];
  range?: vscode.Range;

  constructor(contents: vscode.MarkdownString, range?: vscode.Range) {
    this.contents = [contents];
    if (range !== undefined) this.range = range;
  }
}

class CancellationTokenSource implements vscode.CancellationTokenSource {
  readonly token = noCancellation;
  cancel(): void {}
  dispose(): void {}
}

/** The client derives a class of its own from it, though the server has no inlay hints. */
class InlayHint {
  protected readonly isThere = false;
}
