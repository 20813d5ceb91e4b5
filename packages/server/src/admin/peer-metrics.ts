/**
 * Figures about a peer. Those that Apache's servers have too are measured into
 * `server`, under Apache's names; the others are a list of their own.
 */
import type { PeerStatus } from "@jute-ts/quorum";
import type { PacketKind } from "@jute-ts/quorum/wire";
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import type { PeerReport, TroubleKind } from "../node/network-report.js";
import { ServerMetrics } from "./server-metrics.js";

/** One figure. */
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
  #ledLast = false;
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
  readonly #sent = new Map<string, number>();

  /** A server that stands alone leads nobody, and says so. */
  constructor(sid: Sid, isStandalone = false, server: ServerMetrics = new ServerMetrics()) {
    this.#sid = sid;
    this.#isStandalone = isStandalone;
    this.server = server;
  }

  sent(kind: PacketKind | "SNAPSHOTPIECE" | "SNAPSHOTEND"): void {
    this.#sent.set(kind, (this.#sent.get(kind) ?? 0) + 1);
  }

  applied(): void {
    this.#applied++;
  }

  /** Something went wrong with a port or a connection, whether or not it is said. */
  troubled(kind: TroubleKind): void {
    this.#troubles[kind]++;
  }

  reported(report: PeerReport): void {
    switch (report.kind) {
      case "recovered":
        this.server.record("startup_txns_loaded", report.txns);
        break;
      case "roleChanged":
        this.#roleChanged(report.role);
        break;
      case "serving":
        this.#serves();
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
      case "syncChosen":
        if (report.plan.kind === "DIFF") this.server.count("diff_count");
        else if (report.plan.kind === "SNAP") this.server.count("snap_count");
        else this.#truncs++;
        break;
      default:
        break;
    }
  }

  #roleChanged(role: PeerStatus["role"]): void {
    if (role === "looking") this.server.count("looking_count");
    if (this.#servingSinceMs !== undefined) this.#notServingSinceMs = performance.now();
    this.#servingSinceMs = undefined;
    if (role === "leading" || role === "following" || role === "observing") {
      this.#ledLast = role === "leading";
    }
  }

  #serves(): void {
    const nowMs = performance.now();
    this.#servingSinceMs = nowMs;
    if (this.#notServingSinceMs === undefined) return;
    const unavailableMs = nowMs - this.#notServingSinceMs;
    this.server.record("unavailable_time", unavailableMs);
    if (this.#ledLast) this.server.record("leader_unavailable_time", unavailableMs);
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

  /** The figures that Apache's servers do not have. */
  list(): Metric[] {
    const status = this.#status;
    const packets = [...this.#sent.values()].reduce((sum, count) => sum + count, 0);
    return [
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
      counter("quorum_packets_sent", "packets sent on quorum connections", packets),
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
    ];
  }

  /** What is no number: names as in `list`, and texts. */
  texts(): Record<string, string> {
    return { server_id: String(this.#sid), zxid: this.zxid, digest: String(this.#digest) };
  }

  /** The list and the texts as one object. */
  toJSON(): Record<string, string | number> {
    return {
      ...this.texts(),
      server_state: this.serverState,
      ...Object.fromEntries(this.list().map(({ name, value }) => [name, rounded(value)])),
    };
  }
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", value };
}

function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: "counter", value };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
