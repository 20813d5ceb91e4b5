/**
 * A running peer: the core, and around it sockets, files, timers and the clock.
 * Events are handled one after the other, whatever they are; what the core asks
 * for is carried out in the order in which it asks.
 */
import { EventEmitter } from "node:events";
import { join } from "node:path";
import {
  type Answer,
  type ChangeRequest,
  type Clock,
  type Effect,
  type PeerOptions,
  type PeerStatus,
  QuorumPeer,
  type ReplicatedState,
  type Report,
  type RequestId,
  type StopReason,
  type LoggedTxn,
  type TxnResult,
  type UntimedEvent,
  whyNotProposed,
} from "@jute-ts/quorum";
import { encodeNotification } from "@jute-ts/quorum/wire";
import {
  CreateSessionTxn,
  ErrorCode,
  formatZxid,
  OpCode,
  type RequestBodyInit,
  type RequestOpCode,
  type Sid,
} from "@jute-ts/zookeeper";
import { failedRequest, PeerStoppedError, RequestError, TimeoutError } from "./errors.js";
import { type Committed, type RawChange, rawChange, type ResultOf } from "./requests.js";
import { type OptionNames, whyNotOptions } from "./option-names.js";
import {
  checkWaitOptions,
  DEFAULT_WAIT_MS,
  endOfWaiting,
  within,
  type WaitOptions,
} from "./waiting.js";
import { ElectionLinks } from "./election-links.js";
import { type FileDone, FileDriver, type StorageDriver } from "./file-driver.js";
import type { InPlaceSyncs } from "./file-syncs.js";
import type { MemoryStorage } from "./memory-storage.js";
import { NameLookup, type Lookup } from "./name-lookup.js";
import type { PeerReport, Trouble } from "./network-report.js";
import { NetworkWatch, type WatchTimes } from "./network-watch.js";
import { ListenError, type ListenTarget } from "./open-ports.js";
import { LearnerViews } from "../admin/learner-views.js";
import { type Metric, PeerMetrics } from "../admin/peer-metrics.js";
import type { ServerMetrics } from "../admin/server-metrics.js";
import type { LearnerView } from "../admin/server-view.js";
import { type ClientHost, PeerTurns } from "../clients/index.js";
import type { AuditEvent } from "../clients/index.js";
import { QuorumLinks } from "./quorum-links.js";
import { Settling } from "./settling.js";
import { loopBusyMs, SyncPlace } from "./sync-place.js";
import { plainTransport, type Transport } from "./transport.js";

/** What a peer needs besides the protocol's own options. */
export interface PeerConfiguration extends Omit<PeerOptions, "sid" | "random"> {
  /** Which member of the ensemble this server is. */
  readonly sid: Sid | number;
  /** A number in [0, 1), for jitter. Default: Math.random. */
  readonly random?: (() => number) | undefined;
  /** Snapshots and epochs lie in its subdirectory `version-2`. */
  readonly dataDir: string;
  /** Logs lie in its subdirectory `version-2`. The data directory when undefined. */
  readonly dataLogDir?: string | undefined;
  /** Keeps what would be in the directories, which are left alone. Not durable. */
  readonly memory?: MemoryStorage | undefined;
  /**
   * Whether fsyncs of the log may be made on this thread while they are quick and it has little
   * else to do: quicker, and nothing else happens meanwhile (docs/decisions/0018). False.
   */
  readonly syncsInPlace?: boolean | undefined;
  /**
   * Where to listen for the other servers: on this host, with the ports of all of
   * this server's addresses. `::` and `0.0.0.0` are all addresses of both families.
   * Default: this server's own hosts.
   */
  readonly listenHost?: string | undefined;
  /** How connections come about. Default: plain TCP. */
  readonly transport?: Transport | undefined;
  /** How long connecting to another server may take. 5,000. */
  readonly dialTimeoutMs?: number | undefined;
  /** How often to try again when the election port is taken, a second apart; Infinity: without an end. 0. */
  readonly bindRetries?: number | undefined;
  /** How long the first bytes of an election connection may take. 1,000. */
  readonly helloTimeoutMs?: number | undefined;
  /** Finds the addresses of the hosts of the ensemble. Default: the system's way. */
  readonly lookup?: Lookup | undefined;
  /** When trouble with connections is reported. */
  readonly watch?: WatchTimes | undefined;
  /** What serves clients beside this peer. Default: nobody. */
  readonly clients?: PeerClients | undefined;
  /** Where this server's measurements go. Default: its own. */
  readonly measurements?: ServerMetrics | undefined;
  /** The shortest and the longest session that begins at this server. Whatever is asked for. */
  readonly minSessionTimeoutMs?: number | undefined;
  readonly maxSessionTimeoutMs?: number | undefined;
}

