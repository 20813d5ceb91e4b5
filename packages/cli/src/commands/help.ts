/** `jute help [command]`: the same as `--help`, for those who type it first. */
import { Command } from "@commander-js/extra-typings";
import type { CommandDefinition } from "./command.js";

export const helpCommand: CommandDefinition = () => {
  const help = new Command("help")
    .description("Print this help, or that of a command.")
    .argument("[command]", "a command of jute")
    .addHelpText("after", EXAMPLES)
    .action((name) => {
      const program = help.parent ?? help;
      const command =
        name === undefined ? program : program.commands.find((each) => each.name() === name);
      if (command !== undefined) return command.help();
      return program.error(`error: unknown command '${name ?? ""}'`);
    });
  return help;
};

const EXAMPLES = `
Examples:
  jute help
  jute help generate

Exit codes: 0 success, 2 there is no such command.
`;
