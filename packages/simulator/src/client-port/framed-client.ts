/**
 * A simulated client that speaks ZooKeeper's protocol in frames, as real clients do:
 * connects, takes its session from server to server, keeps it alive by pings, sets
 * its watches again, proves who it is, asks many things at once. What it asks for
 * is drawn; what it is answered goes to the checkers.
 */
import {
  AddWatchMode,
  decodeConnectResponse,
  decodeEvent,
  decodeReplyHeader,
  encodeConnectRequest,
  ErrorCode,
  OpCode,
  Xid,
  type Sid,
} from "@jute-ts/zookeeper";
import { FrameConnection } from "./frame-connection.js";
import type { FrameEvent } from "./frame-event.js";
import {
  type DrawnFrame,
  type DrawnRequest,
  FAVOURITE,
  FrameOperations,
  request,
} from "./frame-operations.js";
import type { FrameClient, FramePort } from "./frame-port.js";
import type { FrameWorkload } from "./frame-workload.js";
import type { LocalSession } from "./local-session.js";
import { ClientLogins } from "./logins/client-logins.js";
import { byDigest } from "./logins/proofs.js";
import { drawOddFrame } from "./odd-requests.js";
import { type NotedWatches, WatchBook } from "./watch-book.js";

interface Session {
  readonly id: bigint;
  readonly password: Uint8Array;
  readonly timeoutMs: number;
  readonly local: LocalSession | undefined;
  /** Whether a server without a leader has begun it. */
  readonly isReader: boolean;
}

export class FramedClient implements FrameClient {
  readonly name: string;
  readonly #workload: FrameWorkload;
  readonly #operations: FrameOperations;
  readonly #watches = new WatchBook();
  readonly #credentials: string[] = [];
  #port: FramePort | undefined;
  /** Where clients prove who they are in more than one way. */
  #logins: ClientLogins | undefined;
  #session: Session | undefined;
  #connection: FrameConnection | undefined;
  #lastZxid = 0n;
  #lastXid = 0;
  #isHealing = false;
  #setUps = 0;
  /** Whether it asks for what no library would, and sets watches again as clients before 3.6 do. */
  #isOdd = false;

  constructor(name: string, workload: FrameWorkload) {
    this.name = name;
    this.#workload = workload;
    this.#operations = new FrameOperations(name, workload);
  }

  /** Whether it has a session and is owed nothing. */
  get isAtRest(): boolean {
    const connection = this.#connection;
    if (connection?.stage !== "open" || connection.isOver) return false;
    return connection.outstanding.length === 0;
  }

  /** When it has heard from its server. */
  get heardMs(): number {
    return this.#connection?.heardMs ?? 0;
  }

  get sessionTimeoutMs(): number {
    return this.#session?.timeoutMs ?? this.#workload.sessionTimeoutMs;
  }

