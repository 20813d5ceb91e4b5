/** The commands of stories by their names. The README of the scenarios folder lists them for authors. */
import { clientCommands } from "./client-commands.js";
import { diskCommands } from "./disk-commands.js";
import { expectations } from "./expectations.js";
import { networkCommands } from "./network-commands.js";
import { processCommands } from "./process-commands.js";
import { type Command, ScenarioError, type ScenarioStage } from "./stage.js";
import { worldCommands } from "./world-commands.js";

const COMMANDS: Readonly<Record<string, Command>> = {
  ...worldCommands,
  ...processCommands,
  ...clientCommands,
  ...networkCommands,
  ...diskCommands,
  ...expectations,
};

/** Carries out one command of a story. Throws ScenarioError or InvariantViolation. */
export function perform(stage: ScenarioStage, command: string): void {
  const [name = "", ...words] = command.split(/\s+/);
  const action = COMMANDS[name];
  if (action === undefined) {
    throw new ScenarioError(`unknown command; there are: ${Object.keys(COMMANDS).join(", ")}`);
  }
  if (!name.startsWith("expect")) stage.beginCommand();
  action(stage, words);
}
