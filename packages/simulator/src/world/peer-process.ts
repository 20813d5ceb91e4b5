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
  PeerOptions,
  PeerStatus,
  QuorumEvent,
  ReplicatedState,
  StorageOptions,
} from "@jute-ts/quorum";
import { PeerTurns, type QuorumRequest } from "@jute-ts/server/clients";
import type { Sid } from "@jute-ts/zookeeper";
import { DataTree } from "@jute-ts/data-tree";
import type { Observation, PeerMachine, PeerView } from "../checkers/checker.js";
import type { ClientGateway } from "../clients/client-gateway.js";
import type { Coverage } from "../trace/coverage.js";
import { type ClientNetwork, FIRST_SOCKET, type SocketId } from "./client-network.js";
import type { Changes } from "./changes.js";
import { ClientSide } from "./client-side.js";
import { CountedFigures } from "./counted-figures.js";
import { Disk } from "./disk.js";
import { isSameStatus } from "./equal-status.js";
import { ProcessClock, stamp } from "./process-clock.js";
import { countErrors, countOptions, countStatus, countSyncs } from "./process-coverage.js";
import { type CrashManner, type CrashTrap, describeManner, fallsOn } from "./crash.js";
import type { ElectionNetwork } from "./election-network.js";
import { cancel, type EventQueue, type Scheduled } from "./event-queue.js";
import type { PeerKit } from "./peer-kit.js";
import type { PeerEvent } from "./peer-event.js";
import type { QuorumNetwork } from "./quorum-network.js";
import { Random } from "./random.js";
import {
  type ClientRules,
  drawClientRules,
  drawMember,
  type EnsembleShape,
  type WorldSettings,
} from "./settings.js";
import type { Trace } from "../trace/trace.js";

/** What a process finds around it. */
export interface Surroundings {
  readonly queue: EventQueue;
  readonly changes: Changes;
  readonly kit: PeerKit;
  readonly settings: WorldSettings;
  readonly seed: number;
  readonly trace: Trace;
  readonly coverage: Coverage;
  readonly quorum: QuorumNetwork;
  readonly election: ElectionNetwork;
  readonly clients: ClientGateway;
  readonly clientNetwork: ClientNetwork;
  indexOf(sid: Sid): number;
  sidOf(index: number): Sid;
  /** The ensemble, as a server's configuration has it. */
  shapeOf(sid: Sid): EnsembleShape;
  /** Builds the peer's options for a new life. */
  optionsOf(sid: Sid, random: Random): Parameters<PeerKit["newPeer"]>[0];
  observe(observation: Observation): void;
  /** The client side of a server asks its peer for something. */
  onAsked(sid: Sid, request: QuorumRequest): void;
  /** The process stopped by itself. */
  onStopped(process: PeerProcess): void;
}

