/**
 * TruthfulReports: what a peer tells about itself is what has happened, and nothing of it goes
 * untold: roles, votes and elections, epochs, how learners come and go and are brought up
 * to date, what was recovered, written, cut and removed. Logs, metrics and whoever reads
 * them have nothing else to go by.
 */
import { parseDataFileName, snapshotFileName } from "@jute-ts/persistence";
import type { ConnectionId, Effect, LearnerStatus, PeerStatus, Report } from "@jute-ts/quorum";
import { NO_DATABASE, type Sid } from "@jute-ts/zookeeper";
import {
  type Checker,
  type DiskView,
  InvariantViolation,
  type Observation,
  type WorldView,
} from "./checker.js";
import { boundMsOf, type DiskLimits } from "./finished-snapshots.js";

type Step = Extract<Observation, { kind: "step" }>;
type ReportOf<K extends Report["kind"]> = Extract<Report, { kind: K }>;
type Plan = "DIFF" | "TRUNC" | "SNAP";

/** What is known of a process, and must show in its reports. */
interface Known {
  /** Since when it looks for a leader. */
  lookingMs: number;
  voted: ReportOf<"voted"> | undefined;
  /** The connections of learners that it has taken. */
  readonly learners: Set<ConnectionId>;
  /** The leader's plan that has arrived and is handled in the next step. */
  plan: { readonly kind: Plan; readonly zxid: bigint } | undefined;
  /** After which txn it is about to cut its log. */
  cuttingAt: bigint | undefined;
  /** Files that were removed, and snapshots that got their names, of which nobody was told yet, and when. */
  readonly removed: Map<string, number>;
  readonly written: Map<string, number>;
  /** What the last step left untold, unless a crash came in the middle of its effects. */
  untold: string | undefined;
}

export class TruthfulReports implements Checker {
  readonly name = "truthful-reports";
  readonly watches = ["step", "delivered", "file", "crash"] as const;
  readonly #known = new Map<Sid, Known>();
  readonly #boundMs: number;

  constructor(limits: DiskLimits) {
    this.#boundMs = boundMsOf(limits);
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
        this.#known.delete(observation.sid);
        return;
      case "delivered": {
        const { to, packet } = observation;
        if (isPlan(packet.kind) && "zxid" in packet)
          this.#of(to).plan = { kind: packet.kind, zxid: packet.zxid };
        return;
      }
      case "file":
        noteFile(this.#of(observation.sid), observation, world);
        return;
      case "step":
        this.#onStep(observation, world);
        return;
      default:
        return;
    }
  }

  atEnd({ nowMs }: WorldView): void {
    for (const [sid, { removed, written }] of this.#known)
      for (const [name, sinceMs] of [...removed, ...written])
        if (nowMs - sinceMs > this.#boundMs)
          throw violation(sid, `does not report what became of ${name}`);
  }

  #onStep(step: Step, world: WorldView): void {
    const { sid, event, effects, before, after } = step;
    const known = this.#of(sid);
    if (known.untold !== undefined) throw violation(sid, `does not report ${known.untold}`);
    if (isOfNoAccount(step, known)) return;
    const reports = effects.flatMap((effect) => (effect.kind === "report" ? [effect.report] : []));
    for (const report of reports) {
      const lie = whatIsWrong(report, known, step, world);
      if (lie !== undefined) throw violation(sid, lie);
      if (report.kind === "roleChanged" && report.role === "looking") known.lookingMs = event.nowMs;
    }
    if (before.role === "recovering" && after.role !== "recovering") {
      // What was missing is written, and what is of no use removed, as part of that.
      known.written.clear();
      known.removed.clear();
    }
    const lost = lostLearners(step, known.learners);
    known.untold =
      (before === after ? undefined : untoldChange(reports, before, after)) ??
      untoldPackets(effects, reports, known, world) ??
      untoldPlan(step, reports, known) ??
      (count(reports, "learnerLost") === lost ? undefined : `that ${lost} learners are lost`);
    if (event.kind === "received") known.plan = undefined;
  }

  #of(sid: Sid): Known {
    let known = this.#known.get(sid);
    if (known === undefined) this.#known.set(sid, (known = newKnown()));
    return known;
  }
}

/** Whether there is nothing to report of a step, as of most, nor anything that its server has reported. */
function isOfNoAccount({ event, effects, before, after }: Step, { plan }: Known): boolean {
  if (before !== after) return false;
  if (event.kind === "accepted" || event.kind === "disconnected") return false;
  if (event.kind === "received" && plan !== undefined) return false;
  for (const { kind } of effects)
    if (kind === "report" || kind === "send" || kind === "notify" || kind === "closeConnection")
      return false;
  return true;
}

function newKnown(): Known {
  return {
    lookingMs: 0,
    voted: undefined,
    learners: new Set(),
    plan: undefined,
    cuttingAt: undefined,
    removed: new Map(),
    written: new Map(),
    untold: undefined,
  };
}

