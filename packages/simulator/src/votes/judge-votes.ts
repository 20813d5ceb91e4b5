/**
 * DrawnVotes: whoever looks for a leader votes as the rules of elections say, whatever the others tell it: that
 * they vote for more than it has, that they are led, or by whom in which round; it tells the others each new vote,
 * answers who is in an earlier round, and takes somebody for elected when a quorum says so and not
 * before. Each run draws what a server with a history of its own hears, one message after the other.
 */
import { type Effect, QuorumPeer } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { InvariantViolation } from "../checkers/checker.js";
import { Draft } from "../directories/draft.js";
import { Machine, type NewPeer } from "../directories/machine.js";
import { wholeDirectory } from "../directories/other-directories.js";
import { bytesOfNotification } from "../election-bytes/drawn-bytes.js";
import { EnsembleModel } from "../model/ensemble-model.js";
import { quorumKit } from "../world/quorum-kit.js";
import type { Random } from "../world/random.js";
import type { EnsembleShape } from "../world/settings.js";
import {
  ElectionModel,
  type ModelVote,
  type Said,
  type SaidConfiguration,
  type Told,
} from "./election-model.js";

/** Throws InvariantViolation when a server makes something else of what is drawn now. */
export function judgeVotes(random: Random): void {
  for (let left = ELECTIONS; left > 0; left -= 1) judgeElection(random);
}

export function judgeElection(
  random: Random,
  newPeer: NewPeer = (options, state) => new QuorumPeer(options, state),
): void {
  const shape = drawShape(random);
  const verifier = quorumKit.newEnsemble(shape);
  const configurations = drawConfigurations(random, shape);
  const { files, options, outcome } = wholeDirectory(new Draft(random));
  const machine = new Machine(random, options, newPeer, verifier);
  machine.disk.replace(files);
  machine.start();
  if (outcome.kind === "refuses") return;
  const peerEpoch = BigInt(outcome.currentEpoch);
  const own = { leader: OWN_SID, zxid: outcome.lastZxid, peerEpoch };
  const model = new ElectionModel(OWN_SID, new EnsembleModel(shape), own);
  const settled = drawSettled(random, shape, own);
  const heard: string[] = [];
  for (let left = MESSAGES; left > 0 && !model.isOver(); left -= 1) {
    const [from, said] = drawSaid(random, shape, model, own, settled);
    const configuration = random.chance(0.7)
      ? { text: verifier.toString(), isAhead: false }
      : random.pick(configurations);
    heard.push(
      `${from}: ${shown(said)}${configuration.isAhead ? ", with a newer configuration" : ""}`,
    );
    const bytes = bytesOf(said, configuration.text);
    const effects = machine.handle({ kind: "notified", from, bytes }, 1);
    // The first generations tell no configuration, and who tells an empty one tells none.
    const told = said.version === 0 || configuration.text === "" ? undefined : configuration;
    judgeReports(heard, effects, model.reports(from, told) ? [from] : []);
    judge(heard, effects, model.hear(from, said, told), model);
    if (!model.isWaiting || model.isOver() || random.chance(0.6)) continue;
    heard.push("nothing for a while");
    model.finish();
    judge(heard, machine.handle({ kind: "deadline" }, LONG_MS), [], model);
  }
}

function judge(
  heard: readonly string[],
  effects: readonly Effect[],
  expected: readonly Told[],
  { elected }: ElectionModel,
): void {
  const told = effects.flatMap((effect): Told[] => {
    if (effect.kind !== "notify") return [];
    const { leader, zxid, peerEpoch, electionEpoch } = effect.notification;
    return [{ to: effect.to, leader, zxid, peerEpoch, round: electionEpoch }];
  });
  const [found, wanted] = [inOrder(told), inOrder(expected)];
  if (found !== wanted) throw violation(`tells ${found} where it should tell ${wanted}`, heard);
  const won = effects.flatMap((effect) =>
    effect.kind === "report" && effect.report.kind === "elected" ? [effect.report] : [],
  );
  const outcome = shown(won.map(({ leader, round }) => ({ leader, round })));
  const due = elected === undefined ? [] : [{ leader: elected.leader, round: elected.round }];
  if (outcome !== shown(due))
    throw violation(`takes for elected ${outcome} where it should be ${shown(due)}`, heard);
}

function judgeReports(
  heard: readonly string[],
  effects: readonly Effect[],
  expected: readonly Sid[],
): void {
  const found = effects.flatMap((effect) =>
    effect.kind === "report" && effect.report.kind === "newerConfiguration"
      ? [effect.report.from]
      : [],
  );
  if (shown(found) !== shown(expected))
    throw violation(
      `says whose configuration is newer: ${shown(found)}, not ${shown(expected)}`,
      heard,
    );
}

/** What others may say of their configurations. */
interface DrawnConfiguration extends SaidConfiguration {
  readonly text: string;
}

