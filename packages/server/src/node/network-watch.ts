/**
 * What an operator must hear about the connections of a server: which ports cannot
 * be opened, which servers cannot be reached, who was refused, and, as long as it
 * does not serve, whom it misses. Counts everything, and says it seldom enough to
 * be read.
 */
import type { Member, PeerStatus } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { showAddress } from "./name-lookup.js";
import type {
  MissingServer,
  NetworkReport,
  NetworkTrouble,
  PortName,
  Trouble,
  TroubleKind,
} from "./network-report.js";
import {
  codeOf,
  connectTrouble,
  listenTrouble,
  noCallBackTrouble,
  silentCloseTrouble,
  silentTrouble,
  tlsTrouble,
} from "./network-trouble.js";
import type { ListenError } from "./open-ports.js";
import { RecurringReports } from "./recurring-reports.js";
import type { RefusedSocket } from "./transport.js";

/** When what is wrong is said. */
export interface WatchTimes {
  /** How long a server may be unreachable before that is said: servers are started one after another. 3,000. */
  readonly graceMs?: number | undefined;
  /** How often the same is said again. 300,000. */
  readonly repeatMs?: number | undefined;
  /** How often a server that does not serve says whom it misses. 30,000. */
  readonly reminderMs?: number | undefined;
}

export interface NetworkWatchOptions {
  readonly sid: Sid;
  readonly members: ReadonlyMap<Sid, Member>;
  readonly times: WatchTimes;
  readonly emit: (report: NetworkReport) => void;
  readonly count: (kind: TroubleKind) => void;
  readonly status: () => PeerStatus;
}

/** The way from this server to one port of another. */
interface Way {
  /** Since when it has been tried in vain; undefined while it works, or is not used. */
  sinceMs: number | undefined;
  trouble: NetworkTrouble | undefined;
  timer: NodeJS.Timeout | undefined;
  works: boolean;
}

export class NetworkWatch {
  readonly #options: NetworkWatchOptions;
  readonly #graceMs: number;
  readonly #reminderMs: number;
  readonly #recurring: RecurringReports;
  readonly #ways = new Map<string, Way>();
  /** Ports that cannot be opened now, and why. */
  readonly #blocked = new Map<PortName, NetworkTrouble>();
  #reminder: NodeJS.Timeout | undefined;
  #notServingSinceMs: number | undefined;
  #followersMissingSince = new Set<Sid>();
  #lastFollowersText = "";
  #lastFollowersMs = -Infinity;
  readonly #repeatMs: number;