export class PeerProcess implements PeerView {
  readonly sid: Sid;
  readonly index: number;
  readonly disk: Disk;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #clock: ProcessClock;
  #machine: PeerMachine | undefined;
  #side: ClientSide | undefined;
  #turns: PeerTurns | undefined;
  #clientRules: ClientRules | undefined;
  #options: PeerOptions | undefined;
  #configured: EnsembleShape | undefined;
  /** The deadline that came last. */
  #dueMs = 0;
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
    const rate = 1 + clockDrift * (2 * this.#random.fraction() - 1);
    this.#clock = new ProcessClock(around.queue, rate);
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

  get clientRules(): ClientRules | undefined {
    return this.#clientRules;
  }

  get storage(): StorageOptions | undefined {
    return this.#options?.storage;
  }

  get configured(): EnsembleShape | undefined {
    return this.#configured;
  }

  get maxWaitingRequests(): number | undefined {
    return this.#options?.maxWaitingRequests;
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
    this.#machine = this.#newMachine(options, this.#state, random);
    this.#options = options;
    this.#configured = around.shapeOf(this.sid);
    countOptions(around.coverage, options, member);
    this.#status = this.#machine.status();
    around.changes.happened();
    around.trace.onWorld(around.queue.nowMs, this.sid, "starts", "recovering");
    around.observe({ kind: "restart", sid: this.sid });
    around.quorum.machineIsBack(this.index);
    around.quorum.tellIfTaken(this.index);
    this.handle({ kind: "start" });
  }

  #newMachine(options: PeerOptions, state: ReplicatedState, random: Random): PeerMachine {
    const { kit, settings, queue, clientNetwork } = this.#around;
    const measured = new CountedFigures();
    const rules = this.#drawClientRules();
    const service = kit.newClientService?.(options, state, random, settings, {
      rules,
      measurements: measured,
      onAudited: (event) => {
        this.#around.observe({ kind: "audited", sid: this.sid, event });
      },
    });
    if (service === undefined) return kit.newPeer(options, state);
    const side = new ClientSide(service, settings.clientLimits, {
      queue,
      network: clientNetwork,
      clock: () => this.#clock.now(),
      worldMs: (localMs) => this.#clock.worldMs(localMs) + WAKE_LATE_MS,
      run: (take) => {
        this.run(take);
      },
      onAsked: (request) => {
        this.#around.onAsked(this.sid, request);
      },
      onConnection: (connection, address, change, closing) => {
        const { coverage } = this.#around;
        if (change === "refused") coverage.count("connection", "one too many");
        if (closing !== undefined) coverage.count("connection", `closed for: ${closing.reason}`);
        const { sid } = this;
        this.#around.observe({ kind: "connection", sid, connection, address, change, closing });
      },
      onSettled: (load) => {
        this.#around.observe({ kind: "settled", sid: this.sid, ...load });
      },
      onCounted: (figures) => {
        this.#around.observe({ kind: "counted", sid: this.sid, ...figures, measured });
      },
    });
    const turns = new PeerTurns(
      (event) => {
        // After a crash the next process may have begun at once: what waits here is none of its business.
        if (this.#turns === turns) this.#stepNow(event);
      },
      () => (this.#side === side ? side.takeQuorumRequests() : []),
    );
    side.attach((events) => {
      turns.add(events);
      if (!turns.isHandling) turns.run();
    });
    this.#side = side;
    this.#turns = turns;
    this.#clientRules = rules;
    return kit.newPeer(options, state, (effect) => {
      side.observe(effect);
    });
  }

  #drawClientRules(): ClientRules {
    const { seed, settings } = this.#around;
    const whose = settings.isMixed ? ` of ${this.sid} life ${this.#life}` : "";
    return drawClientRules(Random.named(seed, `client rules${whose}`), settings);
  }

  /** A client connects. False if nobody serves clients here. */
  accept(
    socket: SocketId,
    address: string,
    port: number,
    certificate: string | undefined,
  ): boolean {
    const side = this.#side;
    side?.accept(socket, address, port, certificate);
    return side !== undefined;
  }

  onBytes(socket: SocketId, bytes: Uint8Array): void {
    this.#side?.onBytes(socket, bytes);
  }

  onDrained(socket: SocketId): void {
    this.#side?.onDrained(socket);
  }

  onEnd(socket: SocketId): void {
    this.#side?.onEnd(socket);
  }

  /** Ends the process without a word. Harmless when none is running. */
  crash(manner: CrashManner): void {
    if (!this.up) return;
    const around = this.#around;
    const { loss } = manner;
    around.trace.onWorld(around.queue.nowMs, this.sid, `CRASH: ${describeManner(manner)}`, "down");
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
    if (clock === "stands") this.#clock.stop();
    const asleep = clock === "stands" ? "falls asleep" : "is paused";
    this.#around.trace.onWorld(this.#around.queue.nowMs, this.sid, asleep, "paused");
    this.#around.observe({ kind: "pause", sid: this.sid });
  }

  /** Goes on, with everything that has gathered, in the order in which it came. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#clock.goOn();
    // Its time was reckoned by a clock that has stood still since.
    this.#disarmDeadline();
    this.#around.trace.onWorld(this.#around.queue.nowMs, this.sid, "goes on", "running again");
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
    this.#around.clientNetwork.resumed(this.sid);
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
    this.#clock.jumpWallClock(deltaMs);
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
    this.#turn(event);
  }

  /** Has the peer handle an event now, or after those that it is at. */
  #turn(event: PeerEvent): void {
    const [turns, side] = [this.#turns, this.#side];
    if (turns === undefined || side === undefined) {
      this.#stepNow(event);
      return;
    }
    turns.add([event]);
    if (!turns.isHandling) turns.run();
    side.settleSoon();
  }

  #stepNow(event: PeerEvent): void {
    if (this.#machine === undefined) return;
    // Rounding must not bring a timer before its time, or it would be set again without end.
    const nowMs = Math.max(this.#clock.localMs, this.#dueMs);
    this.#step(this.#machine, stamp(event, nowMs, this.#clock.wallMs));
  }

  #step(machine: PeerMachine, event: QuorumEvent): void {
    const { trace } = this.#around;
    const before = this.#status ?? machine.status();
    trace.onEvent(this.#around.queue.nowMs, this.sid, event);
    const effects = machine.step(event);
    const now = machine.status();
    const after = isSameStatus(before, now) ? before : now;
    this.#status = after;
    if (after !== before) {
      this.#around.changes.happened();
      countStatus(this.#around.coverage, before, after);
    }
    countSyncs(this.#around.coverage, effects);
    if (before.role !== after.role && after.role !== "stopped")
      this.#lastRecoveredLife = this.#life;
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
        // Those of connections are the client side's.
        if (effect.request < FIRST_SOCKET) clients.onAnswer(this, effect.request, effect.answer);
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
    const { quorum, election, clients, clientNetwork } = this.#around;
    this.#machine = undefined;
    this.#side?.end();
    this.#side = undefined;
    this.#turns = undefined;
    this.#clientRules = undefined;
    this.#options = undefined;
    this.#configured = undefined;
    this.#state = undefined;
    this.#status = undefined;
    this.#paused = false;
    this.#clock.forget();
    this.#inbox = [];
    this.#trap = undefined;
    this.#life += 1;
    this.#disarmDeadline();
    this.#around.changes.happened();
    quorum.processEnded(this.index, silently);
    election.processEnded(this.index);
    clients.processEnded(this);
    clientNetwork.processEnded(this.sid, silently);
  }

  #armDeadline(): void {
    const localMs = this.#machine?.nextDeadline();
    if (localMs === this.#deadline?.localMs && this.#deadline?.scheduled.run !== undefined) return;
    this.#disarmDeadline();
    if (localMs === undefined) return;
    const { timerLatenessMs } = this.#around.settings;
    const lateMs = timerLatenessMs === 0 ? 0 : this.#random.fraction() * timerLatenessMs;
    const atMs = this.#clock.worldMs(localMs) + lateMs;
    const scheduled = this.#around.queue.at(atMs, () => {
      this.#onDeadline(localMs);
    });
    this.#deadline = { localMs, scheduled };
  }

  #disarmDeadline(): void {
    cancel(this.#deadline?.scheduled);
    this.#deadline = undefined;
  }

  /** What is due is done before anything that has gathered, as a process does that slept in its system's timers. */
  #lookAtTimers(): void {
    const localMs = this.#machine?.nextDeadline();
    if (localMs !== undefined && localMs <= this.#clock.localMs) this.#onDeadline(localMs);
  }

  #onDeadline(localMs: number): void {
    if (this.#machine === undefined) return;
    // A paused process looks at its clock when it goes on.
    if (this.#paused) return;
    this.#dueMs = localMs;
    this.#turn({ kind: "deadline" });
  }
}

/** What needs room on a disk. */
const GROWING: readonly FileOperation["kind"][] = ["create", "write"];

/** Rounding must not wake a client side before the time that it asked for. */
const WAKE_LATE_MS = 0.001;