/** The names of the options of the protocol, for those that are made of more. */
export const PEER_OPTION_NAMES: OptionNames<PeerOptions> = {
  sid: true,
  ensemble: true,
  tickTimeMs: true,
  initLimit: true,
  syncLimit: true,
  connectToLearnerMasterLimit: true,
  minNotificationIntervalMs: true,
  maxNotificationIntervalMs: true,
  finalizeWaitMs: true,
  maxPacketBytes: true,
  commitLogCount: true,
  maxQueuedBytes: true,
  maxWaitingRequests: true,
  liveBeforeUpToDate: true,
  localSessions: true,
  overdueIntervalMs: true,
  maxOverduePerMinute: true,
  storage: true,
  random: true,
};

const PEER_CONFIGURATION_NAMES: OptionNames<PeerConfiguration> = {
  ...PEER_OPTION_NAMES,
  dataDir: true,
  dataLogDir: true,
  memory: true,
  syncsInPlace: true,
  listenHost: true,
  transport: true,
  dialTimeoutMs: true,
  bindRetries: true,
  helloTimeoutMs: true,
  lookup: true,
  watch: true,
  clients: true,
  measurements: true,
  minSessionTimeoutMs: true,
  maxSessionTimeoutMs: true,
};

/** What serves clients beside a peer: it hears what the peer does, and asks it for what they want. */
export interface PeerClients {
  /** Called once, before anything else. */
  attach(host: ClientHost): void;
  /** An effect of the peer arises. Must not call the peer. */
  observe(effect: Effect): void;
  /** The peer has handled an event: hands over what was asked of it meanwhile. */
  takeQuorumRequests(): readonly UntimedEvent[];
  /** About how much there is to send. */
  readonly effectCount: number;
  /** Sends what is to be sent. */
  settle(): void;
  /** Reads and answers nothing until `resume`; what comes waits. */
  pause(): void;
  resume(): void;
  /** Breaks all connections off. What was to be sent on them is not. */
  abort(): void;
  /** Closes everything. Resolves when nothing is left open. */
  close(): Promise<void>;
}

/** What a peer tells while it runs. */
export interface PeerEvents {
  /** Role changes, epochs, decisions, faults, and trouble with connections: see `Report` and `NetworkReport`. */
  report: [report: PeerReport];
  /** A txn was applied. Not committed: it may still be undone (see the effect of that name). */
  applied: [
    applied: {
      readonly txn: LoggedTxn;
      readonly result: TxnResult;
      readonly committed: boolean;
    },
  ];
  /** A change was made or refused, where `audit.enable` asks for it. */
  audited: [event: AuditEvent];
  /** The peer has stopped for good. */
  stopped: [reason: StopReason];
}

let metricsOf: (peer: Peer) => PeerMetrics;

/** The figures of a peer themselves, which go on being counted: for what operators read, and no part of what is published. */
export function liveMetrics(peer: Peer): PeerMetrics {
  return metricsOf(peer);
}

