/**
 * What a server counts and measures, under the names that Apache's servers use in
 * `mntr` (after `zk_`) and for Prometheus, so that dashboards made for those work.
 * The tables are in the order in which Apache's 3.8 prints them. Whoever does
 * something that is measured calls `Measurements`; it neither throws nor keeps
 * what it is given.
 */

/** Takes what is measured. */
export interface Measurements {
  /** Adds to a counter; 1 when `by` is left out. */
  count(name: CounterName, by?: number): void;
  /** One observation: milliseconds, or the number that the name says. */
  record(name: SummaryName | PercentileName, value: number): void;
  /** One observation of a family; the key is a sid or the first element of a path. */
  recordOf(name: KeyedSummaryName, key: string, value: number): void;
}

/** Counted by a server's statistics and shown as gauges; `srst` sets them to 0. */
export const statisticCounters = {
  packets_received: "frames that came from clients, and four-letter words",
  packets_sent: "frames that went to clients",
  auth_failed_count: "authentications of clients that failed",
  non_mtls_remote_conn_count: "client connections from other machines without a certificate",
  non_mtls_local_conn_count: "client connections from this machine without a certificate",
} as const;

export const counters = {
  proposal_count: "proposals made by this leader",
  watch_bytes: "bytes of watch events sent to clients",
  outstanding_changes_removed: "prepared changes that were applied or dropped",
  throttled_ops: "requests answered with THROTTLEDOP",
  stale_requests_dropped: "requests dropped because their connection was gone",
  large_requests_rejected: "requests refused because large ones already wait",
  insecure_admin_count: "requests to the admin server without TLS",
  connection_rejected: "client connections refused by a limit",
  cnxn_closed_without_zk_server_running:
    "client connections closed because the server did not serve",
  sessionless_connections_expired: "client connections closed because no session came",
  looking_count: "times that this server began to look for a leader",
  dead_watchers_queued: "watchers of closed connections put aside",
  stale_requests: "requests found late in the throttle's queue",
  connection_drop_count: "client connections that ended",
  learner_proposal_received_count: "proposals received from a leader",
  digest_mismatches_count: "txns after which the leader's digest differed",
  dead_watchers_cleared: "watchers of closed connections removed",
  response_packet_cache_hits: "replies of getData taken from a cache",
  bytes_received_count: "bytes of frames that came from clients",
  add_dead_watcher_stall_time: "ms that closing connections waited for watchers to be removed",
  request_throttle_wait_count: "waits of requests in the throttle",
  requests_not_forwarded_to_commit_processor: "requests that the commit processor was spared",
  response_packet_cache_misses: "replies of getData made although a cache was asked",
  ensemble_auth_success: "connections whose ensemble name was right",
  prep_processor_request_queued: "requests handed to preparation",
  learner_commit_received_count: "commits received from a leader",
  stale_replies: "replies not sent because their connection was gone",
  connection_request_count: "connect requests of clients",
  response_bytes: "bytes of replies sent to clients",
  ensemble_auth_fail: "connections whose ensemble name was wrong",
  diff_count: "learners synchronized by DIFF",
  response_packet_get_children_cache_misses:
    "replies of getChildren2 made although a cache was asked",
  connection_revalidate_count: "sessions of clients that reconnected and were asked for",
  quit_leading_due_to_disloyal_voter:
    "times that a leader stepped down for a voter that followed nobody",
  snap_count: "learners synchronized by SNAP",
  unrecoverable_error_count: "errors that stop a server",
  unsuccessful_handshake: "TLS handshakes of clients that failed",
  commit_count: "proposals committed by this leader",
  stale_sessions_expired: "sessions that expired",
  response_packet_get_children_cache_hits: "replies of getChildren2 taken from a cache",
  sync_processor_request_queued: "txns handed to the log",
  outstanding_changes_queued: "changes prepared and not applied when they were prepared",
  request_commit_queued: "txns handed to be committed",
  ensemble_auth_skip: "connections that named no ensemble",
  skip_learner_request_to_next_processor_count:
    "requests of learners that a leader did not pass on",
  tls_handshake_exceeded: "connections closed for too many TLS handshakes at once",
  revalidate_count: "sessions that learners asked this leader for",
} as const;