/** The same voters decide by some of them, and others by the rest; some are newer than the server's own, and some no configurations. */
function drawConfigurations(random: Random, shape: EnsembleShape): readonly DrawnConfiguration[] {
  const { voters, observers, groups, version = 0n } = shape;
  const newer = version + random.pick([1n, 1n, 0x1_0000_0000n]);
  const older = version - (version === 0n ? 0n : 1n);
  const smaller = { voters: voters.slice(1), observers, groups: undefined, weights: undefined };
  const larger = { ...shape, voters: [...voters, STRANGER], groups: undefined };
  const grouped = groups === undefined ? [voters.slice(0, 1), voters.slice(1)] : undefined;
  const others: EnsembleShape[] = [smaller, larger, { ...shape, groups: grouped }];
  if (groups !== undefined) {
    others.push({ ...shape, groups: [voters] }, { ...shape, groups: [...groups].reverse() });
    others.push({ ...shape, weights: new Map([[random.pick(voters), 2]]) });
  }
  const textOf = (each: EnsembleShape, as: bigint): string =>
    quorumKit.newEnsemble({ ...each, version: as }).toString();
  return [
    { text: textOf(random.pick(others), newer), isAhead: true },
    { text: textOf(random.pick(others), newer), isAhead: true },
    { text: `server.1=nowhere\nversion=${newer.toString(16)}`, isAhead: true },
    { text: textOf(shape, newer), isAhead: false },
    { text: textOf({ ...shape, observers: [] }, newer), isAhead: false },
    { text: textOf(random.pick(others), random.pick([version, older])), isAhead: false },
    { text: "", isAhead: false },
  ];
}

/** Who says what next: often what makes a quorum, else anything that may come. */
function drawSaid(
  random: Random,
  { voters, observers }: EnsembleShape,
  { round, proposal }: ElectionModel,
  own: ModelVote,
  settled: Said,
): readonly [Sid, Said] {
  const others = voters.filter((sid) => sid !== OWN_SID);
  const from = random.chance(0.9)
    ? random.pick(others)
    : random.pick([...observers, STRANGER, OWN_SID]);
  if (random.chance(0.3)) return [from, sayingItIsLed(random, from, settled)];
  const version = random.pick([2, 2, 2, 0]);
  const state = random.pick([
    ...(["looking", "looking", "looking", "looking", "looking"] as const),
    ...(["following", "following", "leading", "leading", "observing"] as const),
  ]);
  if (random.chance(0.4)) return [from, { ...proposal, state, round, version }];
  const zxid = random.pick([own.zxid, own.zxid, own.zxid + 1n, own.zxid - 1n, proposal.zxid, -1n]);
  const peerEpoch = own.peerEpoch + random.pick([-1n, 0n, 0n, 0n, 1n]);
  const leader = random.pick([...voters, OWN_SID, STRANGER]);
  // Who votes for nobody is told of earlier rounds too, as by those that it has left behind.
  const isForNobody = !voters.includes(proposal.leader);
  const drawnRound = round + random.pick([-1n, isForNobody ? -1n : 0n, 0n, 0n, 1n, 5n]);
  return [from, { leader, zxid, peerEpoch, state, round: drawnRound, version }];
}

/** By whom some of the others are led. */
function drawSettled(random: Random, { voters }: EnsembleShape, own: ModelVote): Said {
  const leader = random.pick(voters);
  const zxid = own.zxid + random.pick([-1n, 0n, 1n]);
  const peerEpoch = own.peerEpoch + random.pick([-1n, 0n, 1n]);
  return {
    leader,
    zxid,
    peerEpoch,
    state: "following",
    round: random.pick([1n, 1n, 2n, 7n]),
    version: 2,
  };
}

/** The led may name other zxids, and servers of the first generations other epochs. */
function sayingItIsLed(random: Random, from: Sid, settled: Said): Said {
  const state = from === settled.leader && random.chance(0.8) ? "leading" : "following";
  const zxid = settled.zxid + random.pick([0n, 0n, 1n]);
  if (random.chance(0.8)) return { ...settled, state, zxid };
  return { ...settled, state, zxid, version: 0, peerEpoch: settled.peerEpoch - 1n };
}

/** Messages of the last generation and, without a version, of the second. */
function bytesOf({ round, version, ...said }: Said, configuration: string): Uint8Array {
  const message = { ...said, electionEpoch: round, version: 2, configuration };
  const bytes = bytesOfNotification(message);
  return version === 0 ? bytes.slice(0, 40) : bytes;
}

function drawShape(random: Random): EnsembleShape {
  const count = random.integer(3, 5);
  const voters = Array.from({ length: count }, (_, nth) => BigInt(nth + 1));
  const observers = random.chance(0.5) ? [BigInt(count + 1)] : [];
  const split = random.integer(1, count - 1);
  const groups = random.chance(0.2) ? [voters.slice(0, split), voters.slice(split)] : undefined;
  const version = random.pick([0n, 5n, 0x1_0000_0003n]);
  return { voters, observers, groups, weights: undefined, version };
}

function inOrder(told: readonly Told[]): string {
  return shown([...told].map((each) => shown(each)).sort());
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === "bigint") return `0x${BigInt.asUintN(64, each).toString(16)}`;
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(
      Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  });
}

function violation(text: string, heard: readonly string[]): InvariantViolation {
  return new InvariantViolation("DrawnVotes", `a server ${text}, after\n${heard.join("\n")}`);
}

const OWN_SID: Sid = 1n;
/** No member. */
const STRANGER: Sid = 99n;
const ELECTIONS = 2;
/** How many messages a server hears at most. */
const MESSAGES = 30;
/** Longer than anybody waits for a better vote. */
const LONG_MS = 500;
