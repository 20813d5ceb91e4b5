/**
 * The process of one peer: feeds it events, carries out its effects one by one,
 * and can end it between any two of them. The disk outlives the process; a new
 * process starts from what the disk holds.
 *
 * A paused process takes in nothing: what its system can hold (bytes on
 * connections, messages of the election) waits in the networks, the rest here.
 */
import type {
  Effect,
  FileOperation,
  LearnerStatus,
  PeerOptions,
  PeerStatus,
  QuorumEvent,
  ReplicatedState,
  TxnResult,
} from "@jute-ts/quorum";
import { errorCodeName, type Sid } from "@jute-ts/zookeeper";
import { DataTree } from "@jute-ts/data-tree";
import type { Observation, PeerMachine, PeerView } from "../checkers/checker.js";
import type { ClientGateway } from "../clients/client-gateway.js";
import type { Coverage } from "../trace/coverage.js";
import { Disk } from "./disk.js";
import { type CrashManner, type CrashTrap, describeManner, fallsOn } from "./crash.js";
import type { ElectionNetwork } from "./election-network.js";
import { cancel, type EventQueue, type Scheduled } from "./event-queue.js";
import type { PeerKit } from "./peer-kit.js";
import type { PeerEvent } from "./peer-event.js";
import type { QuorumNetwork } from "./quorum-network.js";
import { Random } from "./random.js";
import { drawMember, type MemberSettings, type WorldSettings } from "./settings.js";
import type { Trace } from "../trace/trace.js";

/** What a process finds around it. */
export interface Surroundings {
  readonly queue: EventQueue;
  readonly kit: PeerKit;
  readonly settings: WorldSettings;
  readonly seed: number;
  readonly trace: Trace;
  readonly coverage: Coverage;
  readonly quorum: QuorumNetwork;
  readonly election: ElectionNetwork;
  readonly clients: ClientGateway;
  indexOf(sid: Sid): number;
  sidOf(index: number): Sid;
  /** Builds the peer's options for a new life. */
  optionsOf(sid: Sid, random: Random): Parameters<PeerKit["newPeer"]>[0];
  observe(observation: Observation): void;
  /** The process stopped by itself. */
  onStopped(process: PeerProcess): void;
}

export class PeerProcess implements PeerView {
  readonly sid: Sid;
  readonly index: number;
  readonly disk: Disk;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #clockRate: number;
  #clockOffsetMs = 0;
  #clockStandsSinceMs: number | undefined;
  #wallOffsetMs = 1_600_000_000_000;
  #machine: PeerMachine | undefined;
  #state: ReplicatedState | undefined;
  #status: PeerStatus | undefined;
  #life = 0;
  #lastRecoveredLife = 0;
  #paused = false;
  #isDiskFull = false;
  #inbox: (() => void)[] = [];
  #deadline: { readonly localMs: number; readonly scheduled: Scheduled } | undefined;
  #trap: { readonly trap: CrashTrap; readonly manner: CrashManner; left: number } | undefined;
  #onTrapped: (() => void) | undefined;
  #stopReason: string | undefined;

