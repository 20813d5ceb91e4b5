/**
 * ConfigurationTexts: of texts that describe ensembles, which files, packets and notifications carry, servers
 * read what they mean, count the quorums of that, print them so that others read the same, know
 * when two mean the same, and refuse those with a mistake, naming its line. Each run draws a few
 * texts together with their meanings.
 */
import { HierarchicalVerifier, type QuorumVerifier } from "@jute-ts/quorum";
import {
  ConfigurationTextError,
  parseConfigurationText,
  printConfigurationText,
  readEnsemble,
  sameEnsemble,
} from "@jute-ts/quorum/membership";
import {
  type DrawnConfiguration,
  drawConfiguration,
  shapeOfDrawn,
  spell,
  type Spelling,
  textOfLines,
} from "./drawn-configurations.js";
import { type Spoiled, spoil } from "./spoiled-configurations.js";
import { drawVariants } from "./varied-configurations.js";
import { EnsembleModel } from "../model/ensemble-model.js";
import type { Random } from "../world/random.js";
import { InvariantViolation } from "../checkers/checker.js";

/** How servers read and compare texts. */
export interface TextReader {
  readonly parse: typeof parseConfigurationText;
  readonly print: typeof printConfigurationText;
  readonly readLines: typeof readEnsemble;
  readonly isSame: typeof sameEnsemble;
}

const SERVERS: TextReader = {
  parse: parseConfigurationText,
  print: printConfigurationText,
  readLines: readEnsemble,
  isSame: sameEnsemble,
};

/** Throws InvariantViolation when texts that are drawn now are not read as they should be. */
export function judgeConfigurationTexts(random: Random, reader: TextReader = SERVERS): void {
  const drawn = drawConfiguration(random);
  const spelling = spell(random, drawn);
  const text = textOfLines(spelling.lines);
  const read = parsed(reader, text);
  judgeRead(read, drawn, spelling, text);
  judgeQuorums(random, read, drawn, text);
  judgeAddresses(reader, drawn, spelling, text);
  const printed = reader.print(read);
  judgeRead(parsed(reader, printed), drawn, spelling, printed);
  for (const { what, configuration, isSame } of drawVariants(random, drawn)) {
    const other = parsed(reader, textOfLines(spell(random, configuration).lines));
    if (reader.isSame(read, other) !== isSame || reader.isSame(other, read) !== isSame)
      throw violation(
        `taken for ${isSame ? "another" : "the same"} with ${what}`,
        text,
        other.toString(),
      );
  }
  const spoiled = spoil(random, drawn);
  for (const each of random.shuffled(spoiled).slice(0, SPOILED)) judgeSpoiled(reader, each);
}

function parsed(reader: TextReader, text: string): QuorumVerifier {
  try {
    return reader.parse(text);
  } catch (error) {
    if (!(error instanceof ConfigurationTextError)) throw error;
    throw violation(`refused (${error.message})`, text);
  }
}

function judgeRead(
  read: QuorumVerifier,
  { groups, weights, version }: DrawnConfiguration,
  { members }: Spelling,
  text: string,
): void {
  if (read.version !== version) throw violation(`read with version ${read.version}`, text);
  if (shown([...read.members].sort(bySid)) !== shown([...members].sort(bySid)))
    throw violation(`read with members ${shown([...read.members.values()])}`, text);
  const isHierarchical = read instanceof HierarchicalVerifier;
  if (isHierarchical !== (groups !== undefined)) throw violation("read as another kind", text);
  if (!isHierarchical || groups === undefined) return;
  const wanted = [...groups].map(([group, sids]) => [group, [...sids].sort(compare)] as const);
  if (shown([...read.groups].sort(bySid)) !== shown(wanted.sort(bySid)))
    throw violation(`read with groups ${shown([...read.groups])}`, text);
  for (const [sid, weight] of weights)
    if (read.weights.get(sid) !== weight)
      throw violation(`read with ${read.weights.get(sid)} as weight.${sid}`, text);
}

function judgeQuorums(
  random: Random,
  read: QuorumVerifier,
  drawn: DrawnConfiguration,
  text: string,
): void {
  const model = new EnsembleModel(shapeOfDrawn(drawn));
  for (const sid of model.members)
    if (read.weightOf(sid) !== model.weightOf(sid))
      throw violation(`weighs ${sid} as ${read.weightOf(sid)}`, text);
  for (let tried = 0; tried < SUBSETS; tried += 1) {
    const some = [...model.members, STRANGER].filter(() => random.chance(0.6));
    if (read.containsQuorum(some) !== model.containsQuorum(some))
      throw violation(`miscounts a quorum in ${shown(some)}`, text);
  }
}

/** Several addresses are something that a file must ask for (`multiAddress.enabled`). */
function judgeAddresses(
  reader: TextReader,
  { members }: DrawnConfiguration,
  { lines }: Spelling,
  text: string,
): void {
  const several = members.some(({ addresses }) => addresses.length > 1);
  const numbered = lines.map((each, index) => ({ ...each, line: index + 1 }));
  const { kind } = reader.readLines(numbered, { multipleAddresses: false });
  if ((kind === "problems") !== several)
    throw violation(`${kind === "problems" ? "refused" : "accepted"} for its addresses`, text);
}

function judgeSpoiled(reader: TextReader, { what, lines, line }: Spoiled): void {
  const numbered = lines.map((each, index) => ({ ...each, line: index + 1 }));
  const result = reader.readLines(numbered, { multipleAddresses: true });
  const text = textOfLines(lines);
  if (result.kind === "verifier") throw violation(`accepted with ${what}`, text);
  const { problems } = result;
  if (!problems.some((problem) => problem.line === line))
    throw violation(
      `blamed in line ${problems.map((each) => each.line).join()}, not ${line}, for ${what}`,
      text,
    );
  try {
    reader.parse(text);
  } catch (error) {
    if (!(error instanceof ConfigurationTextError)) throw error;
    if (error.line === problems[0]?.line) return;
  }
  throw violation(`not refused as its lines are, with ${what}`, text);
}

function bySid([a]: readonly [bigint, unknown], [b]: readonly [bigint, unknown]): number {
  return compare(a, b);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As text that is equal for equal values. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "bigint" ? each.toString() : each,
  );
}

function violation(what: string, ...texts: readonly string[]): InvariantViolation {
  return new InvariantViolation(
    "ConfigurationTexts",
    `a configuration is ${what}:\n${texts.join("\n\n")}`,
  );
}

/** How many of a configuration's mistakes, and how many sets of servers. */
const SPOILED = 12;
const SUBSETS = 8;
/** No member, whatever it is asked for. */
const STRANGER = 77n;