  start(port: FramePort): void {
    this.#port = port;
    this.#isOdd = port.oddRandom.chance(ODD_CLIENTS);
    const { identity } = this.#workload;
    if (port.logins !== undefined && identity !== undefined)
      this.#logins = new ClientLogins(port.logins, identity, port.random, () => ++this.#lastXid);
    this.#later(this.#workload.meanPauseMs, (at) => {
      this.#connect(at);
    });
    this.#goOn(port);
    if (this.#workload.watchesAll) this.#doze(port);
  }

  onHealing(): void {
    this.#isHealing = true;
    this.#port?.readSlowly(0);
    this.#logins?.beHonest();
  }

  /** Asks for what shows that nothing was missed. Only while at rest. */
  lookAgain(): void {
    const { stage } = this.#connection ?? {};
    if (stage !== "open") return;
    for (const drawn of FrameOperations.lastLook()) this.#ask(drawn);
  }

  /** Somebody else tries to take the session, and must not get it. */
  isRobbed(): void {
    const [port, session, connection] = [this.#port, this.#session, this.#connection];
    if (port === undefined || session === undefined || connection === undefined) return;
    this.#steal(port, session, connection.sid);
  }

  /** Now and then it hardly reads for a while: what it is told of has to wait. */
  #doze(port: FramePort): void {
    const { sessionTimeoutMs } = this.#workload;
    const { oddRandom } = port;
    port.after(oddRandom.exponential(sessionTimeoutMs), () => {
      if (this.#isHealing) return;
      port.readSlowly(sessionTimeoutMs * oddRandom.pick([0.1, 0.4]));
      port.after(oddRandom.exponential(3 * sessionTimeoutMs), () => {
        port.readSlowly(0);
        this.#doze(port);
      });
    });
  }

  // Operations.

  #goOn(port: FramePort): void {
    const { meanGapMs, burst } = this.#workload;
    port.after(port.random.exponential(meanGapMs), () => {
      if (this.#isHealing) return;
      const count = port.random.integer(1, burst);
      for (let nth = 0; nth < count; nth += 1) this.#next(port);
      this.#goOn(port);
    });
  }

  #next(port: FramePort): void {
    const connection = this.#connection;
    if (connection?.stage !== "open" || this.#logins?.isBusy(connection) === true) return;
    if (connection.outstanding.length >= this.#workload.maxInFlight) return;
    const isOdd = this.#isOdd && port.oddRandom.chance(ODD_REQUESTS);
    const drawn = isOdd ? drawOddFrame(port.oddRandom) : this.#operations.draw(port.random);
    if (!port.begins()) return;
    this.#do(port, connection, drawn);
    if (connection.isOver) this.#misuse(connection);
  }

  /** Nothing that follows counts, whatever it is. */
  #misuse(connection: FrameConnection): void {
    if (connection.stage !== "open") return;
    connection.sendForbidden(++this.#lastXid, this.#operations.forbidden());
    connection.stage = "ending";
  }

  #do(port: FramePort, connection: FrameConnection, drawn: DrawnFrame): void {
    switch (drawn.kind) {
      case "request":
        this.#ask(drawn);
        if (drawn.isFatal === true || drawn.message.type === OpCode.closeSession)
          this.#misuse(connection);
        return;
      case "auth":
        if (!this.#credentials.includes(drawn.credentials))
          this.#credentials.push(drawn.credentials);
        this.#authenticate(connection, drawn.credentials);
        return;
      case "proof":
        connection.prove(Xid.auth, drawn.proving.drawn, drawn.proving.proof);
        return;
      case "login":
        this.#logins?.again(connection);
        return;
      case "move":
        connection.close(drawn.gracefully);
        this.#connection = undefined;
        this.#connect(port);
        return;
      case "leave":
        this.#forget();
        this.#drop(connection, port.random.chance(0.5));
        return;
      case "steal":
        if (this.#session !== undefined)
          this.#steal(port, this.#session, port.random.pick(port.sids));
        return;
      case "garbage":
        connection.sendGarbage(port.random.pick(GARBAGE));
        this.#misuse(connection);
    }
  }

  #ask(drawn: DrawnRequest): void {
    this.#connection?.ask(++this.#lastXid, drawn);
  }

  #authenticate(connection: FrameConnection, credentials: string): void {
    const { drawn, proof } = byDigest(credentials);
    connection.prove(Xid.auth, drawn, proof);
  }

  #steal(port: FramePort, session: Session, sid: Sid): void {
    const password = session.password.map((byte) => byte ^ 1);
    const thief = new FrameConnection(port, `${this.name}'s thief`, sid, this.#workload.address);
    thief.sessionId = session.id;
    thief.open({
      onOpen: () => {
        thief.sendFirst(connectRequest({ ...session, password }, session.timeoutMs, 0n, false));
        const { id: sessionId, timeoutMs } = session;
        thief.observe({ kind: "connecting", sessionId, timeoutMs, isThief: true });
      },
      onFrame: (bytes) => {
        thief.observe(answerTo(bytes, session.id));
        thief.close(true);
      },
      onEnd: () => undefined,
    });
    port.after(session.timeoutMs, () => {
      thief.close(false);
    });
  }

  // Connections.

  #connect(port: FramePort): void {
    if (this.#connection !== undefined) return;
    // Some clients take for a session what a server without a leader gave them, others do not.
    if (this.#session?.isReader === true && !this.#workload.takesReadersAlong) this.#forget();
    const sid = port.random.pick(port.sids);
    const certificate = this.#logins?.nextCertificate();
    const { address } = this.#workload;
    const connection = new FrameConnection(port, this.name, sid, address, certificate);
    this.#connection = connection;
    connection.sessionId = this.#session?.id ?? 0n;
    connection.local = this.#session?.local;
    connection.open({
      onOpen: () => {
        this.#introduce(port, connection);
      },
      onFrame: (bytes) => {
        this.#onFrame(connection, bytes);
      },
      onEnd: () => {
        this.#lose(connection);
      },
    });
    this.#watch(port, connection);
  }

  #introduce(port: FramePort, connection: FrameConnection): void {
    const { sessionTimeoutMs, isHasty } = this.#workload;
    const session = this.#session;
    const sessionId = session?.id ?? 0n;
    if (session !== undefined) port.revalidates(connection.sid, session.id, sessionTimeoutMs);
    const { mayOnlyRead: readOnly, isOld } = this.#workload;
    const known = isOld ? undefined : readOnly;
    connection.sendFirst(connectRequest(session, sessionTimeoutMs, this.#lastZxid, known));
    connection.observe({
      kind: "connecting",
      sessionId,
      timeoutMs: sessionTimeoutMs,
      isThief: false,
      readOnly,
      lastZxid: this.#lastZxid,
      isOld,
    });
    if (isHasty) this.#setUp(connection);
  }

  /**
   * Says who it is and what it watches. Every second time it does not say who it is, and asks for
   * one znode more: it must not be told that there is one which only others may read.
   */
  #setUp(connection: FrameConnection): void {
    const logins = this.#logins;
    if (logins !== undefined) {
      logins.introduce(connection, (isAnonymous) => {
        if (isAnonymous) this.#watches.awaitCreation(FAVOURITE);
        this.#setWatches(connection);
      });
      return;
    }
    if (this.#setUps++ % 2 === 0)
      for (const credentials of this.#credentials) this.#authenticate(connection, credentials);
    else this.#watches.awaitCreation(FAVOURITE);
    this.#setWatches(connection);
  }

  #setWatches(connection: FrameConnection): void {
    const watches = this.#session && this.#watches.toSet(this.#lastZxid);
    if (watches === undefined) return;
    const drawn = this.#isOdd ? setAgain(watches) : request(OpCode.setWatches2, watches);
    if (drawn.body.length <= this.#workload.mostWatchBytes) connection.ask(Xid.setWatches, drawn);
    else this.#watches.clear();
  }

  /** Pings, and gives up a server that is silent. */
  #watch(port: FramePort, connection: FrameConnection): void {
    const timeoutMs = this.sessionTimeoutMs;
    port.after(timeoutMs / 8, () => {
      if (this.#connection !== connection) return;
      if (port.nowMs - connection.heardMs > (timeoutMs * 2) / 3) {
        this.#drop(connection, false);
        return;
      }
      const mayPing = connection.stage === "open" && this.#logins?.isBusy(connection) !== true;
      if (mayPing && port.nowMs - connection.saidMs > timeoutMs / 4) this.#ping(connection);
      this.#watch(port, connection);
    });
  }

  /** Whatever the number of a ping is, its answer has the usual one. */
  #ping(connection: FrameConnection): void {
    const xid = this.#isOdd ? this.#lastXid : Xid.ping;
    connection.ask(Xid.ping, request(OpCode.ping, null), xid);
  }

  #drop(connection: FrameConnection, gracefully: boolean): void {
    connection.close(gracefully);
    this.#lose(connection);
  }

  #lose(connection: FrameConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#later(this.#workload.meanPauseMs, (port) => {
      this.#connect(port);
    });
  }

  // What servers say.

  #onFrame(connection: FrameConnection, bytes: Uint8Array): void {
    if (connection.stage === "connecting") {
      this.#onConnectResponse(connection, bytes);
      return;
    }
    if (decodeReplyHeader(bytes).xid === Xid.notification) {
      const { zxid, event } = decodeEvent(bytes);
      const { path } = event;
      this.#watches.onEvent(event.type, path);
      if (this.#workload.countsEvents) this.#see(zxid);
      connection.observe({ kind: "event", zxid, type: event.type, path });
      return;
    }
    const answered = connection.answered(bytes);
    this.#see(answered.zxid);
    const message = answered.request?.message;
    if (message !== undefined) this.#watches.onAnswer(message, answered.err);
    connection.observe(answered);
    if (answered.err === ErrorCode.THROTTLEDOP && answered.request?.operation === undefined) {
      // It is too much for this server: it starts again with nothing, as soon as that has closed the connection.
      this.#watches.clear();
      connection.stage = "ending";
    }
    if (message?.type === OpCode.closeSession && answered.request?.isRefused !== true)
      this.#forget();
    this.#logins?.onAnswered(connection, answered);
  }

  #onConnectResponse(connection: FrameConnection, bytes: Uint8Array): void {
    const answer = answerTo(bytes, connection.sessionId);
    if (answer.kind === "connected") {
      const password = decodeConnectResponse(bytes).passwd ?? new Uint8Array(0);
      const { sessionId: id, timeoutMs } = answer;
      const isNew = this.#session === undefined;
      connection.local ??= isNew ? this.#newLocalSession(connection) : undefined;
      const { local } = connection;
      const isReader = answer.readOnly === true;
      connection.isReader = isReader;
      this.#session = { id, timeoutMs, password: password.slice(), local, isReader };
      connection.sessionId = id;
      connection.stage = "open";
      connection.observe(answer);
      if (!this.#workload.isHasty) this.#setUp(connection);
      if (isNew) this.#lastXid = 0;
      if (isNew && this.#workload.watchesAll && connection.isProven) this.#watchAll();
      return;
    }
    connection.observe(answer);
    this.#forget();
    this.#drop(connection, true);
  }

  #watchAll(): void {
    for (const [path, mode] of WATCHED) this.#ask(request(OpCode.addWatch, { path, mode }));
  }

  /** Undefined where all servers know all sessions. */
  #newLocalSession({ rules }: FrameConnection): LocalSession | undefined {
    if (!this.#workload.beginsLocally) return undefined;
    return { isUpgraded: rules?.upgradesLocalSessions === true, wantsEnsemble: false };
  }

  #see(zxid: bigint): void {
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
  }

  /** The next session is a new one. Who the client is, and what it has seen, stays. */
  #forget(): void {
    this.#session = undefined;
    this.#watches.clear();
  }

  #later(meanMs: number, act: (port: FramePort) => void): void {
    const port = this.#port;
    port?.after(port.random.exponential(meanMs), () => {
      act(port);
    });
  }
}