  constructor(sid: Sid, index: number, around: Surroundings) {
    this.sid = sid;
    this.index = index;
    this.#around = around;
    this.#random = Random.named(around.seed, `peer ${sid}`);
    const { clockDrift, disk } = around.settings;
    this.#clockRate = 1 + clockDrift * (2 * this.#random.fraction() - 1);
    this.disk = new Disk(around.queue, Random.named(around.seed, `disk ${sid}`), disk, {
      onCarriedOut: (operation, result) => {
        around.trace.onFile(around.queue.nowMs, sid, operation, result);
        if (result.kind === "failed") around.coverage.count("file failure", operation.kind);
        if (this.#isDiskFull && GROWING.includes(operation.kind))
          this.disk.failNext({ operation: operation.kind, reason: "no-space" });
        around.observe({ kind: "file", sid, operation, result });
        this.#springAfterFile(operation);
      },
      onDone: (id, result) => {
        this.handle({ kind: "fileDone", id, result });
      },
    });
  }

  get up(): boolean {
    return this.#machine !== undefined;
  }

  /** Whether nothing can grow on the disk. */
  get isDiskFull(): boolean {
    return this.#isDiskFull;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get isRunning(): boolean {
    return this.#machine !== undefined && !this.#paused;
  }

  get peer(): PeerMachine | undefined {
    return this.#machine;
  }

  get status(): PeerStatus | undefined {
    return this.#status;
  }

  get state(): ReplicatedState | undefined {
    return this.#state;
  }

  get tree(): DataTree | undefined {
    return this.#state instanceof DataTree ? this.#state : undefined;
  }

  /** Another number for each process of this peer, and for the times between them. */
  get life(): number {
    return this.#life;
  }

  /** The last life in which the server has started from its disk; 0 when there is none. */
  get lastRecoveredLife(): number {
    return this.#lastRecoveredLife;
  }

  /** Why the last process stopped by itself, by the kind of its reason; undefined while it runs or after a crash. */
  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  /** Starts a process. It must not be running. */
  start(): void {
    if (this.up) throw new Error(`peer ${this.sid} is running already`);
    const around = this.#around;
    this.#life += 1;
    this.#stopReason = undefined;
    const random = Random.named(around.seed, `options ${this.sid} life ${this.#life}`);
    const name = `settings ${this.sid} life ${this.#life}`;
    const member = drawMember(Random.named(around.seed, name), around.settings);
    this.#state = around.kit.newState(around.settings, member);
    const options = { ...around.optionsOf(this.sid, random), ...member.peer };
    this.#machine = around.kit.newPeer(options, this.#state);
    countOptions(around.coverage, options, member);
    this.#status = this.#machine.status();
    around.trace.onWorld(around.queue.nowMs, this.sid, "starts");
    around.observe({ kind: "restart", sid: this.sid });
    around.quorum.machineIsBack(this.index);
    around.quorum.tellIfTaken(this.index);
    this.handle({ kind: "start" });
  }

  /** Ends the process without a word. Harmless when none is running. */
  crash(manner: CrashManner): void {
    if (!this.up) return;
    const around = this.#around;
    const { loss } = manner;
    around.trace.onWorld(around.queue.nowMs, this.sid, `CRASH: ${describeManner(manner)}`);
    const random = Random.named(around.seed, `crash ${this.sid} life ${this.#life}`);
    for (const kind of this.disk.crash(loss, random)) {
      around.coverage.count("crash during file operation", kind);
    }
    this.#end(manner.silently);
    around.observe({ kind: "crash", sid: this.sid });
  }

  /** Has the process crash when its moment comes. `onTrapped` is called after it. Replaces an earlier trap. */
  setTrap(trap: CrashTrap | undefined, manner: CrashManner, onTrapped: () => void): void {
    this.#trap = trap === undefined ? undefined : { trap, manner, left: trap.nth };
    this.#onTrapped = onTrapped;
  }

  disarmTrap(): void {
    this.#trap = undefined;
  }

  /**
   * Stops in the middle of its work. `clock`: whether its monotonic clock goes on
   * meanwhile, or stands still, as when the whole machine sleeps.
   */
  pause(clock: "runs" | "stands" = "runs"): void {
    if (!this.up || this.#paused) return;
    this.#paused = true;
    this.#clockStandsSinceMs = clock === "stands" ? this.#around.queue.nowMs : undefined;
    const asleep = clock === "stands" ? "falls asleep" : "is paused";
    this.#around.trace.onWorld(this.#around.queue.nowMs, this.sid, asleep);
    this.#around.observe({ kind: "pause", sid: this.sid });
  }

  /** Goes on, with everything that has gathered, in the order in which it came. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#clockStandsSinceMs !== undefined) {
      this.#clockOffsetMs += this.#around.queue.nowMs - this.#clockStandsSinceMs;
      this.#clockStandsSinceMs = undefined;
    }
    this.#around.trace.onWorld(this.#around.queue.nowMs, this.sid, "goes on");
    this.#around.observe({ kind: "resume", sid: this.sid });
    const life = this.#life;
    if (this.#around.settings.timersFirst) this.#lookAtTimers();
    if (this.#life !== life) return;
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const take of inbox) {
      if (this.#life === life) take();
    }
    if (this.#life !== life) return;
    this.#around.quorum.resumed(this.index);
    this.#around.election.kick(this.index);
    this.#armDeadline();
  }

  /** Nothing can grow on the disk any more, until there is room again. Whatever else was to fail there is forgotten then. */
  setDiskFull(isFull: boolean): void {
    if (isFull === this.#isDiskFull) return;
    this.#isDiskFull = isFull;
    if (!isFull) this.disk.heal();
    else for (const operation of GROWING) this.disk.failNext({ operation, reason: "no-space" });
  }

  /** The wall clock jumps, forwards or back. */
  jumpWallClock(deltaMs: number): void {
    this.#wallOffsetMs += deltaMs;
  }

  /** Runs something in the process, when it is running next; never, when it ends before. */
  run(take: () => void): void {
    if (!this.up) return;
    if (this.#paused) this.#inbox.push(take);
    else take();
  }

  /** Gives an event to the peer. Lost when the process is down. */
  handle(event: PeerEvent): void {
    if (this.#machine === undefined) return;
    if (this.#paused) {
      this.#inbox.push(() => {
        this.handle(event);
      });
      return;
    }
    this.#step(this.#machine, stamp(event, this.#localMs(), this.#wallMs()));
  }

  #step(machine: PeerMachine, event: QuorumEvent): void {
    const { trace } = this.#around;
    const before = this.#status ?? machine.status();
    trace.onEvent(this.#around.queue.nowMs, this.sid, event);
    const effects = machine.step(event);
    const now = machine.status();
    const after = isSame(before, now) ? before : now;
    this.#status = after;
    this.#countStatus(before, after);
    const crashAt = this.#trap === undefined ? -1 : this.#trapIndex(effects);
    const carriedOut = crashAt < 0 ? effects : effects.slice(0, crashAt);
    for (const effect of carriedOut) this.#carryOut(effect);
    this.#around.observe({
      kind: "step",
      sid: this.sid,
      event,
      effects: carriedOut,
      before,
      after,
    });
    if (crashAt >= 0) this.#spring(effects[crashAt]);
    else if (carriedOut.some((effect) => effect.kind === "stopped")) this.#stop(carriedOut);
    else this.#armDeadline();
  }

  #carryOut(effect: Effect): void {
    const { quorum, election, trace, coverage, queue, kit, clients } = this.#around;
    const connection =
      effect.kind === "send" || effect.kind === "closeConnection" ? effect.connection : undefined;
    const remote =
      connection === undefined || !trace.isWritten
        ? undefined
        : this.#around.sidOf(quorum.endpoint(connection).remote);
    trace.onEffect(queue.nowMs, this.sid, remote, effect);
    switch (effect.kind) {
      case "notify":
        coverage.count("packet sent", `notification ${effect.notification.state}`);
        election.send(
          this.index,
          this.#around.indexOf(effect.to),
          kit.encodeNotification(effect.notification),
        );
        break;
      case "connectElection":
        for (const to of effect.to) election.connect(this.index, this.#around.indexOf(to));
        break;
      case "listen":
        quorum.listen(this.index);
        break;
      case "stopListening":
        quorum.stopListening(this.index);
        break;
      case "connect":
        quorum.dial(this.index, this.#around.indexOf(effect.to), effect.attempt);
        break;
      case "send":
        coverage.count("packet sent", effect.packet.kind);
        quorum.send(effect.connection, effect.packet);
        break;
      case "closeConnection":
        quorum.close(effect.connection);
        break;
      case "file":
        this.disk.request(effect.id, effect.lane, effect.operation);
        break;
      case "answer":
        coverage.count("answer", effect.answer.kind);
        if (effect.answer.kind === "applied") countErrors(coverage, effect.answer.result);
        clients.onAnswer(this, effect.request, effect.answer);
        break;
      case "report":
        coverage.count("report", effect.report.kind);
        if (effect.report.kind === "syncChosen") {
          coverage.count("sync", `${effect.report.plan.kind} ${effect.report.plan.reason}`);
        }
        break;
      case "applied":
      case "stopped":
        break;
    }
  }

  /** Which effect the trap falls on; -1 when on none. Counts those that pass. */
  #trapIndex(effects: readonly Effect[]): number {
    const armed = this.#trap;
    if (armed === undefined) return -1;
    const { trap } = armed;
    for (const [at, effect] of effects.entries()) {
      if (!fallsOn(trap, effect)) continue;
      armed.left -= 1;
      if (armed.left <= 0) return at;
    }
    return -1;
  }

  #springAfterFile(operation: FileOperation): void {
    const armed = this.#trap;
    if (armed?.trap.kind !== "afterFile" || armed.trap.operation !== operation.kind) return;
    armed.left -= 1;
    if (armed.left > 0) return;
    this.#around.coverage.count("crash during file operation", operation.kind);
    this.#spring(undefined);
  }