  constructor(options: NetworkWatchOptions) {
    const { graceMs = 3000, repeatMs = 300_000, reminderMs = 30_000 } = options.times;
    this.#options = options;
    this.#graceMs = graceMs;
    this.#reminderMs = reminderMs;
    this.#repeatMs = repeatMs;
    this.#recurring = new RecurringReports({
      emit: options.emit,
      now: () => performance.now(),
      repeatMs,
    });
  }

  /** Begins to remind. */
  start(): void {
    this.#notServingSinceMs = performance.now();
    this.#reminder = setInterval(() => {
      this.#remind();
    }, this.#reminderMs);
    this.#reminder.unref();
  }

  close(): void {
    clearInterval(this.#reminder);
    for (const { timer } of this.#ways.values()) clearTimeout(timer);
    this.#ways.clear();
  }

  /** How many servers cannot be reached at this moment, as far as it was tried. */
  get unreachable(): number {
    return this.#others().filter((sid) => this.#failing(sid) !== undefined).length;
  }

  // Ports of this server.

  /** `isBlocked`: no address of the port is open. */
  cannotListen(error: ListenError, isBlocked: boolean): void {
    const { port, address, code, cause } = error;
    const words = listenTrouble(code, cause);
    const trouble: NetworkTrouble = { kind: "cannotListen", port, address, ...words };
    if (isBlocked) this.#blocked.set(port, trouble);
    this.#tell(`listen ${port} ${address}`, trouble);
  }

  listens(port: PortName): void {
    const trouble = this.#blocked.get(port);
    if (trouble?.kind !== "cannotListen") return;
    this.#blocked.delete(port);
    const afterMs = this.#recurring.ended(`listen ${port} ${trouble.address}`);
    if (afterMs !== undefined) this.#options.emit({ kind: "canListen", port, afterMs });
  }

  // Other servers.

  /** A connection is being opened. */
  dials(peer: Sid, port: PortName): void {
    const way = this.#way(peer, port);
    if (way.works || way.sinceMs !== undefined) return;
    way.sinceMs = performance.now();
    way.timer = setTimeout(() => {
      way.timer = undefined;
      this.#overdue(peer, port, way);
    }, this.#graceMs);
    way.timer.unref();
  }

  dialFailed(peer: Sid, port: PortName, error: unknown): void {
    this.#failed(peer, port, connectTrouble(peer, port, error));
  }

  /** An open connection broke before the other side had said anything. */
  closedSilently(peer: Sid, port: PortName, address: string, error: Error | undefined): void {
    const trouble = error && tlsTrouble(error, "outgoing");
    this.#failed(
      peer,
      port,
      trouble === undefined ? silentCloseTrouble(peer, port) : { ...trouble, peer, port, address },
    );
  }

  /** An open connection broke. Only what TLS says of it is of interest: whether it was kept is not known. */
  closedByError(peer: Sid, port: PortName, address: string, error: Error): void {
    const trouble = tlsTrouble(error, "incoming");
    if (trouble !== undefined) this.#failed(peer, port, { ...trouble, peer, port, address });
  }

  /** The other side speaks, and what it says is of another protocol. */
  speaksOtherwise(peer: Sid, port: PortName, address: string, trouble: Trouble): void {
    this.#failed(peer, port, { kind: "handshakeFailed", peer, port, address, ...trouble });
  }

  /** The server was heard from: the way is open. */
  reached(peer: Sid, port: PortName): void {
    const way = this.#way(peer, port);
    way.works = true;
    this.#settle(way);
    const afterMs = this.#recurring.ended(`way ${port} ${peer}`);
    if (afterMs !== undefined) this.#options.emit({ kind: "peerReached", peer, afterMs });
  }

  /** The connection is gone. Whether there is trouble shows when it is tried again. */
  lost(peer: Sid, port: PortName): void {
    this.#way(peer, port).works = false;
  }

  /** This server follows nobody now, or somebody else: what was wrong with an older leader is of no interest. */
  forgetLeaders(except?: Sid): void {
    for (const sid of this.#others()) {
      if (sid === except) continue;
      this.#settle(this.#way(sid, "quorum"));
      this.#recurring.ended(`way quorum ${sid}`);
    }
  }

  // Strangers.

  /** A connection was refused because of what it said, or could not say. */
  refused(port: PortName, address: string, trouble: Trouble): void {
    this.#tell(`from ${address} ${port}`, { kind: "connectionRefused", port, address, ...trouble });
  }

  /** A client was not let in. No stranger to the ensemble, so it is not counted as one. */
  refusedClient(address: string, trouble: Trouble): void {
    const key = `from ${address} client`;
    this.#recurring.happened(key, {
      kind: "connectionRefused",
      port: "client",
      address,
      ...trouble,
    });
  }

  /** A connection got no further than the transport. */
  refusedByTransport(port: PortName, { address, error }: RefusedSocket): void {
    const trouble = tlsTrouble(error, "incoming");
    if (trouble !== undefined) {
      this.#tell(`from ${address} ${port}`, { ...trouble, peer: undefined, port, address });
    } else {
      const words = { code: codeOf(error), why: error.message, advice: "see its log" };
      this.#tell(`from ${address} ${port}`, {
        kind: "handshakeFailed",
        peer: undefined,
        port,
        address,
        ...words,
      });
    }
  }

  #failed(peer: Sid, port: PortName, trouble: NetworkTrouble): void {
    const way = this.#way(peer, port);
    way.works = false;
    way.trouble = trouble;
    const overdueMs = performance.now() - (way.sinceMs ?? Infinity);
    if (way.sinceMs === undefined) this.dials(peer, port);
    // Certificates do not mend themselves while the others start.
    const isFinal = trouble.kind !== "peerUnreachable";
    if (isFinal || overdueMs >= this.#graceMs) this.#tell(`way ${port} ${peer}`, trouble);
    else this.#options.count(trouble.kind);
  }

  /** The time that others may take is over, and the server was not heard from. */
  #overdue(peer: Sid, port: PortName, way: Way): void {
    if (way.trouble === undefined) {
      if (port !== "election") {
        way.sinceMs = undefined;
        return;
      }
      way.trouble =
        peer > this.#options.sid
          ? noCallBackTrouble(peer, this.#ownAddress())
          : silentTrouble(peer);
      this.#options.count(way.trouble.kind);
    }
    this.#recurring.happened(`way ${port} ${peer}`, way.trouble);
  }

  #settle(way: Way): void {
    clearTimeout(way.timer);
    way.timer = undefined;
    way.sinceMs = undefined;
    way.trouble = undefined;
  }

  #tell(key: string, trouble: NetworkTrouble): void {
    this.#options.count(trouble.kind);
    this.#recurring.happened(key, trouble);
  }

  #way(peer: Sid, port: PortName): Way {
    const key = `${port} ${peer}`;
    let way = this.#ways.get(key);
    if (way === undefined) {
      way = { sinceMs: undefined, trouble: undefined, timer: undefined, works: false };
      this.#ways.set(key, way);
    }
    return way;
  }

  /** Why a server cannot be reached; undefined when it can, or when that was not tried. */
  #failing(peer: Sid): NetworkTrouble | undefined {
    const election = this.#ways.get(`election ${peer}`);
    return election?.trouble ?? this.#ways.get(`quorum ${peer}`)?.trouble;
  }

  #others(): Sid[] {
    return [...this.#options.members.keys()].filter((sid) => sid !== this.#options.sid);
  }

  #ownAddress(): string {
    const [own] = this.#options.members.get(this.#options.sid)?.addresses ?? [];
    return own === undefined ? "its address" : showAddress(own.host, own.electionPort);
  }

  // Reminders.

  #remind(): void {
    const status = this.#options.status();
    const nowMs = performance.now();
    if (status.serving) {
      this.#notServingSinceMs = undefined;
      if (status.role === "leading") this.#remindOfFollowers(status, nowMs);
      return;
    }
    this.#notServingSinceMs ??= nowMs;
    const forMs = nowMs - this.#notServingSinceMs;
    // A reminder just after a leader was lost would be about an election that is going on.
    if (forMs < this.#reminderMs / 2) return;
    const missing = this.#others()
      .filter((sid) => this.#ways.get(`election ${sid}`)?.works !== true)
      .map((sid) => ({ sid, why: this.#whyMissing(sid) }));
    this.#options.emit({ kind: "notServing", forMs, state: this.#describeState(status), missing });
  }

  #whyMissing(sid: Sid): string {
    const trouble = this.#failing(sid);
    if (trouble === undefined) return "not heard from yet";
    return trouble.kind === "certificateRefused"
      ? `certificate refused by ${trouble.by}: ${trouble.why}`
      : trouble.why;
  }

  #describeState({ role, leader, phase }: PeerStatus): string {
    const quorumPort = this.#blocked.get("quorum");
    const abstains =
      quorumPort === undefined
        ? ""
        : `, and does not stand for election because its quorum port cannot be opened (${quorumPort.why})`;
    switch (role) {
      case "leading":
        return `leads in ${phase ?? "discovery"}, and has no quorum of followers${abstains}`;
      case "following":
      case "observing":
        return `is ${role} server ${leader ?? "?"}, in ${phase ?? "discovery"}`;
      default:
        return `has no leader${abstains}`;
    }
  }

  /** Said when it has been so for a whole interval, and again when it changes or after a long time. */
  #remindOfFollowers({ learners }: PeerStatus, nowMs: number): void {
    const present = new Set(learners.map(({ sid }) => sid));
    const voters = this.#others().filter(
      (sid) => this.#options.members.get(sid)?.role === "participant" && !present.has(sid),
    );
    const lasting = voters.filter((sid) => this.#followersMissingSince.has(sid));
    this.#followersMissingSince = new Set(voters);
    const text = lasting.join(", ");
    const isDue =
      text !== this.#lastFollowersText || nowMs - this.#lastFollowersMs >= this.#repeatMs;
    if (!isDue) return;
    this.#lastFollowersText = text;
    if (lasting.length === 0) return;
    this.#lastFollowersMs = nowMs;
    const missing = lasting.map((sid): MissingServer => ({ sid, why: this.#whyNotFollowing(sid) }));
    this.#options.emit({ kind: "followersMissing", missing });
  }

  #whyNotFollowing(sid: Sid): string {
    const trouble = this.#failing(sid);
    if (trouble !== undefined) return trouble.why;
    return this.#ways.get(`election ${sid}`)?.works === true
      ? "it is there, and does not follow: see its log"
      : "it is not connected";
  }
}
