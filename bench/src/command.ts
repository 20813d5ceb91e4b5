/** What the benchmark's commands share: reading options, and errors that are for people. */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** Says to people what is wrong and what to do. Printed without a stack. */
export class CommandError extends Error {}

/** Wrong use. */
export class UsageError extends CommandError {}

/** What Apache's side needs is not installed. */
export class ApacheMissing extends CommandError {}

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T }>
>["values"];

/** Throws UsageError. */
export function parseOptions<const T extends Options>(
  args: readonly string[],
  options: T,
): Values<T> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n--help lists the options.`);
  }
}

/** Throws UsageError. */
export function outputOf(text: string): "text" | "json" {
  if (text === "text" || text === "json") return text;
  throw new UsageError(`--output is text or json, not ${text}`);
}

/** The option's value, or the default without one. Throws UsageError. */
export function positiveNumber(
  option: string,
  text: string | undefined,
  otherwise: number,
  isFit: (value: number) => boolean = Number.isSafeInteger,
): number {
  const value = text === undefined ? otherwise : Number(text);
  if (isFit(value) && value > 0) return value;
  throw new UsageError(`${option} takes a positive number, not ${String(text)}`);
}

/** Those of a list with commas, in the order of the known ones. Throws UsageError. */
export function chosenFrom<T extends string>(
  kind: string,
  text: string | undefined,
  known: readonly T[],
): T[] {
  if (text === undefined) return [...known];
  const names = listOf(text);
  const unknown = names.find((name) => !known.some((each) => each === name));
  if (unknown !== undefined || names.length === 0) {
    const wrong = unknown === undefined ? `No ${kind} is named` : `There is no ${kind} ${unknown}`;
    throw new UsageError(`${wrong}. There are: ${known.join(", ")}`);
  }
  return known.filter((name) => names.includes(name));
}

export function listOf(text: string): string[] {
  return text.split(",").filter((name) => name !== "");
}

/**
 * Runs a command with this process's arguments: its exit code is what `main` gives, or 2 after
 * an error. Only an error that nobody foresaw is printed with its stack.
 */
export async function runCommand(
  main: (args: readonly string[]) => number | Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    console.error(isForPeople(error) ? error.message : error);
    process.exitCode = 2;
  }
}

/** Ours, and what the operating system refuses: a missing directory, a full disk. */
function isForPeople(error: unknown): error is Error {
  return error instanceof CommandError || (error instanceof Error && "syscall" in error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