  #spring(effect: Effect | undefined): void {
    const armed = this.#trap;
    if (armed === undefined) return;
    this.#trap = undefined;
    if (effect !== undefined) this.#around.coverage.count("crash before effect", effect.kind);
    this.crash(armed.manner);
    this.#onTrapped?.();
  }

  /** The peer has stopped: its process leaves in good order. */
  #stop(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind !== "stopped") continue;
      this.#stopReason = effect.reason.kind;
      this.#around.coverage.count("stop", effect.reason.kind);
    }
    this.disk.crash({ kind: "process" }, this.#random);
    this.#end(false);
    this.#around.observe({ kind: "crash", sid: this.sid });
    this.#around.onStopped(this);
  }

  #end(silently: boolean): void {
    const { quorum, election, clients } = this.#around;
    this.#machine = undefined;
    this.#state = undefined;
    this.#status = undefined;
    this.#paused = false;
    this.#clockStandsSinceMs = undefined;
    this.#inbox = [];
    this.#trap = undefined;
    this.#life += 1;
    cancel(this.#deadline?.scheduled);
    this.#deadline = undefined;
    quorum.processEnded(this.index, silently);
    election.processEnded(this.index);
    clients.processEnded(this);
  }

  #armDeadline(): void {
    const localMs = this.#machine?.nextDeadline();
    if (localMs === this.#deadline?.localMs && this.#deadline?.scheduled.run !== undefined) return;
    cancel(this.#deadline?.scheduled);
    this.#deadline = undefined;
    if (localMs === undefined) return;
    const { timerLatenessMs } = this.#around.settings;
    const lateMs = timerLatenessMs === 0 ? 0 : this.#random.fraction() * timerLatenessMs;
    const atMs = localMs / this.#clockRate + this.#clockOffsetMs + lateMs;
    const scheduled = this.#around.queue.at(atMs, () => {
      this.#onDeadline(localMs);
    });
    this.#deadline = { localMs, scheduled };
  }

  /** What is due is done before anything that has gathered, as a process does that slept in its system's timers. */
  #lookAtTimers(): void {
    const localMs = this.#machine?.nextDeadline();
    if (localMs !== undefined && localMs <= this.#localMs()) this.#onDeadline(localMs);
  }

  #onDeadline(localMs: number): void {
    if (this.#machine === undefined) return;
    // A paused process looks at its clock when it goes on.
    if (this.#paused) return;
    // Rounding must not bring a timer before its time, or it would be set again for ever.
    const nowMs = Math.max(this.#localMs(), localMs);
    this.#step(this.#machine, { kind: "deadline", nowMs, wallMs: this.#wallMs() });
  }

  #localMs(): number {
    return (this.#around.queue.nowMs - this.#clockOffsetMs) * this.#clockRate;
  }

  #wallMs(): number {
    return Math.floor(this.#wallOffsetMs + this.#around.queue.nowMs);
  }

  #countStatus(before: PeerStatus, after: PeerStatus): void {
    const { coverage } = this.#around;
    if (before.role !== after.role) {
      coverage.count("role", after.role);
      if (after.role !== "stopped") this.#lastRecoveredLife = this.#life;
    }
    if (before.phase !== after.phase && after.phase !== undefined) {
      coverage.count("phase", `${after.role} ${after.phase}`);
    }
  }
}

