/**
 * FoundDirectories: a server starts from whatever crashes, Apache's servers and administrators leave in its
 * data directory, with all of it that counts and with nothing else; it refuses to start where something is
 * missing that it may have promised; and a start that is itself cut off by a power failure changes
 * nothing of that. Each run draws a few directories together with what must become of them.
 */
import { QuorumPeer } from "@jute-ts/quorum";
import { formatZxid } from "@jute-ts/zookeeper";
import { InvariantViolation } from "../checkers/checker.js";
import type { Disk } from "../world/disk.js";
import type { Random } from "../world/random.js";
import type { DrawnDirectory, Outcome } from "./draft.js";
import { drawDirectory } from "./drawn-directories.js";
import { ENDLESS, type Found, Machine, type NewPeer } from "./machine.js";

type Started = Extract<Outcome, { kind: "starts" }>;

/** Throws InvariantViolation when a server makes something else of directories that are drawn now. */
export function judgeDirectories(random: Random): void {
  for (let left = DIRECTORIES; left > 0; left -= 1) judgeDirectory(random, drawDirectory(random));
}

export function judgeDirectory(
  random: Random,
  drawn: DrawnDirectory,
  newPeer: NewPeer = (options, state) => new QuorumPeer(options, state),
): void {
  const machine = new Machine(random, drawn.options, newPeer);
  machine.disk.replace(drawn.files);
  const isInterrupted = random.chance(INTERRUPTED_SHARE);
  if (isInterrupted) {
    machine.start(random.integer(1, MOST_OPERATIONS));
    machine.losePower(random.pick([0, 0.5, 1]));
  }
  const found = machine.start();
  // What was torn may be gone by now.
  const tornBytes = isInterrupted && found.kind === "starts" ? found.tornBytes : undefined;
  judgeOutcome(drawn, found, tornBytes);
  if (found.kind === "refuses") return;
  judgeFiles(drawn, machine.disk);
  // A vote rests on what was found: it must not be in the memory of the system alone.
  machine.losePower(0);
  judgeOutcome(drawn, machine.start(), 0);
}

/** `tornBytes`: how many there must be, where that is not what was drawn. */
function judgeOutcome({ what, outcome }: DrawnDirectory, found: Found, tornBytes?: number): void {
  if (found.kind !== outcome.kind || found.text === ENDLESS) {
    const why = found.text === undefined ? "" : `: ${found.text}`;
    throw violation(`${found.kind === "refuses" ? "refuses to start" : "starts"}${why}`, what);
  }
  if (outcome.kind === "refuses") {
    const untold = outcome.tells?.find((each) => found.text?.includes(each) !== true);
    if (untold === undefined) return;
    throw violation(`refuses to start, and does not tell of ${untold}: ${found.text ?? ""}`, what);
  }
  if (found.kind === "refuses") return;
  const expected: Started = { ...outcome, tornBytes: tornBytes ?? outcome.tornBytes };
  for (const [name, value] of Object.entries(expected)) {
    const actual = found[name as keyof Started];
    if (shown(actual) !== shown(value))
      throw violation(
        `starts with ${name} ${shown(actual)} where it should be ${shown(value)}`,
        what,
      );
  }
}

function judgeFiles({ what, leftovers }: DrawnDirectory, disk: Disk): void {
  for (const { directory, name } of leftovers)
    if (disk.names(directory, "current").includes(name))
      throw violation(`leaves ${name} in ${directory}`, what);
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "bigint" ? formatZxid(each) : each,
  );
}

function violation(text: string, what: string): InvariantViolation {
  return new InvariantViolation(
    "FoundDirectories",
    `a server ${text}, in a directory with ${what}`,
  );
}

/** How many are drawn in a run. */
const DIRECTORIES = 6;
const INTERRUPTED_SHARE = 0.5;
/** Within how many operations of the disk a start is interrupted. */
const MOST_OPERATIONS = 40;
