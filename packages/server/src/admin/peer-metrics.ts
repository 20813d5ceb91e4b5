/**
 * Figures about a peer. Those that Apache's servers have too are measured into
 * `server`, under Apache's names; the others are a list of their own.
 */
import type { Clock, FileOperation, PeerStatus, LoggedTxn } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { counterOf, epochOf, formatZxid, OpCode, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { PeerReport, TroubleKind } from "../node/network-report.js";
import type { SyncTaken } from "../node/sync-place.js";
import { FileFigures } from "./file-figures.js";
import { LearnerFigures } from "./learner-figures.js";
import { ProposalFigures } from "./proposal-figures.js";
import { ServerMetrics } from "./server-metrics.js";

/** One figure, as it was when it was asked for. Frozen. */
export interface Metric {
  /** As `mntr` and Prometheus name it, without a prefix. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly value: number;
}

export class PeerMetrics {
  /** What is measured under Apache's names. */
  readonly server: ServerMetrics;
  readonly #sid: Sid;
  readonly #isStandalone: boolean;
  #status: PeerStatus | undefined;
  #digest = 0n;
  #lastElectionMs = 0;
  #servingSinceMs: number | undefined;
  #notServingSinceMs: number | undefined;
  #role: PeerStatus["role"] = "recovering";
  /** When a leader began to bring this server up to date. */
  #syncingSinceMs: number | undefined;
  /** How this leader brings those up to date who do not have all yet. */
  readonly #syncing = new Map<Sid, "DIFF" | "TRUNC" | "SNAP">();
  readonly #proposals: ProposalFigures;
  readonly #learner: LearnerFigures;
  readonly #files: FileFigures;
  #applied = 0;
  #violations = 0;
  #unreachable = 0;
  readonly #troubles: Record<TroubleKind, number> = {
    cannotListen: 0,
    peerUnreachable: 0,
    handshakeFailed: 0,
    certificateRefused: 0,
    connectionRefused: 0,
  };
  #truncs = 0;
  #packetsSent = 0;
  #fsyncsInPlace = 0;
  /** Up to where the log was durable after the last event; undefined while this server does not serve. */
  #durableZxid: Zxid | undefined;

  /** A server that stands alone leads nobody, and says so. */
  constructor(sid: Sid, isStandalone = false, server: ServerMetrics = new ServerMetrics()) {
    this.#sid = sid;
    this.#isStandalone = isStandalone;
    this.server = server;
    this.#proposals = new ProposalFigures(server);
    this.#learner = new LearnerFigures(server);
    this.#files = new FileFigures(server);
  }

  /** A packet leaves on a quorum connection. */
  sent(packet: OutgoingPacket, { nowMs, wallMs }: Clock): void {
    this.#packetsSent++;
    if (packet.kind === "PROPOSAL") this.#proposals.sent(packet.txn, nowMs);
    else if (packet.kind === "REVALIDATED") this.server.count("revalidate_count");
    // A learner acknowledges each proposal, and what it is brought up to date with before it serves.
    else if (packet.kind === "ACK" && this.#servingSinceMs !== undefined) {
      this.server.count("learner_proposal_received_count");
      this.#learner.acknowledged(packet.zxid, wallMs);
    }
  }

  /** An event has been handled: the log has been given everything up to a txn, and is durable up to one. */
  logged(given: Zxid, durable: Zxid, { wallMs }: Clock): void {
    this.#learner.logged(given, wallMs);
    this.#proposals.durable(durable, wallMs);
    if (this.#servingSinceMs === undefined || durable === this.#durableZxid) return;
    const txns = txnsBetween(this.#durableZxid ?? durable, durable);
    this.#durableZxid = durable;
    if (txns > 0) this.server.record("sync_processor_batch_size", txns);
  }

  /** What was logged until now is durable. */
  fsynced({ tookMs, isInPlace }: SyncTaken): void {
    if (isInPlace) this.#fsyncsInPlace++;
    this.server.record("fsynctime", tookMs);
    this.server.record("sync_processor_queue_flush_time_ms", tookMs);
  }

  applied(txn: LoggedTxn, { nowMs, wallMs }: Clock): void {
    this.#applied++;
    // What is applied otherwise is caught up with.
    if (this.#servingSinceMs === undefined) return;
    this.#proposals.applied(txn, nowMs);
    this.#learner.applied(txn);
    const { type, cxid, time } = txn.header;
    // Clocks of different machines may disagree.
    const sinceMadeMs = Math.max(0, wallMs - Number(time));
    this.server.record("propagation_latency", sinceMadeMs);
    if (this.#role !== "leading") {
      this.server.count("learner_commit_received_count");
      this.server.record("commit_propagation_latency", sinceMadeMs);
    }
    // Clients number their requests: this one is the leader's own.
    if (this.#role === "leading" && type === OpCode.closeSession && cxid === 0) {
      this.server.count("stale_sessions_expired");
    }
  }

  /** Something is asked of the disk. */
  fileAsked(operation: FileOperation, { nowMs }: Clock): void {
    this.#files.asked(operation, nowMs);
  }

  /** Something went wrong with a port or a connection, whether or not it is said. */
  troubled(kind: TroubleKind): void {
    this.#troubles[kind]++;
  }

  reported(report: PeerReport): void {
    switch (report.kind) {
      case "recovered":
        this.#files.loaded(report.txns, performance.now());
        break;
      case "snapshotWritten":
        this.#files.snapshotWritten(performance.now());
        break;
      case "syncBegun":
        this.#syncingSinceMs = performance.now();
        break;
      case "roleChanged":
        this.#roleChanged(report.role);
        break;
      case "serving":
        this.#serves(report.zxid);
        break;
      case "elected":
        this.#lastElectionMs = report.durationMs;
        this.server.record("election_time", report.durationMs);
        break;
      case "violation":
        this.#violations++;
        break;
      case "digestMismatch":
        this.server.count("digest_mismatches_count");
        break;
      case "learnerSynced":
      case "learnerLost":
        if (report.learner !== undefined) this.#syncing.delete(report.learner);
        break;
      case "syncChosen":
        this.#syncChosen(report);
        if (report.plan.kind === "DIFF") this.server.count("diff_count");
        else if (report.plan.kind === "SNAP") this.server.count("snap_count");
        else this.#truncs++;
        break;
      default:
        break;
    }
  }

  /** How many are brought up to date in the same way at once, this one included. */
  #syncChosen({ learner, plan: { kind } }: Extract<PeerReport, { kind: "syncChosen" }>): void {
    if (learner !== undefined) this.#syncing.set(learner, kind);
    if (kind === "TRUNC") return;
    const same = [...this.#syncing.values()].filter((each) => each === kind).length;
    this.server.record(kind === "DIFF" ? "inflight_diff_count" : "inflight_snap_count", same);
  }

  #roleChanged(role: PeerStatus["role"]): void {
    this.#syncing.clear();
    if (role === "looking") {
      this.server.count("looking_count");
      // As in Java, a server is not available from its first search for a leader on.
      this.#notServingSinceMs ??= performance.now();
    }
    if (this.#servingSinceMs !== undefined) this.#notServingSinceMs = performance.now();
    this.#servingSinceMs = undefined;
    this.#durableZxid = undefined;
    this.#syncingSinceMs = undefined;
    this.#role = role;
    this.#proposals.end();
    this.#learner.end();
  }

  #serves(zxid: Zxid): void {
    const nowMs = performance.now();
    const leads = this.#role === "leading";
    this.#servingSinceMs = nowMs;
    if (leads && !this.#isStandalone) this.#proposals.begin(zxid);
    // An observer hears of what is committed, and acknowledges nothing.
    if (this.#role === "following") this.#learner.begin(zxid);
    if (!leads && this.#syncingSinceMs !== undefined) {
      const name = this.#role === "observing" ? "observer_sync_time" : "follower_sync_time";
      this.server.record(name, nowMs - this.#syncingSinceMs);
    }
    if (this.#notServingSinceMs === undefined) return;
    const unavailableMs = nowMs - this.#notServingSinceMs;
    this.#notServingSinceMs = undefined;
    this.server.record("unavailable_time", unavailableMs);
    if (leads) this.server.record("leader_unavailable_time", unavailableMs);
  }

  /** How long clients have been served, in this role; 0 while they are not. */
  get servingForMs(): number {
    return this.#servingSinceMs === undefined ? 0 : performance.now() - this.#servingSinceMs;
  }

  /** Takes the figures that are read and not counted. */
  observe(status: PeerStatus, digest: bigint): void {
    this.#status = status;
    this.#digest = digest;
  }

  /** How many servers cannot be reached. */
  observeNetwork(unreachable: number): void {
    this.#unreachable = unreachable;
  }

  /** `leader`, `follower`, `observer`, `standalone`, or `looking` and the like, as ZooKeeper's tools call them. */
  get serverState(): string {
    const role = this.#status?.role ?? "recovering";
    switch (role) {
      case "leading":
        return this.#isStandalone ? "standalone" : "leader";
      case "following":
        return "follower";
      case "observing":
        return "observer";
      default:
        return role;
    }
  }

  /** Whether clients may be served. */
  get serving(): boolean {
    return this.#status?.serving === true;
  }

  get zxid(): string {
    return formatZxid(this.#status?.lastProcessedZxid ?? 0n);
  }

  get digest(): bigint {
    return this.#digest;
  }

  /** The figures that Apache's servers do not have. Copied and frozen. */
  list(): readonly Metric[] {
    const status = this.#status;
    return Object.freeze([
      gauge("epoch", "epoch of the current leader, -1 without one", status?.epoch ?? -1),
      gauge("accepted_epoch", "last epoch that was promised", status?.acceptedEpoch ?? 0),
      gauge("current_epoch", "last epoch whose history was taken over", status?.currentEpoch ?? 0),
      gauge("serving", "1 while clients may be served", this.serving ? 1 : 0),
      gauge(
        "outstanding_proposals",
        "proposals that are not committed yet",
        status?.outstanding ?? 0,
      ),
      gauge("last_election_time_ms", "how long the last election took", this.#lastElectionMs),
      counter("txns_applied", "txns that were applied", this.#applied),
      counter("quorum_packets_sent", "packets sent on quorum connections", this.#packetsSent),
      counter(
        "fsyncs_in_place",
        "fsyncs of the log that were made without a change of threads",
        this.#fsyncsInPlace,
      ),
      counter("trunc_count", "learners synchronized by TRUNC", this.#truncs),
      counter(
        "protocol_violations",
        "connections closed for breaking the protocol",
        this.#violations,
      ),
      gauge("unreachable_servers", "servers that cannot be reached now", this.#unreachable),
      counter(
        "listen_failures",
        "attempts to open an address of a port that failed",
        this.#troubles.cannotListen,
      ),
      counter(
        "connect_failures",
        "attempts to connect to another server that failed",
        this.#troubles.peerUnreachable,
      ),
      counter("handshake_failures", "TLS handshakes that failed", this.#troubles.handshakeFailed),
      counter(
        "certificates_refused",
        "certificates that this server or the other side refused",
        this.#troubles.certificateRefused,
      ),
      counter(
        "connections_refused",
        "connections to the ports of the ensemble by somebody who does not belong there",
        this.#troubles.connectionRefused,
      ),
    ]);
  }

  /** What is no number: names as in `list`, and texts. */
  texts(): Record<string, string> {
    return { server_id: String(this.#sid), zxid: this.zxid, digest: String(this.#digest) };
  }
}

function gauge(name: string, help: string, value: number): Metric {
  return Object.freeze({ name, help, type: "gauge", value });
}

function counter(name: string, help: string, value: number): Metric {
  return Object.freeze({ name, help, type: "counter", value });
}

/** How many txns the log has from after one up to another, of the same epoch or the first ones of a later one. */
function txnsBetween(before: Zxid, last: Zxid): number {
  return counterOf(last) - (epochOf(before) === epochOf(last) ? counterOf(before) : 0);
}
