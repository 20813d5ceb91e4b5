/** `jute lsp` as an editor sees it: how long it takes from sending a question to having the answer. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import {
  createProtocolConnection,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { COMMAND } from "./jute-process.js";
import { median } from "./measure.js";

/** A file of a schema that is edited. */
export interface EditedFile {
  /** The folder that is open in the editor. */
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  /** Stands once in the text: a record's name where it is used as a field's type. A field is typed in before it. */
  readonly mark: string;
}

/** Milliseconds on the editor's clock. */
export interface AnswerTimes {
  readonly question: string;
  readonly medianMs: number;
  readonly slowestMs: number;
}

const QUESTIONS: readonly (readonly [
  question: string,
  method: string,
  parameters: (at: Position) => object,
])[] = [
  ["hover", "textDocument/hover", () => ({})],
  ["definition", "textDocument/definition", () => ({})],
  ["references", "textDocument/references", () => ({ context: { includeDeclaration: true } })],
  ["completion", "textDocument/completion", () => ({})],
  ["rename", "textDocument/rename", () => ({ newName: "Renamed" })],
  ["symbols of the file", "textDocument/documentSymbol", () => ({})],
  ["symbols of the workspace", "workspace/symbol", () => ({ query: "Rec" })],
  [
    "formatting",
    "textDocument/formatting",
    () => ({ options: { tabSize: 4, insertSpaces: true } }),
  ],
];

/** What is not answered from the open file alone. */
const OF_ALL_FILES: ReadonlySet<string> = new Set(["references", "symbols of the workspace"]);

interface Position {
  readonly line: number;
  readonly character: number;
}

/** Types a character before each question, so that nothing is answered from what was known before. */
export async function timeAnswers(file: EditedFile, rounds: number): Promise<AnswerTimes[]> {
  const child = spawn(process.execPath, [COMMAND, "lsp", "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  try {
    const editor = new TypingEditor(connection, file);
    await editor.open();
    // Each once, before the server has had time to parse what the folder holds.
    const times: AnswerTimes[] = [];
    for (const [question, method, parameters] of QUESTIONS) {
      if (!OF_ALL_FILES.has(question)) continue;
      const took = await editor.answerAfterAKey(method, parameters(editor.place));
      times.push(summarize(`first ${question}`, [took]));
    }
    // What was asked for before is published, and the folder parsed meanwhile.
    await editor.diagnosticsAfterAKey();
    times.push(summarize("diagnostics", await repeat(rounds, () => editor.diagnosticsAfterAKey())));
    for (const [question, method, parameters] of QUESTIONS) {
      const ask = () => editor.answerAfterAKey(method, parameters(editor.place));
      times.push(summarize(question, await repeat(rounds, ask)));
    }
    const exited = once(child, "exit");
    await connection.sendRequest("shutdown");
    await connection.sendNotification("exit");
    await exited;
    return times;
  } finally {
    connection.dispose();
    child.kill();
  }
}

class TypingEditor {
  readonly #connection: ProtocolConnection;
  readonly #file: EditedFile;
  readonly #uri: string;
  /** Where the mark stands now. */
  #place: Position;
  #version = 1;
  #onDiagnostics: () => void = () => undefined;

  constructor(connection: ProtocolConnection, file: EditedFile) {
    this.#connection = connection;
    this.#file = file;
    this.#uri = pathToFileURL(join(file.folder, file.name)).href;
    const at = file.text.indexOf(file.mark);
    if (at < 0) throw new Error(`"${file.mark}" is not in ${file.name}`);
    const lines = file.text.slice(0, at).split("\n");
    this.#place = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    connection.onNotification("textDocument/publishDiagnostics", ({ uri }: { uri: string }) => {
      if (uri === this.#uri) this.#onDiagnostics();
    });
  }

  get place(): Position {
    return this.#place;
  }

  async open(): Promise<void> {
    const uri = pathToFileURL(this.#file.folder).href;
    await this.#connection.sendRequest("initialize", {
      processId: process.pid,
      capabilities: {},
      rootUri: uri,
      workspaceFolders: [{ name: "schema", uri }],
    });
    await this.#connection.sendNotification("initialized", {});
    await this.#connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri: this.#uri, languageId: "jute", version: 1, text: this.#file.text },
    });
  }

  /** From a key to what is wrong with the text. The server waits for a pause in typing first. */
  async diagnosticsAfterAKey(): Promise<number> {
    const start = performance.now();
    const known = this.#nextDiagnostics();
    await this.#type();
    await known;
    return performance.now() - start;
  }

  async answerAfterAKey(method: string, parameters: object): Promise<number> {
    const start = performance.now();
    await this.#type();
    const answer: unknown = await this.#connection.sendRequest(method, {
      textDocument: { uri: this.#uri },
      position: this.#place,
      ...parameters,
    });
    const took = performance.now() - start;
    if (answer === null || (Array.isArray(answer) && answer.length === 0)) {
      throw new Error(`${method} was answered with nothing`);
    }
    return took;
  }

  #nextDiagnostics(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDiagnostics = resolve;
    });
  }

  /** A space before the mark, which leaves the text right. */
  async #type(): Promise<void> {
    const at = this.#place;
    this.#place = { line: at.line, character: at.character + 1 };
    this.#version++;
    await this.#connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: this.#uri, version: this.#version },
      contentChanges: [{ range: { start: at, end: at }, text: " " }],
    });
  }
}

async function repeat(rounds: number, measure: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measure());
  return times;
}

function summarize(question: string, times: readonly number[]): AnswerTimes {
  return { question, medianMs: median([...times]), slowestMs: Math.max(...times) };
}
