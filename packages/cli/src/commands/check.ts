/** `jute check`: reads and checks, and makes nothing. */
import { Command } from "@commander-js/extra-typings";
import { checkSources, type Diagnostic } from "@jute-ts/compiler";
import { readConfig } from "../config.js";
import { type Input, readInputFiles, shownPath } from "../input-files.js";
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

export interface CheckOutcome {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
  /** How many files were given; included ones are not counted. */
  readonly fileCount: number;
}

interface InputGroup {
  readonly files: readonly Input[];
  /** Absolute: what `files` are relative to. */
  readonly directory: string;
}

function check(groups: readonly InputGroup[], cwd: string): CheckOutcome {
  const diagnostics = new Map<string, Diagnostic>();
  const texts = new Map<string, string>();
  const checkedFiles = new Set<string>();
  for (const { files, directory } of groups) {
    const { sources, readInclude } = readInputFiles(files, directory, cwd);
    const result = checkSources(sources, { readInclude });
    for (const found of result.diagnostics) diagnostics.set(JSON.stringify(found), found);
    for (const [path, text] of result.texts) texts.set(path, text);
    for (const { path } of sources) checkedFiles.add(path);
  }
  return { diagnostics: [...diagnostics.values()], texts, fileCount: checkedFiles.size };
}

const EXAMPLES = `
Examples:
  jute check defs/*.jute
  jute check --output json
  jute check - --stdin-path defs/a.jute < a.jute

Exit codes: 0 no errors (there may be warnings), 1 errors, 2 wrong usage.
`;