function countErrors(coverage: Coverage, { err, parts }: TxnResult): void {
  coverage.count("error", errorCodeName(err) ?? `${err}`);
  for (const part of parts ?? []) countErrors(coverage, part);
}

/** What needs room on a disk. */
const GROWING: readonly FileOperation["kind"][] = ["create", "write"];

function countOptions(coverage: Coverage, options: PeerOptions, member: MemberSettings): void {
  const { storage, commitLogCount, maxWaitingRequests, liveBeforeUpToDate } = options;
  coverage.count("option", `commitLogCount ${commitLogCount ?? "default"}`);
  coverage.count("option", `maxWaitingRequests ${maxWaitingRequests ?? "default"}`);
  coverage.count("option", `liveBeforeUpToDate ${liveBeforeUpToDate ?? "default"}`);
  coverage.count("option", `snapCount ${storage?.snapCount ?? "default"}`);
  coverage.count("option", `autocreate ${storage?.autocreate ?? "default"}`);
  coverage.count("option", `digests ${member.digests}`);
}

function isSame(one: PeerStatus, other: PeerStatus): boolean {
  return (
    one.lastProcessedZxid === other.lastProcessedZxid &&
    one.lastCommittedZxid === other.lastCommittedZxid &&
    one.lastLoggedZxid === other.lastLoggedZxid &&
    one.lastDurableZxid === other.lastDurableZxid &&
    one.outstanding === other.outstanding &&
    one.role === other.role &&
    one.phase === other.phase &&
    one.serving === other.serving &&
    one.leader === other.leader &&
    one.epoch === other.epoch &&
    one.acceptedEpoch === other.acceptedEpoch &&
    one.currentEpoch === other.currentEpoch &&
    one.learners.length === other.learners.length &&
    one.learners.every((learner, index) => isSameLearner(learner, other.learners[index]))
  );
}

function isSameLearner(one: LearnerStatus, other: LearnerStatus | undefined): boolean {
  return (
    one.sid === other?.sid &&
    one.role === other?.role &&
    one.votes === other.votes &&
    one.stage === other.stage &&
    one.lastAckedZxid === other.lastAckedZxid
  );
}

/** Adds the peer's clocks. The frequent kinds are spelled out, which V8 compiles to much faster code than a spread. */
function stamp(event: PeerEvent, nowMs: number, wallMs: number): QuorumEvent {
  switch (event.kind) {
    case "received":
      return { kind: "received", connection: event.connection, bytes: event.bytes, nowMs, wallMs };
    case "drained":
      return { kind: "drained", connection: event.connection, nowMs, wallMs };
    case "fileDone":
      return { kind: "fileDone", id: event.id, result: event.result, nowMs, wallMs };
    default:
      return { ...event, nowMs, wallMs };
  }
}
