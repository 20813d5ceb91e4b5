/** A child process that answers its parent's questions over the channel that Node opens between them. */
import type { ChildProcess } from "node:child_process";

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** Answers for the rest of the process, which ends with its parent. */
export function answerParent(
  answers: Readonly<Record<string, (argument: never) => Promise<unknown>>>,
): void {
  process.on("disconnect", () => {
    process.exit(1);
  });
  process.on("message", ({ id, name, argument }: Question) => {
    const answer = answers[name];
    if (answer === undefined) throw new Error(`nobody answers ${name}`);
    answer(argument as never).then(
      (value) => process.send?.({ id, value } satisfies Answer),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies Answer),
    );
  });
}

/** The parent's end. */
export class Questions {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.once("exit", () => {
      for (const [id, settle] of this.#waiting) settle({ id, error: "the process has ended" });
      this.#waiting.clear();
    });
  }

  /** Rejects when the child fails at it, or ends. */
  async ask(name: string, argument: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, name, argument } satisfies Question, (error) => {
        if (error !== null) resolve({ id, error: error.message });
      });
    });
    if ("error" in answer) throw new Error(`${name}: ${answer.error}`);
    return answer.value;
  }
}
