/**
 * A simulated client: opens a session, keeps it alive, asks for what its workload
 * says, and moves to another server when the one it talks to fails it. Most act as
 * careful ZooKeeper clients do: they move only when nothing is under way, so that
 * their requests are carried out in their order or not at all; restless ones do not
 * wait. A client catches up by a sync after moving; and it repeats a write of unknown outcome only where the
 * version that it expects keeps the write from happening twice.
 */
import { ErrorCode, type Sid } from "@jute-ts/zookeeper";
import type { ClientAnswer, ClientPort, SimClient } from "./client.js";
import { type ChangeBody, closeSessionChange, createSessionChange } from "./change-requests.js";
import { isZnodeRead, readZnode } from "./reads.js";
import { type DrawnOperation, OperationSource } from "./operation-source.js";
import type { Workload } from "./workload.js";

/** What is known of a session at its client. */
interface Session {
  readonly id: bigint;
  /** The server that the client talks to. */
  sid: Sid;
  cxid: number;
  inFlight: number;
  /** How many answers have come. */
  answered: number;
  state: "open" | "moving" | "over";
  /** Whether to move as soon as nothing is under way. */
  mustMove: boolean;
  /** Whether there is a request of which nobody knows whether it is ever carried out. */
  hasUnknown: boolean;
}

export class SessionClient implements SimClient {
  readonly name: string;
  readonly #workload: Workload;
  readonly #source: OperationSource;
  /** Above all ids of other clients' sessions, and below the next client's. */
  #nextSessionId: bigint;
  #session: Session | undefined;
  #isHealing = false;
  #port: ClientPort | undefined;

  /** `index` tells the clients of a run apart: from 0. */
  constructor(name: string, index: number, workload: Workload) {
    this.name = name;
    this.#workload = workload;
    this.#source = new OperationSource(name, workload);
    this.#nextSessionId = BigInt(index + 1) << 40n;
  }

  start(port: ClientPort): void {
    this.#port = port;
    port.after(port.random.exponential(this.#workload.meanGapMs), () => {
      this.#openSession(port);
    });
    this.#askAgainLater(port);
    this.#touchAgainLater(port);
  }

  /** Some clients leave without a word, so that their sessions expire; others stay. */
  onHealing(): void {
    this.#isHealing = true;
    if (this.#port?.random.chance(0.5) === true) this.#session = undefined;
  }

  #openSession(port: ClientPort): void {
    if (this.#isHealing) return;
    const sid = port.random.pick(port.sids);
    const id = this.#nextSessionId++;
    port.submit(sid, createSessionChange(id, this.#workload.sessionTimeoutMs), (answer) => {
      if (answer.kind !== "applied" || answer.result.err !== 0) {
        // Whether the session exists or not: nobody uses it, so it expires.
        this.#retryLater(port, () => {
          this.#openSession(port);
        });
        return;
      }
      const session: Session = {
        id,
        sid,
        cxid: 0,
        inFlight: 0,
        answered: 0,
        state: "open",
        mustMove: false,
        hasUnknown: false,
      };
      this.#session = session;
      for (const change of this.#source.setup())
        this.#submit(port, session, { kind: "change", change });
    });
  }

  #askAgainLater(port: ClientPort): void {
    port.after(port.random.exponential(this.#workload.meanGapMs), () => {
      if (this.#isHealing) return;
      this.#ask(port);
      this.#askAgainLater(port);
    });
  }

  #ask(port: ClientPort): void {
    const session = this.#session;
    if (session?.state !== "open" || session.mustMove) return;
    if (session.inFlight >= this.#workload.maxInFlight) return;
    this.#submit(port, session, this.#source.draw(port.random));
  }

