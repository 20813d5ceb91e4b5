/**
 * A server's figures as one list, from which `mntr`, the admin server's `monitor`
 * and Prometheus take theirs: Apache's, under Apache's names and in the order of its
 * 3.8, then those that only these servers have.
 */
import type { PeerStatus } from "@jute-ts/quorum";
import {
  counters,
  keyedSummaries,
  percentiles,
  statisticCounters,
  summaries,
} from "./measurements.js";
import type { Observations } from "./observations.js";
import type { Metric } from "./peer-metrics.js";
import { openFiles } from "./process-figures.js";
import { keysOf, type ServerMetrics } from "./server-metrics.js";
import type { ServerView } from "./server-view.js";

export type Figure =
  | {
      readonly kind: "gauge" | "counter";
      readonly name: string;
      readonly help: string;
      readonly value: number;
      /** Java's type of it: how it is written. */
      readonly isDouble?: boolean;
    }
  | {
      readonly kind: "summary";
      readonly name: string;
      readonly help: string;
      /** Of a family. */
      readonly key?: string;
      readonly observations: Observations;
      /** Whether several percentiles are shown. */
      readonly percentiles?: true;
    };

/** All figures at this moment; `own`: those that Apache's servers do not have. */
export function figuresOf(
  view: ServerView,
  metrics: ServerMetrics,
  own: readonly Metric[],
): readonly Figure[] {
  return [
    ...gauges(view, metrics),
    ...keysOf(counters).map((name): Figure => ({
      kind: "counter",
      name,
      help: counters[name],
      value: metrics.counter(name),
    })),
    ...keysOf(summaries).map((name): Figure => ({
      kind: "summary",
      name,
      help: summaries[name],
      observations: metrics.observations(name),
    })),
    ...keysOf(percentiles).map((name): Figure => ({
      kind: "summary",
      name,
      help: percentiles[name],
      observations: metrics.observations(name),
      percentiles: true,
    })),
    ...keysOf(keyedSummaries).flatMap((name) =>
      Array.from(metrics.family(name), ([key, observations]): Figure => ({
        kind: "summary",
        name,
        help: keyedSummaries[name],
        key,
        observations,
      })),
    ),
    ...own.map(({ name, help, type, value }): Figure => ({ kind: type, name, help, value })),
  ];
}

function gauges(view: ServerView, metrics: ServerMetrics): Figure[] {
  const { clients, tree } = view;
  const sessions = clients.sessions();
  const latency = metrics.observations("latency");
  const proposals = metrics.observations("proposal_size");
  const responses = metrics.observations("client_response_size");
  const files = openFiles();
  const leader = leaderFigures(view);
  const gauge = (name: string, help: string, value: number): Figure => ({
    kind: "gauge",
    name,
    help,
    value,
  });
  const statistic = (name: keyof typeof statisticCounters): Figure =>
    gauge(name, statisticCounters[name], metrics.counter(name));
  const whenLeading = (name: string, help: string, value: (leader: LeaderFigures) => number) =>
    leader === undefined ? [] : [gauge(name, help, value(leader))];
  return [
    gauge("ephemerals_count", "ephemeral znodes", tree.ephemeralCount),
    gauge("num_alive_connections", "connections of clients", clients.connectionCount),
    {
      kind: "gauge",
      name: "avg_latency",
      help: "mean time to answer a request, in ms",
      value: latency.mean,
      isDouble: true,
    },
    ...whenLeading("min_proposal_size", "smallest proposal in bytes", () =>
      orNone(proposals, proposals.min),
    ),
    gauge("outstanding_requests", "requests not answered yet", clients.outstandingRequests),
    gauge("znode_count", "znodes", tree.nodeCount),
    gauge("global_sessions", "sessions of the ensemble", sessions.global.length),
    statistic("non_mtls_remote_conn_count"),
    gauge("last_client_response_size", "last reply to a client in bytes", responses.last),
    statistic("packets_sent"),
    statistic("packets_received"),
    ...whenLeading("max_proposal_size", "largest proposal in bytes", () =>
      orNone(proposals, proposals.max),
    ),
    gauge(
      "max_client_response_size",
      "largest reply to a client in bytes",
      orNone(responses, responses.max),
    ),
    ...whenLeading("synced_followers", "followers that are up to date", (of) => of.followers),
    {
      kind: "gauge",
      name: "connection_drop_probability",
      help: "how likely the connection throttle refuses a connection",
      value: clients.connectionDropProbability,
      isDouble: true,
    },
    gauge("watch_count", "watches", clients.watchCount),
    ...whenLeading(
      "synced_non_voting_followers",
      "followers that are up to date and do not vote",
      (of) => of.nonVotingFollowers,
    ),
    ...whenLeading("synced_observers", "observers that are up to date", (of) => of.observers),
    statistic("auth_failed_count"),
    gauge("min_latency", "shortest time to answer a request, in ms", Math.floor(latency.min)),
    gauge("max_file_descriptor_count", "most files and sockets of the process", files.most),
    gauge("approximate_data_size", "bytes of paths and data", tree.approximateDataSize),
    gauge("open_file_descriptor_count", "open files and sockets of the process", files.open),
    ...whenLeading("last_proposal_size", "last proposal in bytes", () => proposals.last),
    ...whenLeading(
      "pending_syncs",
      "proposals for whose commit a sync waits",
      (of) => of.pendingSyncs,
    ),
    ...whenLeading("leader_uptime", "how long this server leads, in ms", (of) => of.uptimeMs),
    gauge("local_sessions", "sessions of this server alone", sessions.local?.length ?? 0),
    gauge("uptime", "how long this server serves, in ms", Math.round(view.uptimeMs)),
    gauge("max_latency", "longest time to answer a request, in ms", Math.floor(latency.max)),
    gauge("outstanding_tls_handshake", "TLS handshakes of clients under way", view.handshakes),
    ...whenLeading("learners", "learners that are connected", (of) => of.learners),
    gauge(
      "min_client_response_size",
      "smallest reply to a client in bytes",
      orNone(responses, responses.min),
    ),
    statistic("non_mtls_local_conn_count"),
    ...(view.settings.quorum === undefined
      ? []
      : [gauge("quorum_size", "voters", view.settings.quorum.ensemble.voters.size)]),
  ];
}

interface LeaderFigures {
  readonly learners: number;
  readonly followers: number;
  readonly nonVotingFollowers: number;
  readonly observers: number;
  readonly pendingSyncs: number;
  readonly uptimeMs: number;
}

/** Undefined unless the server leads others. */
function leaderFigures({
  peer,
  leaderUptimeMs,
  standalone,
}: ServerView): LeaderFigures | undefined {
  if (peer?.role !== "leading" || standalone) return undefined;
  const synced = syncedLearners(peer);
  const followers = synced.filter(({ role }) => role === "follower");
  const voting = followers.filter(({ votes }) => votes);
  return {
    learners: peer.learners.length,
    followers: followers.length,
    nonVotingFollowers: followers.length - voting.length,
    observers: synced.length - followers.length,
    pendingSyncs: peer.pendingSyncs,
    uptimeMs: Math.round(leaderUptimeMs ?? 0),
  };
}

/** The learners that are up to date. */
function syncedLearners({ learners }: PeerStatus): PeerStatus["learners"] {
  return learners.filter(({ stage }) => stage === "forwarding");
}

/** A size, which is -1 before there is one. */
function orNone({ count }: Observations, size: number): number {
  return count === 0 ? -1 : size;
}
