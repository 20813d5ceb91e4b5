/**
 * A client in a process of its own that takes commands as lines, any number of
 * sessions and of commands at a time. A line is a number, a command and values,
 * separated by tabs; its answer the number, "ok" and values, or the number,
 * "error", ZooKeeper's code and a text. Lines that begin with "event" answer nothing.
 * Texts are URL encoded, data is base64. The process ends with this one.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** A request failed; `code` is ZooKeeper's. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: number;

  constructor(code: number, text: string) {
    super(`${text} (${code})`);
    this.code = code;
  }
}

export type CommandAnswer =
  | { readonly kind: "ok"; readonly values: readonly string[] }
  | { readonly kind: "failed"; readonly code: number; readonly text: string };

export class CommandProcess {
  /** Is given the values of each event. */
  onEvent: ((values: readonly string[]) => void) | undefined;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<string, (answer: CommandAnswer) => void>();
  #lastNumber = 0;
  #hasEnded = false;

  /** Starts the process. `close` ends it. */
  constructor(program: string, programArguments: readonly string[]) {
    this.#process = spawn(program, programArguments, { stdio: ["pipe", "pipe", "ignore"] });
    const lines = createInterface({ input: this.#process.stdout });
    lines.on("line", (line) => {
      const [number = "", ...fields] = line.split("\t");
      if (number === "event") this.onEvent?.(fields);
      const take = this.#waiting.get(number);
      this.#waiting.delete(number);
      take?.(answerOf(fields));
    });
    // What cannot be written any more is answered by the end of the process.
    this.#process.stdin.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      const onEnd = (): void => {
        for (const take of this.#waiting.values()) take(GONE);
        this.#waiting.clear();
        this.#hasEnded = true;
        resolve();
      };
      this.#process.once("close", onEnd);
      this.#process.once("error", onEnd);
    });
  }

  /** Sends a command and waits for its answer. Throws ClientError. */
  async send(command: string, values: readonly (string | number)[]): Promise<readonly string[]> {
    const answer = await new Promise<CommandAnswer>((resolve) => {
      this.post(command, values, resolve);
    });
    if (answer.kind === "ok") return answer.values;
    throw new ClientError(answer.code, `${command}: ${answer.text}`);
  }

  /** Sends a command. Its answer is handed over as soon as it is there, before any line after it is looked at. */
  post(
    command: string,
    values: readonly (string | number)[],
    take: (answer: CommandAnswer) => void,
  ): void {
    if (this.#hasEnded) {
      take(GONE);
      return;
    }
    const number = String(++this.#lastNumber);
    this.#waiting.set(number, take);
    this.#process.stdin.write(`${[number, command, ...values].join("\t")}\n`);
  }

  /** Ends the process as a crash does: no session is closed. */
  async close(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }
}

function answerOf([outcome, ...fields]: readonly string[]): CommandAnswer {
  if (outcome === "ok") return { kind: "ok", values: fields };
  const [code = "", text = ""] = fields;
  return { kind: "failed", code: Number(code), text: decode(text) };
}

export function encode(text: string): string {
  return encodeURIComponent(text);
}

export function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

export function encodeData(data: Uint8Array | null): string {
  return data === null ? NULL : Buffer.from(data).toString("base64");
}

export function decodeData(text: string): Uint8Array | null {
  return text === NULL ? null : Uint8Array.from(Buffer.from(text, "base64"));
}

/** In place of data, and of results that have none. */
export const NULL = "-";
const CONNECTION_LOSS = -4;
const GONE: CommandAnswer = { kind: "failed", code: CONNECTION_LOSS, text: "the client has ended" };
