/** An editor for tests: starts `jute lsp`, bundled as it is published, and talks to it over the real protocol. */
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import {
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  FileChangeType,
  InitializedNotification,
  InitializeRequest,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type Range,
  RegistrationRequest,
  ShowMessageNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { commandBundle } from "../../../scripts/packages/bundles.js";

const root = path.resolve(import.meta.dirname, "../../..");

/** Bundles the command once; returns its file and how to delete it. */
export async function bundleCommand(): Promise<{ program: string; remove: () => void }> {
  // Below node_modules, so that what stays outside of the bundle is found.
  const folder = path.join(root, "node_modules/.cache/jute-ts/lsp", String(process.pid));
  const program = path.join(folder, "dist/main.mjs");
  mkdirSync(path.dirname(program), { recursive: true });
  copyFileSync(path.join(root, "packages/cli/package.json"), path.join(folder, "package.json"));
  await build({ ...commandBundle, outfile: program });
  return {
    program,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A folder with files, open in an editor whose language server runs. */
export class Editor {
  readonly folder: string = mkdtempSync(path.join(tmpdir(), "jute-lsp-"));
  readonly connection: ProtocolConnection;
  /** What the server wants its user to read. */
  readonly messages: string[] = [];
  /** What the server asks to be told of, as patterns of paths. */
  readonly watched: unknown[] = [];
  readonly #child: ChildProcess;
  readonly #published = new Map<string, Diagnostic[]>();
  readonly #texts = new Map<string, { text: string; version: number }>();
  #waiting: (() => void)[] = [];

  constructor(program: string, files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(this.folder, name)), { recursive: true });
      writeFileSync(path.join(this.folder, name), text);
    }
    // As VS Code's client has it.
    const editor = `--clientProcessId=${String(process.pid)}`;
    const child = spawn(process.execPath, [program, "lsp", "--stdio", editor], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child = child;
    this.connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    this.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.#published.set(uri, diagnostics);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    });
    this.connection.onNotification(ShowMessageNotification.type, ({ message }) => {
      this.messages.push(message);
    });
    this.connection.listen();
  }

  /** `folders`: those of the workspace, below the editor's; an old editor knows none, and watches no files when asked. */
  async start({ folders = [""] }: { readonly folders?: readonly string[] | "unknown" } = {}) {
    const isOld = folders === "unknown";
    if (!isOld) {
      this.connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
        this.watched.push(...registrations);
      });
    }
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the protocol requires it still
      rootUri: isOld ? this.uri("") : null,
      ...(isOld
        ? {}
        : { workspaceFolders: folders.map((name) => ({ name, uri: this.uri(name) })) }),
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  /** Writes a file that is not open, and tells the server of it. */
  async save(name: string, text: string): Promise<void> {
    writeFileSync(path.join(this.folder, name), text);
    this.#published.clear();
    await this.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: this.uri(name), type: FileChangeType.Changed }],
    });
  }

  uri(name: string): string {
    return pathToFileURL(path.join(this.folder, name)).href;
  }

  async open(name: string, text: string): Promise<void> {
    const uri = this.uri(name);
    this.#texts.set(uri, { text, version: 1 });
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: "jute", version: 1, text },
    });
  }

  /** Types `inserted` in place of `old`, which stands once in the text. */
  async type(name: string, old: string, inserted: string): Promise<void> {
    const uri = this.uri(name);
    const document = this.#texts.get(uri);
    if (document === undefined) throw new Error(`${name} is not open`);
    const range = rangeOf(document.text, old);
    document.text = document.text.replace(old, () => inserted);
    document.version++;
    this.#published.delete(uri);
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: document.version },
      contentChanges: [{ range, text: inserted }],
    });
  }

  /** What the server says of a file after the last change. */
  async diagnostics(name: string): Promise<readonly Diagnostic[]> {
    const uri = this.uri(name);
    for (;;) {
      const published = this.#published.get(uri);
      if (published !== undefined) return published;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The place in an open file where `mark` stands, `into` it by some characters. */
  at(name: string, mark: string, into = 0) {
    const uri = this.uri(name);
    const { start } = rangeOf(this.#texts.get(uri)?.text ?? "", mark);
    return {
      textDocument: { uri },
      position: { line: start.line, character: start.character + into },
    };
  }

  /** Shuts the server down as the protocol has it, and gives its exit code. */
  async stop(): Promise<number | null> {
    const exited = new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    const code = await exited;
    this.connection.dispose();
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}

/** Where a part of a text is, by line and character. */
export function rangeOf(text: string, part: string): Range {
  const start = text.indexOf(part);
  if (start < 0) throw new Error(`${part} is not in the text`);
  return { start: positionOf(text, start), end: positionOf(text, start + part.length) };
}

function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** A text after edits, which are applied from the last to the first. */
export function edited(
  text: string,
  edits: readonly { readonly range: Range; readonly newText: string }[],
): string {
  const offsetOf = ({ line, character }: Position): number =>
    text.split("\n").slice(0, line).join("\n").length + (line > 0 ? 1 : 0) + character;
  return [...edits]
    .sort((a, b) => offsetOf(b.range.start) - offsetOf(a.range.start))
    .reduce(
      (result, { range, newText }) =>
        result.slice(0, offsetOf(range.start)) + newText + result.slice(offsetOf(range.end)),
      text,
    );
}
