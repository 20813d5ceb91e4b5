/**
 * TrueFigures: what a server tells its operators of its clients is what has happened:
 * its connections one by one, what came and went on each, who has which session, how
 * long answers took; its counters; and nothing is left of clients that are gone.
 * Compared with what can be seen of its connections from outside.
 */
import type { ClientCloseReason, ClientsView, ConnectionView } from "@jute-ts/server/clients";
import { EventType, type Sid } from "@jute-ts/zookeeper";
import {
  type Checker,
  type ClientFigures,
  InvariantViolation,
  type Observation,
  type PeerView,
  type WorldView,
} from "../../checkers/checker.js";
import type { SeenConnection, SeenTotals } from "../../world/client-door.js";
import type { ClientLimits, ClientPortSettings } from "../../world/settings.js";
import type { CountedFigures } from "../../world/counted-figures.js";

type Limits = Pick<ClientLimits, "connections">;

export class TrueFigures implements Checker {
  readonly name = "true-figures";
  readonly watches = ["counted"] as const;
  readonly #settings: ClientPortSettings;
  readonly #limits: Limits;

  constructor(settings: ClientPortSettings, limits: Limits) {
    this.#settings = settings;
    this.#limits = limits;
  }

  observe(observation: Observation, { peers }: WorldView): void {
    if (observation.kind !== "counted") return;
    const { sid, shown } = observation;
    const { clientRules } = peers.get(sid) ?? {};
    const connections = [...shown.connections()];
    const wrong =
      wrongConnections(observation, connections) ??
      wrongOutstanding(shown, clientRules?.maxOutstandingRequests ?? Infinity) ??
      wrongClaims(observation, this.#settings.logins?.ensemble === true) ??
      wrongThrottle(observation, this.#limits.connections) ??
      wrongWaits(observation) ??
      wrongChance(shown.connectionDropProbability, this.#limits.connections) ??
      wrongSessions(observation, peers.get(sid), this.#settings) ??
      wrongCounters(observation, connections);
    if (wrong !== undefined) throw violation(sid, wrong);
  }
}

function wrongConnections(
  { seen, shown }: ClientFigures,
  oneByOne: readonly ConnectionView[],
): string | undefined {
  const all = [...seen.connections];
  if (shown.connectionCount !== all.length)
    return `${shown.connectionCount} connections, of ${all.length}`;
  const outstanding = all.reduce((sum, connection) => sum + outstandingOf(connection), 0);
  if (oneByOne.length !== all.length)
    return `${oneByOne.length} connections one by one, of ${all.length}`;
  for (const [index, connection] of all.entries()) {
    const each = oneByOne[index];
    const wrong = each && wrongConnection(connection, each);
    if (wrong !== undefined) return `${wrong} of ${connection.address}:${connection.port}`;
  }
  // Requests that are not read yet, as far as the server tells, are in nobody's queue.
  if (shown.outstandingRequests > outstanding)
    return `${shown.outstandingRequests} outstanding requests, of ${outstanding} that came`;
  const shownOutstanding = oneByOne.reduce(
    (sum, { outstandingRequests }) => sum + outstandingRequests,
    0,
  );
  if (shown.outstandingRequests !== shownOutstanding)
    return `${shown.outstandingRequests} outstanding requests, of ${shownOutstanding} on its connections`;
  return undefined;
}

/** Where there are as many as there may be, whoever waits for nothing may ask for one more. */
function wrongOutstanding(shown: ClientsView, most: number): string | undefined {
  const { outstandingRequests, connectionCount } = shown;
  return outstandingRequests <= most + connectionCount
    ? undefined
    : `${outstandingRequests} outstanding requests of ${connectionCount} connections, where it may read on below ${most}`;
}

/** How many tokens are missing is noted before a client may connect, and when it may. */
function wrongThrottle(
  { seen, measured }: ClientFigures,
  connections: ClientLimits["connections"],
): string | undefined {
  const { sessionsGiven, closed } = seen.totals;
  const { count, min, max } = measured.recorded("connection_token_deficit");
  const refused = closed.get("connection throttle") ?? 0;
  const least = 2 * sessionsGiven + refused;
  const most = 2 * measured.counted("connection_request_count") - refused;
  if (count < least || count > most)
    return `${count} notes of missing tokens, where ${least} to ${most} are right`;
  const tokens = connections?.tokens ?? 0;
  const isPossible = count === 0 || (min >= 0 && max <= tokens);
  return isPossible ? undefined : `that ${min} to ${max} tokens were missing, of ${tokens}`;
}

/** Whoever waits for room for requests now was counted when it began to. */
function wrongWaits({ upkeep, measured }: ClientFigures): string | undefined {
  const counted = measured.counted("request_throttle_wait_count");
  return counted >= upkeep.waiting
    ? undefined
    : `${counted} waits for room for requests, where ${upkeep.waiting} do now`;
}

/** Who names the ensemble is counted, where a server looks at that: those that are right, wrong, and say nothing. */
function wrongClaims({ seen, measured }: ClientFigures, isLookedAt: boolean): string | undefined {
  const { named, unnamed } = seen.totals.ensembles;
  const [right, wrong, none] = ["success", "fail", "skip"].map((name) =>
    measured.counted(`ensemble_auth_${name}`),
  ) as [number, number, number];
  if (!isLookedAt) return right + wrong + none === 0 ? undefined : "that clients name ensembles";
  const isRight =
    right >= named.taken &&
    right + wrong <= named.came &&
    none >= unnamed.taken &&
    none <= unnamed.came;
  return isRight
    ? undefined
    : `${right} clients that name the ensemble, ${wrong} that name another and ${none} that name none, of ${named.taken} to ${named.came} with a name and ${unnamed.taken} to ${unnamed.came} without`;
}

/** How likely it is that a client is refused by chance. */
function wrongChance(
  probability: number,
  connections: ClientLimits["connections"],
): string | undefined {
  const most = connections?.blue === undefined ? 0 : 1;
  return probability >= 0 && probability <= most
    ? undefined
    : `that it refuses clients with probability ${probability}`;
}

/** Requests that have come and are not answered. */
function outstandingOf({ framesIn, framesOut, eventsOut }: SeenConnection): number {
  return framesOut === 0 ? 0 : framesIn - (framesOut - eventsOut);
}

function wrongConnection(seen: SeenConnection, shown: ConnectionView): string | undefined {
  const { framesIn, framesOut, eventsOut, session } = seen;
  const taken = seen.framesInBefore + shown.packetsReceived;
  const interest = (seen.isReading ? READS : 0) | (seen.isCongested ? WRITES : 0);
  return (
    differs("the address", shown.remoteAddress, seen.address) ??
    differs("the port", shown.remotePort, seen.port) ??
    differs("TLS", shown.secure, seen.isSecure) ??
    differs("the interest", shown.interestOps, interest) ??
    differs("the beginning", shown.establishedWallMs, seen.openedWallMs) ??
    differs("the packets sent", shown.packetsSent, framesOut - seen.framesOutBefore) ??
    // What comes while nothing is read waits.
    differs("the packets received", taken, seen.isReading ? framesIn : Math.min(taken, framesIn)) ??
    differs(
      "the outstanding requests",
      shown.outstandingRequests,
      framesOut === 0 ? 0 : taken - (framesOut - eventsOut),
    ) ??
    differs("the session", shown.session?.sessionId, session?.id) ??
    differs("the timeout", shown.session?.timeoutMs, session?.timeoutMs) ??
    (shown.session && wrongAnswers(seen, shown, shown.session))
  );
}

function wrongAnswers(
  { lastAnswer, lastOpCode, lastXid, latency, openedMs }: SeenConnection,
  { expiresMs }: ConnectionView,
  session: NonNullable<ConnectionView["session"]>,
): string | undefined {
  const { lastResponseMs, timeoutMs, latency: shown } = session;
  const { count, lastMs, totalMs } = latency;
  const exact = (isExact: boolean, shownMs: number, seenMs: number): number =>
    // Otherwise it took at most as long as it seemed to.
    isExact ? seenMs : Math.max(0, Math.min(shownMs, seenMs));
  const isAmong = latency.isExact
    ? shown.minMs === (count === 0 ? 0 : latency.minMs) && shown.maxMs === latency.maxMs
    : shown.minMs <= latency.minMs && shown.maxMs <= latency.maxMs;
  const isOrdered = shown.minMs <= shown.lastMs && shown.lastMs <= shown.maxMs;
  const isMean =
    shown.minMs * count <= shown.totalMs + ROUNDING_MS &&
    shown.totalMs <= shown.maxMs * count + ROUNDING_MS;
  return (
    differs("the last op", session.lastOpCode, lastOpCode) ??
    differs("the last cxid", session.lastCxid, lastXid) ??
    differs("the last zxid", session.lastZxid, lastAnswer?.zxid ?? session.lastZxid) ??
    differs("the end", expiresMs, Math.max(lastResponseMs, openedMs) + timeoutMs) ??
    differs("the number of answers", shown.count, count) ??
    differs("the last latency", shown.lastMs, exact(latency.isLastExact, shown.lastMs, lastMs)) ??
    differs(
      "the sum of latencies",
      round(shown.totalMs),
      round(exact(latency.isExact, shown.totalMs, totalMs)),
    ) ??
    differs("the order of latencies", isOrdered, true) ??
    differs("the mean of latencies", isMean, true) ??
    differs("the least and the greatest latency", isAmong, true)
  );
}

function wrongSessions(
  { seen, shown }: ClientFigures,
  peer: PeerView | undefined,
  { localSessions, readOnlyServers }: ClientPortSettings,
): string | undefined {
  const { status, tree } = peer ?? {};
  if (status === undefined || tree === undefined) return undefined;
  const { decidesExpiry, global, local } = shown.sessions();
  if (decidesExpiry !== (status.role === "leading" && status.serving))
    return `that it ${decidesExpiry ? "decides" : "does not decide"} when sessions expire, and is ${status.role}`;
  const isSame =
    global.length === tree.sessions.size &&
    global.every(({ sessionId, timeoutMs }) => tree.sessions.get(sessionId) === timeoutMs);
  if (!isSame) return `${global.length} sessions other than those that there are`;
  if (shown.isReadOnly && (status.role !== "looking" || !readOnlyServers))
    return "that it serves nobody but readers";
  if ((local !== undefined) !== (localSessions || shown.isReadOnly))
    return local === undefined ? "no sessions of its own" : "sessions of its own";
  const sessions = new Set<bigint | undefined>();
  for (const { session } of seen.connections) sessions.add(session?.id);
  let dataWatches = 0;
  for (const { sessionId, path } of shown.dataWatches()) {
    dataWatches += 1;
    if (!sessions.has(sessionId)) return `a watch of ${path} of a client that is gone`;
  }
  if (shown.watchCount < dataWatches)
    return `${shown.watchCount} watches, and ${dataWatches} on data`;
  if (sessions.size === 0 && shown.watchCount > 0) return `${shown.watchCount} watches of nobody`;
  return undefined;
}

function wrongCounters(
  { seen, measured }: ClientFigures,
  oneByOne: readonly ConnectionView[],
): string | undefined {
  const { totals } = seen;
  const received = oneByOne.reduce((sum, each) => sum + each.packetsReceived, 0);
  const answers = measured.recorded("latency");
  const updates = measured.recorded("updatelatency");
  const reads = measured.recorded("readlatency");
  const sizes = measured.recorded("client_response_size");
  const requests = measured.counted("connection_request_count");
  const sent = measured.counted("packets_sent");
  const remote = totals.openedPlain - totals.openedOwn;
  const closed = (reason: ClientCloseReason): number => totals.closed.get(reason) ?? 0;
  const wrongUnless = (name: string, least: number, most: number): string | undefined => {
    const counted = measured.counted(name);
    return counted >= least && counted <= most
      ? undefined
      : `${counted} for ${name}, where ${least} to ${most} is right`;
  };
  return (
    wrongUnless("packets_received", received, totals.framesIn) ??
    wrongUnless("connection_request_count", totals.sessionsGiven, totals.opened) ??
    wrongUnless("connection_revalidate_count", 0, requests) ??
    wrongUnless(
      "connection_rejected",
      closed("connection throttle"),
      closed("connection throttle"),
    ) ??
    wrongUnless("large_requests_rejected", closed("large requests"), closed("large requests")) ??
    wrongUnless("sessionless_connections_expired", closed("no session"), closed("no session")) ??
    wrongUnless("connection_drop_count", totals.dropped - totals.perhapsClosed, totals.dropped) ??
    wrongUnless("non_mtls_remote_conn_count", remote, remote) ??
    wrongUnless("non_mtls_local_conn_count", totals.openedOwn, totals.openedOwn) ??
    wrongUnless("auth_failed_count", totals.authsRefused, totals.authsIn - totals.authsAccepted) ??
    wrongUnless("response_bytes", totals.bytesOut, totals.bytesOut) ??
    wrongUnless("bytes_received_count", bytesTaken(seen), totals.requestBytesIn) ??
    // What was made for a client that went away was not sent.
    wrongUnless("packets_sent", totals.framesOut, Infinity) ??
    wrongUnless("watch_bytes", totals.eventBytesOut, Infinity) ??
    differs("as many latencies as answers", answers.count >= totals.answers, true) ??
    differs("the latencies of reads and writes", reads.count + updates.count, answers.count) ??
    differs("as many latencies as reads", reads.count >= totals.readAnswers, true) ??
    differs("as many latencies as changes", updates.count >= totals.updateAnswers, true) ??
    differs("their sum", round(reads.sum + updates.sum), round(answers.sum)) ??
    differs("latencies from 0 on", answers.min >= 0, true) ??
    differs(
      "commits before answers",
      measured.recorded("local_write_committed_time_ms").min >= 0,
      true,
    ) ??
    differs(
      "the sizes of all answers and events",
      sizes.count <= sent && sizes.count >= totals.answers,
      true,
    ) ??
    wrongEvents(totals, measured) ??
    wrongReads(seen, measured)
  );
}

/** What was read and could not be sent any more counts as well. */
function wrongReads(
  { reads, totals }: ClientFigures["seen"],
  measured: CountedFigures,
): string | undefined {
  const isExact = reads.isComplete && totals.perhapsClosed === 0;
  for (const [namespace, seen] of reads.namespaces) {
    const { count, sum } = measured.recorded(`${namespace} read_per_namespace`);
    const isTooLittle = count < seen.reads || sum < seen.leastBytes;
    const isTooMuch = isExact && (count > seen.reads || sum > seen.mostBytes);
    if (isTooLittle || isTooMuch)
      return `${count} reads below /${namespace} of ${sum} bytes, where ${seen.reads} of ${seen.leastBytes} to ${seen.mostBytes} were seen`;
  }
  return undefined;
}

/** The bytes of the requests that servers must have taken: of those that are read, all. */
function bytesTaken({ connections }: ClientFigures["seen"]): number {
  let bytes = 0;
  for (const { isReading, requestBytesIn } of connections) if (isReading) bytes += requestBytesIn;
  return bytes;
}

function wrongEvents({ eventsOut }: SeenTotals, measured: CountedFigures): string | undefined {
  for (const [type, name] of FIRED) {
    const { sum } = measured.recorded(name);
    const sent = eventsOut.get(type) ?? 0;
    if (sum < sent) return `${sum} for ${name}, and has sent ${sent} events`;
  }
  return undefined;
}

function differs(what: string, shown: unknown, right: unknown): string | undefined {
  return shown === right
    ? undefined
    : `${String(shown)} for ${what}, where ${String(right)} is right`;
}

function round(ms: number): number {
  return Math.round(ms / ROUNDING_MS);
}

function violation(sid: Sid, text: string): InvariantViolation {
  return new InvariantViolation("TrueFigures", `server ${sid} shows ${text}`);
}

/** Under which name a server says how many watches a change has set off. */
const FIRED: ReadonlyMap<number, string> = new Map([
  [EventType.NodeCreated, "node_created_watch_count"],
  [EventType.NodeDeleted, "node_deleted_watch_count"],
  [EventType.NodeDataChanged, "node_changed_watch_count"],
  [EventType.NodeChildrenChanged, "node_children_watch_count"],
]);

const READS = 1;
const WRITES = 4;
/** Sums of milliseconds are not exact. */
const ROUNDING_MS = 0.01;
