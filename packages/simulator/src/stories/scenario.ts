/**
 * Stories about one ensemble, as text: commands, one a line, and below them the
 * trace that they gave when somebody last read and accepted it. A command that
 * cannot be carried out, and an expectation that does not hold, fails the story;
 * so does any violation that a checker sees.
 *
 * commands.ts has the commands.
 */
import { InvariantViolation } from "../checkers/checker.js";
import { perform } from "./commands.js";
import { ScenarioError, ScenarioStage } from "./stage.js";
import type { Cast } from "../runs/run-seed.js";

/** Between the commands and the trace. */
const SCENARIO_SEPARATOR = "----";

export interface ScenarioFile {
  /** The commands and comments, as they were written. */
  readonly commands: string;
  /** The trace that was accepted; empty for a new story. */
  readonly trace: string;
}

export function parseScenario(text: string): ScenarioFile {
  const lines = text.split("\n");
  const at = lines.indexOf(SCENARIO_SEPARATOR);
  if (at < 0) return { commands: text.trimEnd(), trace: "" };
  return {
    commands: lines.slice(0, at).join("\n").trimEnd(),
    trace: lines
      .slice(at + 1)
      .join("\n")
      .trim(),
  };
}

export function formatScenario({ commands, trace }: ScenarioFile): string {
  return `${commands}\n${SCENARIO_SEPARATOR}\n${trace}\n`;
}

/**
 * Plays the commands and returns the trace: each command after a `>`, and what
 * came of it below. Throws `ScenarioError` with the line of the command that
 * failed, and with the trace up to there.
 */
export function playScenario(commands: string, cast: Cast): string {
  const story: string[] = [];
  const stage = new ScenarioStage(cast, (line) => story.push(line.trimEnd()));
  for (const [at, line] of commands.split("\n").entries()) {
    const command = line.trim();
    if (command === "" || command.startsWith("#")) continue;
    story.push(`> ${command}`);
    try {
      perform(stage, command);
    } catch (error) {
      if (!(error instanceof ScenarioError || error instanceof InvariantViolation)) throw error;
      const what =
        error instanceof InvariantViolation
          ? `violates ${error.invariant}: ${error.message}`
          : error.message;
      throw new ScenarioError(`line ${at + 1}, "${command}": ${what}\n${story.join("\n")}`);
    }
  }
  return story.join("\n");
}