function noteFile(
  { removed, written }: Known,
  { operation, result }: Extract<Observation, { kind: "file" }>,
  { nowMs }: WorldView,
): void {
  if (result.kind === "failed") return;
  if (operation.kind === "remove") {
    if (parseDataFileName(operation.file.name) !== undefined)
      removed.set(operation.file.name, nowMs);
  } else if (operation.kind === "rename" && operation.to.startsWith("snapshot.")) {
    written.set(operation.to, nowMs);
  }
}

/** What a report says that is not so; undefined when all of it is. */
function whatIsWrong(
  report: Report,
  known: Known,
  step: Step,
  world: WorldView,
): string | undefined {
  const { sid, event, effects, after } = step;
  switch (report.kind) {
    case "recovered":
      return whatIsNotOnDisk(report, after, foundSnapshots(known, world.peers.get(sid)?.disk));
    case "withoutVote":
      return world.ensemble.voters.has(sid) && !effects.some(isVoteOfNobody)
        ? "says that it has no vote, and votes"
        : undefined;
    case "elected": {
      const lookedMs = event.nowMs - known.lookingMs;
      if (Math.abs(report.durationMs - lookedMs) > ROUNDING_MS)
        return `has looked for ${lookedMs} ms, and says that it was ${report.durationMs}`;
      return report.leader === after.leader || !isInRole(after)
        ? undefined
        : `says that ${report.leader} is elected, and is led by ${String(after.leader)}`;
    }
    case "epochAccepted":
      return differs("has accepted epoch", after.acceptedEpoch, report.epoch);
    case "laterEpoch":
    case "notCounted":
      return report.acceptedEpoch > report.epoch
        ? undefined
        : `says that epoch ${report.acceptedEpoch} is later than ${report.epoch}`;
    case "serving":
      // What came with it may have ended the role again.
      return isInRole(after) ? differs("serves in epoch", after.epoch, report.epoch) : undefined;
    case "syncBegun": {
      const { plan } = known;
      known.cuttingAt = report.packet === "TRUNC" ? report.zxid : undefined;
      return plan?.kind === report.packet && plan.zxid === report.zxid
        ? undefined
        : `says that it was told ${report.packet}, and was told ${plan?.kind ?? "nothing"}`;
    }
    case "learnerSynced":
      // What came with its ACK may have ended its connection again.
      return !isInRole(after) ||
        after.learners.some((each) => isSynced(each, report.learner)) ||
        closes(effects, report.learner, world)
        ? undefined
        : `says that ${String(report.learner)} has its history`;
    case "snapshotWritten": {
      const name = snapshotFileName(report.zxid);
      const bytes = world.peers.get(sid)?.disk.contents({ directory: "data", name }, "current");
      return known.written.delete(name)
        ? differs(`has bytes of ${name},`, bytes?.length, report.bytes)
        : `says that it has written ${name}`;
    }
    case "logCut": {
      const { cuttingAt } = known;
      known.cuttingAt = undefined;
      // Whose log ends before that begins again.
      return isInRole(after) ? differs("was to cut its log at", cuttingAt, report.zxid) : undefined;
    }
    case "removedFiles": {
      const there = report.names.find((name) => !known.removed.delete(name));
      if (report.names.length === 0) return "says that it has removed nothing";
      return there === undefined ? undefined : `says that it has removed ${there}`;
    }
    default:
      return undefined;
  }
}

function whatIsNotOnDisk(
  { lastZxid, snapshotZxid, acceptedEpoch, currentEpoch }: ReportOf<"recovered">,
  after: PeerStatus,
  snapshots: readonly string[],
): string | undefined {
  return (
    differs("has recovered", after.lastLoggedZxid, lastZxid) ??
    differs("has accepted epoch", after.acceptedEpoch, acceptedEpoch) ??
    differs("is in epoch", after.currentEpoch, currentEpoch) ??
    whatIsWrongOfSnapshot(snapshotZxid, snapshots)
  );
}

/** The snapshots that a server has found on its disk: a new one writes its first while it starts. */
function foundSnapshots({ written }: Known, disk: DiskView | undefined): readonly string[] {
  const names = disk?.names("data", "current") ?? [];
  return names.filter((name) => parseDataFileName(name)?.kind === "snapshot" && !written.has(name));
}

/** `zxid`: of the snapshot that it says it has read. */
function whatIsWrongOfSnapshot(
  zxid: bigint | undefined,
  snapshots: readonly string[],
): string | undefined {
  if (zxid === undefined)
    return snapshots.length === 0 ? undefined : `says that it has read none of ${snapshots.join()}`;
  const isThere = snapshots.some((name) => parseDataFileName(name)?.zxid === zxid);
  return isThere ? undefined : `has read no ${snapshotFileName(zxid)}`;
}

function differs(what: string, is: unknown, said: unknown): string | undefined {
  return is === said ? undefined : `${what} ${String(is)}, and says ${String(said)}`;
}

