/** `jute check`: its options, and its exit code. */
import { Command } from "@commander-js/extra-typings";
import { check } from "../check.js";
import { readConfig } from "../config.js";
import { shownPath } from "../input-files.js";
import { printCheckOutcome } from "../print-outcome.js";
import { withStandardInput } from "../standard-input.js";
import { type CommandDefinition, configFor, outputOption, stdinPathOption } from "./command.js";

export const checkCommand: CommandDefinition = ({ surroundings, exitWith }) =>
  new Command("check")
    .description("Check Jute files. Without files, those of jute.config.json are checked.")
    .argument("[files...]", "Jute files or patterns such as 'defs/*.jute'; - is standard input")
    .option("--config <file>", "config file, instead of the nearest jute.config.json")
    .addOption(stdinPathOption())
    .addOption(outputOption())
    .addHelpText("after", EXAMPLES)
    .action(async (files, { config, output, stdinPath }) => {
      const { cwd } = surroundings;
      const configFile = configFor(files, config, cwd);
      const inputs = await withStandardInput(files, stdinPath, surroundings);
      const groups =
        configFile === undefined
          ? [{ files: inputs, directory: cwd }]
          : readConfig(configFile, shownPath(configFile, cwd)).generate;
      const outcome = check(groups, cwd);
      printCheckOutcome(outcome, output, surroundings);
      const failed = outcome.diagnostics.some(({ severity }) => severity === "error");
      exitWith(failed ? 1 : 0);
    });

const EXAMPLES = `
Examples:
  jute check defs/*.jute
  jute check --output json
  jute check - --stdin-path defs/a.jute < a.jute

Exit codes: 0 no errors (there may be warnings), 1 errors, 2 wrong usage.
`;