function connectRequest(
  session: Session | undefined,
  timeOut: number,
  lastZxidSeen: bigint,
  readOnly: boolean | undefined,
): Uint8Array {
  const sessionId = session?.id ?? 0n;
  const passwd = session?.password ?? new Uint8Array(16);
  return encodeConnectRequest({
    protocolVersion: 0,
    lastZxidSeen,
    timeOut,
    sessionId,
    passwd,
    readOnly,
  });
}

/** By the request that all servers know, where that can name them all. */
function setAgain(watches: NotedWatches): DrawnRequest {
  const { persistentWatches, persistentRecursiveWatches, ...ofOldKinds } = watches;
  const areOld = persistentWatches.length === 0 && persistentRecursiveWatches.length === 0;
  return areOld ? request(OpCode.setWatches, ofOldKinds) : request(OpCode.setWatches2, watches);
}

function answerTo(
  bytes: Uint8Array,
  asked: bigint,
): Extract<FrameEvent, { kind: "connected" | "expired" }> {
  const { sessionId, timeOut: timeoutMs, readOnly = false } = decodeConnectResponse(bytes);
  return timeoutMs > 0
    ? { kind: "connected", sessionId, timeoutMs, readOnly, bytes }
    : { kind: "expired", sessionId: asked, bytes };
}

/** What a client watches that watches everything. */
const WATCHED = [
  ["/", AddWatchMode.PERSISTENT_RECURSIVE],
  [FAVOURITE, AddWatchMode.PERSISTENT],
] as const;

/** How many clients are odd, and how many of their requests. */
const ODD_CLIENTS = 0.25;
const ODD_REQUESTS = 0.15;

/** Lengths that no frame has. */
const GARBAGE: readonly (readonly number[])[] = [
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0, 0],
  [0, 0, 0, 3, 1, 2, 3],
];