export class Peer<S extends ReplicatedState = ReplicatedState> extends EventEmitter<PeerEvents> {
  /** What the ensemble replicates, as this server has it. To be read, not changed. */
  readonly state: S;
  readonly #core: QuorumPeer;
  readonly #files: StorageDriver;
  readonly #quorumLinks: QuorumLinks;
  readonly #electionLinks: ElectionLinks;
  readonly #watch: NetworkWatch;
  readonly #mayLead: boolean;
  readonly #hasOthers: boolean;
  readonly #metrics: PeerMetrics;
  readonly #learners: LearnerViews;
  readonly #clients: PeerClients | undefined;
  readonly #waiting = new Map<RequestId, (answer: Answer) => void>();
  readonly #turns: PeerTurns;
  #isPaused = false;
  /** Whether there is anything to settle that somebody outside may wait for. */
  #hasNews = false;
  readonly #settling = new Settling(() => {
    this.#settle();
  });
  #lastRequest = 0;
  #lastCxid = 0;
  readonly #sid: Sid;
  readonly #bindRetries: number;
  readonly #minSessionTimeoutMs: number;
  readonly #maxSessionTimeoutMs: number;
  #session: Promise<bigint> | undefined;
  #touchTimer: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Infinity;
  #stopReason: StopReason | undefined;
  #closing: Promise<void> | undefined;

  /** Use `startPeer`. */
  constructor(configuration: PeerConfiguration, state: S) {
    super();
    const { ensemble, dataDir, dataLogDir } = configuration;
    const sid = BigInt(configuration.sid);
    const own = ensemble.members.get(sid);
    if (own === undefined) {
      throw new Error(`server ${sid} is not in its own configuration`);
    }
    const transport = configuration.transport ?? plainTransport;
    const names = new NameLookup(configuration.lookup);
    const targetsOf = (port: "quorumPort" | "electionPort"): ListenTarget[] =>
      own.addresses.map((address) => ({
        host: configuration.listenHost ?? address.host,
        port: address[port],
      }));
    this.#hasOthers = ensemble.members.size > 1;
    this.#mayLead = ensemble.voters.has(sid) && ensemble.members.size > 1;
    const dialTimeoutMs = configuration.dialTimeoutMs ?? 5000;
    this.#sid = sid;
    this.#bindRetries = configuration.bindRetries ?? 0;
    this.#minSessionTimeoutMs = configuration.minSessionTimeoutMs ?? 0;
    this.#maxSessionTimeoutMs = configuration.maxSessionTimeoutMs ?? Infinity;
    this.state = state;
    const { clients } = configuration;
    this.#clients = clients;
    this.#core = new QuorumPeer(
      { ...configuration, sid, random: configuration.random ?? Math.random },
      state,
      clients &&
        ((effect) => {
          clients.observe(effect);
        }),
    );
    this.#turns = new PeerTurns(
      (event) => {
        const time = { nowMs: performance.now(), wallMs: Date.now() };
        // The kinds of events differ in their fields only; the time is common to all.
        this.#carryOut(this.#core.step({ ...event, ...time }), time);
        this.#metrics.logged(this.#core.lastLoggedZxid, this.#core.lastDurableZxid, time);
      },
      () => clients?.takeQuorumRequests() ?? NOTHING,
    );
    clients?.attach({
      ask: (events, beganMs) => {
        this.#happenSince(beganMs, events);
      },
      settleSoon: (beganMs) => {
        this.#settling.soon(beganMs);
      },
    });
    this.#metrics = new PeerMetrics(sid, own.addresses.length === 0, configuration.measurements);
    const fileDone: FileDone = (id, result) => {
      this.#happen({ kind: "fileDone", id, result });
    };
    const directories = {
      data: join(dataDir, VERSION_2),
      log: join(dataLogDir ?? dataDir, VERSION_2),
    };
    this.#files =
      configuration.memory?.driver(fileDone) ??
      new FileDriver(directories, fileDone, {
        onFsync: (taken) => {
          this.#metrics.fsynced(taken);
        },
        inPlace: configuration.syncsInPlace === true ? this.#inPlace() : undefined,
      });
    this.#watch = new NetworkWatch({
      sid,
      members: ensemble.members,
      times: configuration.watch ?? {},
      emit: (report) => {
        this.emit("report", report);
      },
      count: (kind) => {
        this.#metrics.troubled(kind);
      },
      status: () => this.#core.status(),
    });
    this.#quorumLinks = new QuorumLinks({
      transport,
      names,
      members: ensemble.members,
      targets: targetsOf("quorumPort"),
      dialTimeoutMs,
      maxQueuedBytes: configuration.maxQueuedBytes,
      onEvent: (event) => {
        this.#happen(event);
      },
      watch: this.#watch,
    });
    this.#learners = new LearnerViews(
      () => this.#core.learnerConnections(),
      (connection) => this.#quorumLinks.describe(connection),
    );
    this.#electionLinks = new ElectionLinks({
      transport,
      names,
      sid,
      members: ensemble.members,
      targets: targetsOf("electionPort"),
      dialTimeoutMs,
      helloTimeoutMs: configuration.helloTimeoutMs ?? 1000,
      onNotification: (from, bytes) => {
        this.#happen({ kind: "notified", from, bytes });
      },
      onLinkUp: (to) => {
        this.#happen({ kind: "electionLinkUp", to });
      },
      watch: this.#watch,
      onNote: (text) => {
        this.#note(text);
      },
    });
  }

  /**
   * A leader of others never stands still for its disk: the acks of a quorum of followers may
   * come before its own, and its pings keep the ensemble together. Nobody waits for an observer's.
   */
  #inPlace(): InPlaceSyncs {
    const place = new SyncPlace(loopBusyMs);
    return {
      suits: (bytes, nowMs) => this.#isWaitedFor() && place.suits(bytes, nowMs),
      onSynced: (taken, nowMs) => {
        place.onSynced(taken, nowMs);
      },
      before: () => {
        this.#settle();
      },
    };
  }

  #isWaitedFor(): boolean {
    return this.#core.roleName === (this.#hasOthers ? "following" : "leading");
  }

  /** Begins: listens on the election port, reads the disk, and looks for a leader. */
  async start(): Promise<void> {
    await this.#listen();
    // Before the first vote: who cannot be followed must not be elected.
    if (this.#mayLead) await this.#quorumLinks.probe();
    this.#watch.start();
    await new Promise<void>((resolve, reject) => {
      const onReport = (report: PeerReport): void => {
        if (report.kind === "recovered") settle(resolve);
      };
      const onStopped = (reason: StopReason): void => {
        settle(() => {
          reject(new PeerStoppedError(reason));
        });
      };
      const settle = (then: () => void): void => {
        this.off("report", onReport);
        this.off("stopped", onStopped);
        then();
      };
      this.on("report", onReport);
      this.on("stopped", onStopped);
      this.#happen({ kind: "start" });
    });
  }

  /** A server that was restarted may find its port still in the hands of its predecessor. */
  async #listen(): Promise<void> {
    for (let failures = 0; ;) {
      try {
        await this.#electionLinks.listen();
        return;
      } catch (error) {
        if (!(error instanceof ListenError)) throw error;
        this.#watch.cannotListen(error, true);
        if (failures >= this.#bindRetries || this.#closing !== undefined) throw error;
        failures++;
        await new Promise((resolve) => setTimeout(resolve, BIND_RETRY_MS));
      }
    }
  }

  status(): PeerStatus {
    return this.#core.status();
  }

  /** When sessions expire unless their clients are heard from, on `performance.now()`'s clock; none unless this server leads. */
  sessionExpiries(): ReadonlyMap<bigint, number> {
    return this.#core.sessionExpiries();
  }

  /** The learners of this server while it leads, as operators see them. */
  learners(): readonly LearnerView[] {
    this.#quorumLinks.tellDrained();
    return this.#learners.list();
  }

  /** What is counted of each observer begins again. */
  resetObserverStatistics(): void {
    this.#learners.resetObservers();
  }

  /** Tells of a port that is not the quorum's, or an address of one, that cannot be opened. */
  reportPort(error: ListenError): void {
    this.#watch.cannotListen(error, false);
  }

  /** A client was not let in, whom the server's measurements count. */
  reportRefusedClient(address: string, trouble: Trouble): void {
    this.#watch.refusedClient(address, trouble);
  }

  /** Figures about the peer at this moment, that only these servers have. Copied and frozen. */
  metrics(): readonly Metric[] {
    return this.#liveMetrics().list();
  }

  #liveMetrics(): PeerMetrics {
    this.#metrics.observe(this.#core.status(), this.state.digest());
    this.#metrics.observeNetwork(this.#watch.unreachable);
    return this.#metrics;
  }

  static {
    metricsOf = (peer) => peer.#liveMetrics();
  }

  /**
   * Asks the ensemble for a change, through whoever leads. Resolves when the txn
   * is committed and applied here. Rejects with RequestError when the request
   * fails (`err` tells why), when this server does not serve, or loses its leader,
   * and for what is no change: a read needs no leader, and nothing is proposed for it.
   * The server's own session is used, which is opened when it is first needed.
   */
  async propose<C extends RequestOpCode>(
    opCode: C,
    body: RequestBodyInit<C>,
    options: WaitOptions = {},
  ): Promise<Committed<ResultOf<C>>> {
    const committed = await this.proposeRaw(rawChange(opCode, body), options);
    if (committed.result.err !== ErrorCode.OK) throw failedRequest(committed.result.err);
    // Which fields a result has follows from the op code, which the type of a state cannot say.
    return committed as Committed<ResultOf<C>>;
  }

  /**
   * The same for a request that is encoded already, as a gateway has it, perhaps in
   * the name of a session of its own. Resolves also with a txn that says that the
   * request failed, in `result.err`.
   */
  async proposeRaw(change: RawChange, options: WaitOptions = {}): Promise<Committed> {
    const why = whyNotProposed(change.opCode);
    if (why !== undefined) throw new RequestError("ERR_REQUEST_REFUSED", why);
    return await this.#within(() => this.#propose(change), options, "the request was not answered");
  }

  async #propose(change: RawChange): Promise<Committed> {
    if (change.sessionId !== undefined) return await this.#submit(change.sessionId, change);
    const committed = await this.#submit(await this.#ownSession(), change);
    if (committed.result.err !== ErrorCode.SESSIONEXPIRED) return committed;
    // Nobody heard from us for too long. The request was not carried out, so it may be made again.
    this.#session = undefined;
    return await this.#submit(await this.#ownSession(), change);
  }

  async #submit(
    sessionId: bigint,
    { opCode, body, cxid = ++this.#lastCxid, authInfo = OWN_IDS }: RawChange,
  ): Promise<Committed> {
    const change = { sessionId, cxid, opCode, body, authInfo };
    const answer = await this.#ask((request) => ({ kind: "submit", request, change }));
    if (answer.kind !== "applied") throw requestError(answer);
    return { txn: answer.txn, result: answer.result };
  }

  /** The session in whose name this server asks. Leaders refuse requests of sessions that they do not know. */
  #ownSession(): Promise<bigint> {
    this.#session ??= this.#openSession().catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  async #openSession(): Promise<bigint> {
    const sessionId = newSessionId(this.#sid, Date.now());
    const timeOut = this.sessionTimeout(OWN_SESSION_MS);
    const body = CreateSessionTxn.encode({ timeOut });
    await this.#submit(sessionId, { opCode: OpCode.createSession, cxid: 0, body, authInfo: [] });
    clearInterval(this.#touchTimer);
    this.#touchTimer = setInterval(() => {
      this.touch(sessionId);
    }, timeOut / 3);
    this.#touchTimer.unref();
    return sessionId;
  }

  /** What a session gets that begins at this server and asks for so many milliseconds. */
  sessionTimeout(askedMs: number): number {
    return Math.min(Math.max(askedMs, this.#minSessionTimeoutMs), this.#maxSessionTimeoutMs);
  }

  /** Resolves when everything that was committed before the call is applied here. */
  async sync(options: WaitOptions = {}): Promise<void> {
    const cxid = ++this.#lastCxid;
    const answer = await this.#within(
      () => this.#ask((request) => ({ kind: "sync", request, sessionId: 0n, cxid })),
      options,
      "the sync was not answered",
    );
    if (answer.kind !== "synced") throw requestError(answer);
  }

  /** Tells the ensemble that a session's client was heard from. */
  touch(sessionId: bigint): void {
    this.#happen({ kind: "touch", sessionId });
  }

  /** Asks whether a session that came over from another server exists, and takes it over if so. */
  async revalidate(sessionId: bigint, timeoutMs: number): Promise<boolean> {
    const answer = await this.#ask((request) => ({
      kind: "revalidate",
      request,
      sessionId,
      timeoutMs,
    }));
    if (answer.kind !== "revalidated") throw requestError(answer);
    return answer.valid;
  }

  /**
   * Resolves when the condition holds for the status. Rejects with PeerStoppedError,
   * or with TimeoutError after 30 s unless told otherwise.
   */
  async waitFor(
    condition: (status: PeerStatus) => boolean,
    options: WaitOptions = {},
  ): Promise<PeerStatus> {
    const what = `server ${this.#sid} did not meet the condition`;
    return await this.#waitFor(condition, options, what);
  }

  async #waitFor(
    condition: (status: PeerStatus) => boolean,
    options: WaitOptions,
    what: string,
  ): Promise<PeerStatus> {
    checkWaitOptions(options);
    const { signal, timeoutMs = DEFAULT_WAIT_MS } = options;
    signal?.throwIfAborted();
    const now = this.status();
    if (condition(now)) return now;
    if (this.#stopReason !== undefined) throw new PeerStoppedError(this.#stopReason);
    return await new Promise<PeerStatus>((resolve, reject) => {
      const look = (): void => {
        const status = this.status();
        if (!condition(status)) return;
        leave();
        resolve(status);
      };
      const fail = (reason: unknown): void => {
        leave();
        // A signal may be aborted with anything.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(reason);
      };
      const onStopped = (reason: StopReason): void => {
        fail(new PeerStoppedError(reason));
      };
      const end = endOfWaiting({ signal, timeoutMs }, this.#timeoutError(what), fail);
      const leave = (): void => {
        end();
        this.off("report", look);
        this.off("applied", look);
        this.off("stopped", onStopped);
      };
      this.on("report", look);
      this.on("applied", look);
      this.on("stopped", onStopped);
    });
  }

  /** Resolves when this server serves clients; rejects as `waitFor` does. */
  async waitUntilServing(options: WaitOptions = {}): Promise<PeerStatus> {
    const what = `server ${this.#sid} did not serve`;
    return await this.#waitFor(({ serving }) => serving, options, what);
  }

  #within<T>(work: () => Promise<T>, options: WaitOptions, what: string): Promise<T> {
    return within(work, options, this.#timeoutError(what));
  }

  #timeoutError(what: string): (timeoutMs: number) => TimeoutError {
    return (timeoutMs) => {
      const status = this.status();
      const { role, phase, lastProcessedZxid } = status;
      const where = `${role}${phase === undefined ? "" : `, ${phase}`}`;
      const text = `${what} within ${timeoutMs} ms; now ${where}, zxid ${formatZxid(lastProcessedZxid)}`;
      return new TimeoutError(text, timeoutMs, [status]);
    };
  }

  /** Why the peer has stopped, if it has. */
  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  /**
   * Does nothing any more, as a process that the system has stopped: connections stay, nobody
   * is answered, and what comes waits for `resume`. For tests.
   */
  pause(): void {
    this.#isPaused = true;
    this.#clients?.pause();
  }

  /** Goes on after `pause`. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#clients?.resume();
    this.#happen();
  }

  /** Leaves the ensemble and closes everything. Resolves when nothing is left open. */
  async stop(): Promise<void> {
    this.resume();
    if (this.#stopReason === undefined) this.#happen({ kind: "stop" });
    await this.#close();
  }

  /**
   * Ends as a process does that is killed: connections break off, and what was to be sent on
   * them or written to a file is lost. Resolves when nothing is left open. For tests.
   */
  async kill(): Promise<void> {
    // Before anything else happens, so that nobody hears of it.
    this.#clients?.abort();
    this.#quorumLinks.close();
    this.#electionLinks.close();
    this.#files.abort();
    await this.stop();
  }

  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #ask(makeEvent: (request: RequestId) => UntimedEvent): Promise<Answer> {
    // Below zero: clients' requests have numbers above.
    const request = --this.#lastRequest;
    return await new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#happen(makeEvent(request));
    });
  }

  /** Handles events, after those that came before them. */
  #happen(...events: readonly UntimedEvent[]): void {
    this.#happenSince(performance.now(), events);
  }

  /** The same with events of which the first cause began at `beganMs`. */
  #happenSince(beganMs: number, events: readonly UntimedEvent[]): void {
    this.#turns.add(events);
    if (this.#turns.isHandling || this.#isPaused) return;
    this.#turns.run();
    // Others wait for what is durable now, and the disk has more to do before this turn is over.
    if (events[0]?.kind === "fileDone" && this.#hasNews) this.#settle();
    else this.#settling.soon(beganMs);
  }

  /** Requests and bytes come in bursts, each an event of its own. What they lead to is sent, and the timer set, once for many. */
  #settle(): void {
    const requests = this.#clients?.takeQuorumRequests() ?? NOTHING;
    if (requests.length > 0) {
      this.#turns.add(requests);
      if (!this.#turns.isHandling && !this.#isPaused) this.#turns.run();
    }
    this.#hasNews = false;
    // What leaves first wakes somebody first. A few clients that wait are not kept waiting for all
    // servers; that many are answered keeps no server waiting.
    const clients = this.#clients;
    const areFew = clients !== undefined && clients.effectCount <= FEW_EFFECTS;
    if (areFew) clients.settle();
    this.#quorumLinks.flush();
    if (!areFew) clients?.settle();
    this.#setTimer();
  }

  #carryOut(effects: readonly Effect[], clock: Clock): void {
    for (const effect of effects) {
      // That a file wants its next step is nobody else's business.
      if (effect.kind !== "file") this.#hasNews = true;
      switch (effect.kind) {
        case "notify":
          this.#electionLinks.send(effect.to, encodeNotification(effect.notification));
          break;
        case "connectElection":
          this.#electionLinks.connect(effect.to);
          break;
        case "listen":
          this.#quorumLinks.listen();
          break;
        case "stopListening":
          this.#quorumLinks.stopListening();
          break;
        case "connect":
          this.#quorumLinks.connect(effect.attempt, effect.to);
          break;
        case "send":
          this.#metrics.sent(effect.packet, clock);
          this.#quorumLinks.send(effect.connection, effect.packet);
          break;
        case "closeConnection":
          this.#quorumLinks.closeConnection(effect.connection);
          break;
        case "file":
          this.#metrics.fileAsked(effect.operation, clock);
          this.#files.submit(effect.id, effect.lane, effect.operation);
          break;
        case "answer": {
          const resolve = this.#waiting.get(effect.request);
          this.#waiting.delete(effect.request);
          resolve?.(effect.answer);
          break;
        }
        case "applied":
          this.#metrics.applied(effect.txn, clock);
          this.emit("applied", effect);
          break;
        case "report":
          this.#onReport(effect.report, effects);
          break;
        case "stopped":
          this.#onStopped(effect.reason);
          break;
      }
    }
  }

  /** What a stranger at the quorum port did wrong is told with its address, instead of by the core. */
  #onReport(report: Report, effects: readonly Effect[]): void {
    this.#metrics.reported(report);
    const closed =
      report.kind === "violation"
        ? effects.find(
            (effect): effect is Extract<Effect, { kind: "closeConnection" }> =>
              effect.kind === "closeConnection" &&
              effect.reason.kind === "violation" &&
              effect.reason.violation === report.violation,
          )
        : undefined;
    const isTold =
      report.kind === "violation" &&
      closed !== undefined &&
      this.#quorumLinks.refused(closed.connection, report.violation.message);
    if (!isTold) this.emit("report", report);
  }

  #onStopped(reason: StopReason): void {
    this.#stopReason = reason;
    for (const resolve of this.#waiting.values()) {
      resolve({ kind: "unknown", text: "this server has stopped" });
    }
    this.#waiting.clear();
    void this.#close();
    this.emit("stopped", reason);
  }

  #close(): Promise<void> {
    this.#closing ??= (async () => {
      clearTimeout(this.#timer);
      clearInterval(this.#touchTimer);
      this.#watch.close();
      this.#quorumLinks.close();
      this.#electionLinks.close();
      await Promise.all([this.#files.close(), this.#clients?.close()]);
    })();
    return this.#closing;
  }

  #setTimer(): void {
    const deadlineMs = this.#core.nextDeadline() ?? Infinity;
    if (deadlineMs === this.#timerMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = deadlineMs;
    if (deadlineMs === Infinity) return;
    // Rounded up: a timer that is early would find nothing due.
    const delayMs = Math.min(Math.max(0, Math.ceil(deadlineMs - performance.now())), MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#timerMs = Infinity;
      this.#happen({ kind: "deadline" });
    }, delayMs);
  }

  #note(what: string): void {
    this.emit("report", { kind: "ignored", what });
  }
}