  #submit(port: ClientPort, session: Session, drawn: DrawnOperation): void {
    switch (drawn.kind) {
      case "change":
        this.#change(port, session, drawn.change, drawn);
        return;
      case "read":
        this.#read(port, session, drawn.path);
        return;
      case "syncAndRead":
        for (let nth = 0; nth < drawn.times; nth += 1) {
          if (drawn.changes) this.#changeAnything(port, session);
          this.#syncAndRead(port, session, drawn.path);
        }
        return;
      case "move":
        session.mustMove = true;
        this.#moveIfIdle(port, session);
        return;
      case "leave":
        this.#giveUp(port, session);
        return;
      case "closeSession":
        // Nothing may follow it, so the client is done with the session before the answer comes.
        this.#change(port, session, closeSessionChange, undefined);
        this.#giveUp(port, session);
        return;
    }
  }

  #change(
    port: ClientPort,
    session: Session,
    change: ChangeBody,
    drawn: Extract<DrawnOperation, { kind: "change" }> | undefined,
  ): void {
    const cxid = ++session.cxid;
    this.#began(port, session);
    const { authInfo } = this.#workload;
    const request = { sessionId: session.id, cxid, ...change, authInfo };
    const { sid } = session;
    port.submit(sid, request, (answer) => {
      if (drawn !== undefined) this.#source.learn(drawn, answer);
      this.#ended(port, session, answer, sid);
    });
  }

  #read(port: ClientPort, session: Session, path: string): void {
    this.#began(port, session);
    port.read(session.sid, path, readZnode(path), (answer) => {
      if (answer.kind === "value" && isZnodeRead(answer.value))
        this.#source.learnVersion(path, answer.value.znode?.stat.version);
      this.#ended(port, session, answer);
    });
  }

  #syncAndRead(port: ClientPort, session: Session, path: string): void {
    this.#began(port, session);
    port.sync(session.sid, session.id, ++session.cxid, (answer) => {
      if (answer.kind === "synced" && session.state === "open") this.#read(port, session, path);
      this.#ended(port, session, answer);
    });
  }

  #began(port: ClientPort, session: Session): void {
    session.inFlight++;
    const { answered } = session;
    port.after(this.#workload.patienceMs, () => {
      // Nothing has come back for so long that the session has expired, if it was not kept by luck.
      if (session.inFlight > 0 && session.answered === answered) this.#giveUp(port, session);
    });
  }

  /** `sid`: the server that has answered, which may not be the one that the client talks to by now. */
  #ended(port: ClientPort, session: Session, answer: ClientAnswer, sid = session.sid): void {
    session.inFlight--;
    session.answered++;
    if (session.state === "over") return;
    switch (answer.kind) {
      case "applied":
        if (answer.result.err === ErrorCode.SESSIONMOVED && sid !== session.sid) break;
        if (SESSION_ERRORS.has(answer.result.err)) this.#giveUp(port, session);
        break;
      case "unknown":
      case "disconnected":
        session.hasUnknown = true;
        session.mustMove = true;
        break;
      case "refused":
        session.mustMove = true;
        break;
      case "synced":
      case "revalidated":
      case "value":
        break;
    }
    this.#moveIfIdle(port, session);
  }

  /** What is under way must be answered first: a request that arrives after the client has left could overtake a later one. */
  #moveIfIdle(port: ClientPort, session: Session): void {
    if (!session.mustMove || session.state !== "open") return;
    if (session.inFlight > 0 && !this.#workload.isRestless) return;
    session.state = "moving";
    this.#revalidate(port, session, port.nowMs + this.#workload.patienceMs);
  }

  #revalidate(port: ClientPort, session: Session, untilMs: number): void {
    if (session.state !== "moving" || this.#isHealing) return;
    if (port.nowMs >= untilMs) {
      this.#giveUp(port, session);
      return;
    }
    const sid = port.random.pick(port.sids);
    port.revalidate(sid, session.id, this.#workload.sessionTimeoutMs, (answer) => {
      if (session.state !== "moving") return;
      if (answer.kind === "revalidated" && answer.valid) {
        this.#askOldServer(port, session, sid);
        session.sid = sid;
        // Nobody could tell a request of unknown outcome from a new one of the same number.
        const mayNumberAgain = session.inFlight === 0 && !session.hasUnknown;
        if (this.#workload.numbersAgain && mayNumberAgain) session.cxid = 0;
        this.#catchUp(port, session, untilMs);
      } else if (answer.kind === "revalidated") {
        this.#giveUp(port, session);
      } else {
        this.#retryLater(port, () => {
          this.#revalidate(port, session, untilMs);
        });
      }
    });
  }

  /** A restless client has not closed its old connection yet, and something is still said on it: too late. */
  #askOldServer(port: ClientPort, session: Session, newSid: Sid): void {
    if (this.#workload.isRestless && session.sid !== newSid) this.#changeAnything(port, session);
  }

  /** Asks for whatever change is drawn, however much is under way; for nothing, when something else is drawn. */
  #changeAnything(port: ClientPort, session: Session): void {
    const drawn = this.#source.draw(port.random);
    if (drawn.kind === "change") this.#change(port, session, drawn.change, drawn);
  }

  /** The new server may be behind the old one. */
  #catchUp(port: ClientPort, session: Session, untilMs: number): void {
    port.sync(session.sid, session.id, ++session.cxid, (answer) => {
      if (session.state !== "moving") return;
      if (answer.kind === "synced") {
        session.state = "open";
        session.mustMove = false;
        for (const drawn of this.#source.takeRepeats()) this.#submit(port, session, drawn);
      } else {
        this.#retryLater(port, () => {
          this.#revalidate(port, session, untilMs);
        });
      }
    });
  }

  /** Leaves the session to expire, and begins another. */
  #giveUp(port: ClientPort, session: Session): void {
    if (session.state === "over") return;
    session.state = "over";
    this.#source.forget();
    if (this.#session === session) this.#session = undefined;
    this.#retryLater(port, () => {
      this.#openSession(port);
    });
  }

  #retryLater(port: ClientPort, retry: () => void): void {
    const { meanGapMs, sessionTimeoutMs } = this.#workload;
    const retryMs = 2 * Math.min(meanGapMs, sessionTimeoutMs / 6);
    if (!this.#isHealing) port.after(port.random.exponential(retryMs), retry);
  }

  #touchAgainLater(port: ClientPort): void {
    port.after(this.#workload.sessionTimeoutMs / 3, () => {
      const session = this.#session;
      if (session !== undefined && session.state !== "over") port.touch(session.sid, session.id);
      this.#touchAgainLater(port);
    });
  }
}

/** The session is gone, or belongs to another server by now. */
const SESSION_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.SESSIONEXPIRED,
  ErrorCode.SESSIONMOVED,
  ErrorCode.UNKNOWNSESSION,
]);