/** What has changed without a report of it. */
function untoldChange(
  reports: readonly Report[],
  before: PeerStatus,
  after: PeerStatus,
): string | undefined {
  const role = reports.filter((report) => report.kind === "roleChanged").at(-1);
  const hasNewRole = before.role !== after.role || before.leader !== after.leader;
  if (hasNewRole && (role?.role !== after.role || role.leader !== after.leader))
    return `that it is ${after.role}`;
  const isRecovered = before.role === "recovering" && after.role === "looking";
  if (isRecovered && count(reports, "recovered") === 0) return "what it has recovered";
  const vote = reports.find((report) => report.kind === "voted");
  if (isRecovered && vote?.zxid === NO_DATABASE && count(reports, "withoutVote") === 0)
    return "that it has no vote";
  if (hasNewRole && isInRole(after) && count(reports, "elected") === 0)
    return `that ${String(after.leader)} is elected`;
  if (!before.serving && after.serving && count(reports, "serving") === 0) return "that it serves";
  const isPromised = isInRole(before) && before.acceptedEpoch < after.acceptedEpoch;
  if (isPromised && isInRole(after) && count(reports, "epochAccepted") === 0)
    return `that it has accepted epoch ${after.acceptedEpoch}`;
  for (const learner of after.learners) {
    const { sid } = learner;
    if (!isSynced(learner, sid) || before.learners.some((each) => isSynced(each, sid))) continue;
    const isTold = reports.some((each) => each.kind === "learnerSynced" && each.learner === sid);
    if (!isTold) return `that ${String(sid)} has its history`;
  }
  return undefined;
}

/** What was sent without a report that says the same. */
function untoldPackets(
  effects: readonly Effect[],
  reports: readonly Report[],
  known: Known,
  world: WorldView,
): string | undefined {
  const chosen = reports.filter((report) => report.kind === "syncChosen");
  let sent = 0;
  for (const effect of effects) {
    if (effect.kind === "report" && effect.report.kind === "voted") known.voted = effect.report;
    if (effect.kind === "notify") {
      const { state, leader, zxid, peerEpoch, electionEpoch } = effect.notification;
      const { voted } = known;
      const isTold =
        voted?.leader === leader &&
        voted.zxid === zxid &&
        voted.peerEpoch === peerEpoch &&
        voted.round === electionEpoch;
      if (state === "looking" && !isTold) return `that it votes for ${leader}`;
    }
    if (effect.kind !== "send") continue;
    const { kind } = effect.packet;
    if (kind === "ACK" && known.cuttingAt !== undefined) return "that it has cut its log";
    if (!isPlan(kind)) continue;
    const report = chosen[sent++];
    const { remote } = world.connection(effect.connection);
    if (report?.plan.kind !== kind || report.learner !== remote)
      return `that it sends ${kind} to ${remote}`;
  }
  return sent === chosen.length ? undefined : `what it sends after ${chosen.length} plans`;
}

function untoldPlan(
  { event, after }: Step,
  reports: readonly Report[],
  { plan }: Known,
): string | undefined {
  const isHandled = plan !== undefined && event.kind === "received" && isInRole(after);
  return isHandled && count(reports, "syncBegun") === 0
    ? `that it was told ${plan.kind}`
    : undefined;
}

/** How many learners a step has lost. Who is turned away at once never was one. */
function lostLearners({ event, effects, after }: Step, learners: Set<ConnectionId>): number {
  let lost = 0;
  if (event.kind === "disconnected" && learners.delete(event.connection)) lost++;
  for (const effect of effects)
    if (effect.kind === "closeConnection" && learners.delete(effect.connection)) lost++;
  const isTaken = (connection: ConnectionId): boolean =>
    !effects.some((each) => each.kind === "closeConnection" && each.connection === connection);
  if (event.kind === "accepted" && after.role === "leading" && isTaken(event.connection))
    learners.add(event.connection);
  return lost;
}

function closes(effects: readonly Effect[], learner: Sid | undefined, world: WorldView): boolean {
  return effects.some(
    (each) =>
      each.kind === "closeConnection" && world.connection(each.connection).remote === learner,
  );
}

/** Whether it votes as servers do that have lost their database. */
function isVoteOfNobody(effect: Effect): boolean {
  const isVote = effect.kind === "report" && effect.report.kind === "voted";
  return isVote && effect.report.zxid === NO_DATABASE;
}

function count(reports: readonly Report[], kind: Report["kind"]): number {
  return reports.filter((report) => report.kind === kind).length;
}

function isPlan(kind: string): kind is Plan {
  return kind === "DIFF" || kind === "TRUNC" || kind === "SNAP";
}

function isInRole({ role }: PeerStatus): boolean {
  return role === "leading" || role === "following" || role === "observing";
}

function isSynced({ sid, stage }: LearnerStatus, learner: Sid | undefined): boolean {
  return sid === learner && (stage === "awaitingActivation" || stage === "forwarding");
}

function violation(sid: Sid, text: string): InvariantViolation {
  return new InvariantViolation("TruthfulReports", `${sid} ${text}`);
}

/** Times are fractions, and sums of them are rounded. */
const ROUNDING_MS = 0.001;