/** Observations of which the mean, the extremes, the number and the sum are shown. */
export const summaries = {
  socket_closing_time: "ms to close a quorum connection",
  proposal_process_time: "ms to send a proposal to all followers",
  leader_unavailable_time: "ms from losing a leader to serving as one again",
  node_created_watch_count: "watches that a created znode set off",
  session_queues_drained: "sessions whose waiting requests went on with a commit",
  write_commit_proc_req_queued: "writes that waited for their commit",
  connection_token_deficit: "tokens that the connection throttle lacked",
  read_commit_proc_req_queued: "reads that waited for a commit",
  node_deleted_watch_count: "watches that a deleted znode set off",
  startup_txns_load_time: "ms to replay the log at start",
  sync_processor_queue_size: "txns that waited for the log",
  follower_sync_time: "ms to bring a follower up to date",
  prep_processor_queue_size: "requests that waited for preparation",
  fsynctime: "ms of an fsync of the log",
  inflight_snap_count: "snapshots sent to learners at once",
  reads_issued_from_session_queue: "reads that went on after a write of their session",
  learner_request_processor_queue_size: "requests of a learner that waited",
  snapshottime: "ms to write a snapshot",
  unavailable_time: "ms from losing a leader to serving again",
  startup_txns_loaded: "txns replayed at start",
  reads_after_write_in_session_queue: "reads that waited for a write of their session",
  requests_in_session_queue: "requests of a session that waited",
  write_commit_proc_issued: "writes committed at once",
  prep_process_time: "ms to prepare a request",
  pending_session_queue_size: "sessions with waiting requests",
  time_waiting_empty_pool_in_commit_processor_read_ms: "ms that commits waited for reads",
  commit_process_time: "ms to handle a turn of commits and reads",
  dbinittime: "ms to load snapshot and log at start",
  inflight_diff_count: "DIFFs sent to learners at once",
  netty_queued_buffer_capacity: "bytes of frames that waited to be read",
  election_time: "ms of an election",
  commit_commit_proc_req_queued: "commits that waited to be applied",
  sync_processor_batch_size: "txns that became durable together",
  node_children_watch_count: "watches that a change of children set off",
  write_batch_time_in_commit_processor: "ms to apply committed txns",
  read_commit_proc_issued: "reads handled at once",
  concurrent_request_processing_in_commit_processor: "requests handled at the same time",
  observer_sync_time: "ms to bring an observer up to date",
  node_changed_watch_count: "watches that changed data set off",
  sync_process_time: "ms to hand a txn to the log",
  startup_snap_load_time: "ms to load a snapshot at start",
} as const;

/** As summaries, and percentiles. */
export const percentiles = {
  prep_processor_queue_time_ms: "ms that a request waited for preparation",
  jvm_pause_time_ms: "ms that the process stood still",
  close_session_prep_time: "ms to prepare the end of a session",
  read_commitproc_time_ms: "ms that a read waited for writes before it",
  updatelatency: "ms from reading a write to its reply",
  local_write_committed_time_ms: "ms from reading a write to its commit",
  request_throttle_queue_time_ms: "ms that a request waited in the throttle",
  readlatency: "ms from reading a read request to its reply",
  quorum_ack_latency: "ms from a proposal to its quorum of acks",
  om_commit_process_time_ms: "ms to pass a commit to observers of this follower",
  read_final_proc_time_ms: "ms to answer a read",
  commit_propagation_latency: "ms from a leader's commit to a learner's",
  dead_watchers_cleaner_latency: "ms to remove watchers of closed connections",
  write_final_proc_time_ms: "ms to apply and answer a write",
  proposal_ack_creation_latency: "ms from a proposal to its ack",
  proposal_latency: "ms from a leader's proposal to its arrival",
  om_proposal_process_time_ms: "ms to pass a proposal to observers of this follower",
  sync_processor_queue_and_flush_time_ms: "ms from handing a txn to the log until it is durable",
  propagation_latency: "ms from making a txn to applying it",
  server_write_committed_time_ms: "ms from a request of another server to its commit",
  sync_processor_queue_time_ms: "ms that a txn waited for the log",
  sync_processor_queue_flush_time_ms: "ms that an fsync took",
  write_commitproc_time_ms: "ms that a write waited for its commit",
} as const;

/** Families: their keys come before the name in `mntr`, and as the label `key` for Prometheus. */
export const keyedSummaries = {
  learner_handler_qp_size: "packets that wait to be sent to a learner, by its sid",
  read_per_namespace: "bytes read below the first element of a path",
  write_per_namespace: "bytes written below the first element of a path",
} as const;

/** Observations of which only the mean and the extremes are shown, as gauges. */
export const extremes = {
  latency: "ms to answer a request",
  proposal_size: "bytes of a proposal",
  client_response_size: "bytes of a reply to a client",
} as const;

export type CounterName = keyof typeof counters | keyof typeof statisticCounters;
export type SummaryName = keyof typeof summaries | keyof typeof extremes;
export type PercentileName = keyof typeof percentiles;
export type KeyedSummaryName = keyof typeof keyedSummaries;