/**
 * Starts a peer and resolves when it has read its disk and looks for a leader. Rejects when it must
 * not start, and with TypeError for a name that is none of the configuration's.
 */
export async function startPeer<S extends ReplicatedState>(
  configuration: PeerConfiguration,
  state: S,
): Promise<Peer<S>> {
  const why = whyNotOptions(configuration, "startPeer", PEER_CONFIGURATION_NAMES);
  if (why !== undefined) throw new TypeError(why);
  const peer = new Peer(configuration, state);
  try {
    await peer.start();
  } catch (error) {
    await peer.stop();
    throw error;
  }
  return peer;
}

function requestError(answer: Answer): RequestError {
  switch (answer.kind) {
    case "refused":
      return new RequestError("ERR_REQUEST_REFUSED", answer.text);
    case "unknown":
      return new RequestError("ERR_REQUEST_UNKNOWN", answer.text);
    default:
      return new RequestError("ERR_REQUEST_UNKNOWN", `an answer of another kind: ${answer.kind}`);
  }
}

/** As Java makes them: the server's id on top, then the time, so that no two servers make the same. */
function newSessionId(sid: Sid, nowMs: number): bigint {
  const time = BigInt.asUintN(64, BigInt(nowMs) << 24n) >> 8n;
  return BigInt.asIntN(64, (sid << 56n) | time);
}

/** Who the server's own requests come from: someone on this machine. */
const OWN_IDS: ChangeRequest["authInfo"] = [{ scheme: "ip", id: "127.0.0.1" }];
const NOTHING: readonly UntimedEvent[] = [];
const BIND_RETRY_MS = 1000;
const VERSION_2 = "version-2";
/** To answer so many clients takes about as long as to send to two servers. */
const FEW_EFFECTS = 3;
/** What a timer can wait for. To be woken before the time is harmless. */
const MAX_TIMER_MS = 0x7fff_ffff;
/** How long the ensemble should keep this server's own session without hearing from it. */
const OWN_SESSION_MS = 30_000;
