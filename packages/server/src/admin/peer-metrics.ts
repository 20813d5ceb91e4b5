/**
 * Figures about a peer: as an object, as the text of ZooKeeper's `mntr` command,
 * and in Prometheus' format. All three come from one list, so they agree.
 */
import type { PeerStatus } from "@jute-ts/quorum";
import type { PacketKind } from "@jute-ts/quorum/wire";
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import type { FsyncStatistics } from "../node/file-driver.js";
import type { PeerReport, TroubleKind } from "../node/network-report.js";

/** One figure. */
export interface Metric {
  /** As `mntr` and Prometheus name it, without a prefix. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly value: number;
}

export class PeerMetrics {
  readonly #sid: Sid;
  readonly #isStandalone: boolean;
  #status: PeerStatus | undefined;
  #digest = 0n;
  #fsyncs: FsyncStatistics = { count: 0, totalMs: 0, maxMs: 0 };
  #elections = 0;
  #lastElectionMs = 0;
  #applied = 0;
  #violations = 0;
  #digestMismatches = 0;
  #unreachable = 0;
  readonly #troubles: Record<TroubleKind, number> = {
    cannotListen: 0,
    peerUnreachable: 0,
    handshakeFailed: 0,
    certificateRefused: 0,
    connectionRefused: 0,
  };
  #syncs = { DIFF: 0, TRUNC: 0, SNAP: 0 };
  readonly #sent = new Map<string, number>();

  /** A server that stands alone leads nobody, and says so. */
  constructor(sid: Sid, isStandalone = false) {
    this.#sid = sid;
    this.#isStandalone = isStandalone;
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
      case "elected":
        this.#elections++;
        this.#lastElectionMs = report.durationMs;
        break;
      case "violation":
        this.#violations++;
        break;
      case "digestMismatch":
        this.#digestMismatches++;
        break;
      case "syncChosen":
        this.#syncs[report.plan.kind]++;
        break;
      default:
        break;
    }
  }

  /** Takes the figures that are read and not counted. */
  observe(status: PeerStatus, fsyncs: FsyncStatistics, digest: bigint): void {
    this.#status = status;
    this.#fsyncs = fsyncs;
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

  /** All figures. */
  list(): Metric[] {
    const status = this.#status;
    const synced = status?.learners.filter(({ stage }) => stage === "forwarding") ?? [];
    const followers = synced.filter(({ role }) => role === "follower").length;
    const average = this.#fsyncs.count === 0 ? 0 : this.#fsyncs.totalMs / this.#fsyncs.count;
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
      gauge("learners", "learners that are connected", status?.learners.length ?? 0),
      gauge("synced_followers", "followers that are up to date", followers),
      gauge("synced_observers", "observers that are up to date", synced.length - followers),
      counter("elections", "elections that this server has seen end", this.#elections),
      gauge("last_election_time_ms", "how long the last election took", this.#lastElectionMs),
      counter("txns_applied", "txns that were applied", this.#applied),
      counter("packets_sent", "packets sent on quorum connections", packets),
      counter("diff_count", "learners synchronized by DIFF", this.#syncs.DIFF),
      counter("trunc_count", "learners synchronized by TRUNC", this.#syncs.TRUNC),
      counter("snap_count", "learners synchronized by SNAP", this.#syncs.SNAP),
      counter("fsyncs", "fsyncs of files", this.#fsyncs.count),
      gauge("avg_fsync_time_ms", "mean time of an fsync", average),
      gauge("max_fsync_time_ms", "longest time of an fsync", this.#fsyncs.maxMs),
      counter(
        "protocol_violations",
        "connections closed for breaking the protocol",
        this.#violations,
      ),
      counter(
        "digest_mismatches",
        "txns after which the leader's digest differed",
        this.#digestMismatches,
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

  /** Everything as one object, with bigints as texts. */
  toJSON(): Record<string, string | number> {
    return {
      server_id: String(this.#sid),
      server_state: this.serverState,
      zxid: this.zxid,
      digest: String(this.#digest),
      ...Object.fromEntries(this.list().map(({ name, value }) => [name, rounded(value)])),
    };
  }

  /** As ZooKeeper answers `mntr`: a name and a value per line, a tab between. */
  toMntr(version: string): string {
    const lines = [
      ["version", version],
      ["server_id", String(this.#sid)],
      ["server_state", this.serverState],
      ["zxid", this.zxid],
      ["digest", String(this.#digest)],
      ...this.list().map(({ name, value }) => [name, String(rounded(value))]),
    ];
    return lines.map(([name, value]) => `zk_${name}\t${value}\n`).join("");
  }

  /** As Prometheus scrapes it. */
  toPrometheus(): string {
    const label = `{server_id="${this.#sid}"}`;
    return this.list()
      .map(({ name, help, type, value }) => {
        // By convention a counter's name ends so.
        const full = type === "counter" ? `zk_${name}_total` : `zk_${name}`;
        return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full}${label} ${rounded(value)}\n`;
      })
      .join("");
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
