/**
 * Every subcommand of `jute` by its name, in the order of the help. A new one is a file in this directory and a row here.
 *
 * Each is loaded when it is asked for: what all of them need takes longer to load than most take to run.
 */
import type { CommandDefinition } from "./command.js";

const COMMANDS: ReadonlyMap<string, () => Promise<CommandDefinition>> = new Map(
  Object.entries({
    init: async () => (await import("./init.js")).initCommand,
    generate: async () => (await import("./generate.js")).generateCommand,
    check: async () => (await import("./check.js")).checkCommand,
    format: async () => (await import("./format.js")).formatCommand,
    lint: async () => (await import("./lint.js")).lintCommand,
    decode: async () => (await import("./decode.js")).decodeCommand,
    encode: async () => (await import("./encode.js")).encodeCommand,
    breaking: async () => (await import("./breaking.js")).breakingCommand,
    data: async () => (await import("./data.js")).dataCommand,
    lsp: async () => (await import("./lsp.js")).lspCommand,
    help: async () => (await import("./help.js")).helpCommand,
  }),
);

/** The command that a command line starts with; all of them where it starts with none, because then the help or a suggestion lists them. */
export async function commandsFor(
  arguments_: readonly string[],
): Promise<readonly CommandDefinition[]> {
  // Which the program itself knows.
  if (VERSION_OPTIONS.has(arguments_[0] ?? "")) return [];
  const load = COMMANDS.get(arguments_[0] ?? "");
  // The help of one command is asked of the program, which finds it among all.
  const isOne = load !== undefined && arguments_[0] !== "help";
  return Promise.all(isOne ? [load()] : [...COMMANDS.values()].map((each) => each()));
}

const VERSION_OPTIONS: ReadonlySet<string> = new Set(["--version", "-V"]);
