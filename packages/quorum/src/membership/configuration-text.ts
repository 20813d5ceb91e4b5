/**
 * The text that describes an ensemble in notifications, in NEWLEADER, in the txn
 * of a reconfiguration and in `/zookeeper/config`: `key=value` lines, `version` at
 * the end. It comes from other servers, so it is bounded and nothing in it is
 * overlooked. The file that a person writes is another matter, see
 * src/configuration.
 */
import { parseVersion, readEnsemble, type EnsembleLine } from "./ensemble-lines.js";
import { shown } from "./member-text.js";
import type { QuorumVerifier } from "./quorum-verifier.js";

/** A text that describes no ensemble. `message` says what is wrong in which line. */
export class ConfigurationTextError extends Error {
  override readonly name = "ConfigurationTextError";
  /** Counted from 1; 0 when no single line is to blame. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(line === 0 ? message : `line ${line}: ${message}`);
    this.line = line;
  }
}

/** The text of an ensemble: what `verifier.toString()` gives, without an end of line after `version`. */
export function printConfigurationText(verifier: QuorumVerifier): string {
  return verifier.toString();
}

/**
 * Reads a text. Only `server.N`, `group.N`, `weight.N` and `version` may occur,
 * each once; a missing version is 0. Throws ConfigurationTextError for the first
 * line that is wrong.
 */
export function parseConfigurationText(text: string): QuorumVerifier {
  const result = readEnsemble(splitLines(text), { multipleAddresses: true });
  if (result.kind === "verifier") return result.verifier;
  const [first = { line: 0, message: "This describes no ensemble." }] = result.problems;
  throw new ConfigurationTextError(first.line, first.message);
}

/** The version that a text has, without a look at the rest of it; 0 where it has none. */
export function versionOfText(text: string): bigint {
  const version = /(?:^|\n)version=([0-9a-fA-F]{1,16})\s*$/.exec(text)?.[1];
  return (version === undefined ? undefined : parseVersion(version)) ?? 0n;
}

function splitLines(text: string): readonly EnsembleLine[] {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new ConfigurationTextError(
      0,
      `The text has ${text.length} characters, more than ${MAX_TEXT_LENGTH}.`,
    );
  }
  const lines = text.split("\n", MAX_LINES + 1);
  if (lines.length > MAX_LINES) {
    throw new ConfigurationTextError(MAX_LINES + 1, `There are more than ${MAX_LINES} lines.`);
  }
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  return lines.map((line, index) => splitLine(line, index + 1));
}

function splitLine(text: string, line: number): EnsembleLine {
  const equals = text.indexOf("=");
  if (equals <= 0) {
    throw new ConfigurationTextError(line, `"${shown(text)}" is no key=value.`);
  }
  return { key: text.slice(0, equals), value: text.slice(equals + 1).trim(), line };
}

/** As long as the longest election message that is read. */
const MAX_TEXT_LENGTH = 524_288;

/** Room for a thousand servers with weights and groups. */
const MAX_LINES = 4096;
