/** Parts of the admin server's answers, under the names that Java's beans have in JSON. */
import type { AdminCommandContext } from "./admin-command-context.js";
import { meanLatency, operationName, socketAddress, whole } from "./connection-lines.js";
import { sessionsByExpiry } from "./dump-text.js";
import { javaMean } from "./java-format.js";
import { JavaDouble, type JsonFields, type JsonValue } from "./json-text.js";
import type { Observations } from "./observations.js";
import type { ConnectionView, ServerView } from "./server-view.js";

export function connectionFields({ clients }: ServerView, form: "brief" | "full"): JsonFields {
  const all = [...clients.connections()];
  const show = (connections: readonly ConnectionView[]): JsonValue =>
    connections.map((each) => (form === "brief" ? brief(each) : full(each)));
  return {
    connections: show(all.filter(({ secure }) => !secure)),
    secure_connections: show(all.filter(({ secure }) => secure)),
  };
}

function brief(connection: ConnectionView): JsonFields {
  return {
    remote_socket_address: socketAddress(connection),
    interest_ops: connection.interestOps,
    outstanding_requests: connection.outstandingRequests,
    packets_received: connection.packetsReceived,
    packets_sent: connection.packetsSent,
  };
}

function full(connection: ConnectionView): JsonFields {
  const { session, establishedWallMs } = connection;
  const latency = session?.latency;
  return {
    ...brief(connection),
    session_id: session?.sessionId ?? 0n,
    last_operation: session === undefined ? null : operationName(session.lastOpCode),
    established: Math.round(establishedWallMs),
    session_timeout: session?.timeoutMs ?? 0,
    last_cxid: session?.lastCxid ?? 0,
    last_zxid: session?.lastZxid ?? 0n,
    last_response_time: Math.round(session?.lastResponseMs ?? 0),
    last_latency: whole(latency?.lastMs ?? 0),
    min_latency: whole(latency?.minMs ?? 0),
    avg_latency: latency === undefined ? 0 : meanLatency(latency),
    max_latency: whole(latency?.maxMs ?? 0),
  };
}

export function dumpFields(view: ServerView): JsonFields {
  const { decidesExpiry, global } = view.clients.sessions();
  const groups = decidesExpiry ? [...sessionsByExpiry(global, view)] : [];
  return {
    expiry_time_to_session_ids: Object.fromEntries(
      groups.map(([ms, sessions]) => [String(ms), sessions.map(({ sessionId }) => sessionId)]),
    ),
    session_id_to_ephemeral_paths: watchFields(new Map(view.tree.ephemerals())),
  };
}

/** Groups with their keys as texts. */
export function watchFields(
  groups: ReadonlyMap<string | bigint, readonly (string | bigint)[]>,
): JsonFields {
  return Object.fromEntries(Array.from(groups, ([key, values]) => [String(key), values]));
}

export function serverStatsFields({ view, metrics }: AdminCommandContext): JsonFields {
  const { server } = metrics;
  const responses = sizeFields(server.observations("client_response_size"));
  const latency = server.observations("latency");
  return {
    version: view.version,
    read_only: view.mode === "read-only",
    server_stats: {
      packets_sent: server.counter("packets_sent"),
      packets_received: server.counter("packets_received"),
      fsync_threshold_exceed_count: 0,
      client_response_stats: responses,
      provider_null: false,
      server_state: view.mode ?? "null",
      outstanding_requests: view.clients.outstandingRequests,
      min_latency: whole(latency.min),
      avg_latency: new JavaDouble(javaMean(latency.mean)),
      max_latency: whole(latency.max),
      data_dir_size: view.files.snapshotBytes,
      log_dir_size: view.files.logBytes,
      last_processed_zxid: view.lastProcessedZxid,
      num_alive_client_connections: view.clients.connectionCount,
      uptime: Math.round(view.uptimeMs),
      auth_failed_count: server.counter("auth_failed_count"),
      non_mtlsremote_conn_count: server.counter("non_mtls_remote_conn_count"),
      non_mtlslocal_conn_count: server.counter("non_mtls_local_conn_count"),
    },
    client_response: responses,
    ...(view.mode === "leader"
      ? { proposal_stats: sizeFields(server.observations("proposal_size")) }
      : {}),
    node_count: view.tree.nodeCount,
  };
}

function sizeFields({ count, last, min, max }: Observations): JsonFields {
  return {
    last_buffer_size: last,
    min_buffer_size: count === 0 ? -1 : min,
    max_buffer_size: count === 0 ? -1 : max,
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The addresses of a port of the ensemble; whether they can be reached is not looked at. */
export function addressSetFields(addresses: readonly Address[]): JsonFields {
  const texts = addresses.map(textOf);
  const first = texts[0] ?? "";
  const ports = [...new Set(addresses.map(({ port }) => port))];
  return {
    empty: addresses.length === 0,
    all_addresses: texts,
    all_reachable_addresses: texts,
    one: first,
    reachable_address: first,
    wildcard_addresses: ports.map((port) => `0.0.0.0:${port}`),
    all_ports: ports,
    all_host_strings: addresses.map(({ host }) => host),
    all_reachable_addresses_or_all: texts,
    reachable_or_one: first,
  };
}

function textOf({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
