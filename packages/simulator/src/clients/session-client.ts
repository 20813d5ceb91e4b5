/**
 * A simulated client: opens a session, keeps it alive, asks for what its workload
 * says, and moves to another server when the one it talks to fails it. It acts as
 * a careful ZooKeeper client does: it moves only when nothing is under way, so
 * its requests are carried out in their order or not at all; it catches up by a
 * sync after moving; and it repeats a write of unknown outcome only where the
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
        this.#syncAndRead(port, session, drawn.path);
        return;
      case "move":
        session.mustMove = true;
        this.#moveIfIdle(port, session);
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
    const request = { sessionId: session.id, cxid, ...change, authInfo: [] };
    port.submit(session.sid, request, (answer) => {
      if (drawn !== undefined) this.#source.learn(drawn, answer);
      this.#ended(port, session, answer);
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

  #ended(port: ClientPort, session: Session, answer: ClientAnswer): void {
    session.inFlight--;
    session.answered++;
    if (session.state === "over") return;
    switch (answer.kind) {
      case "applied":
        if (SESSION_ERRORS.has(answer.result.err)) this.#giveUp(port, session);
        break;
      case "refused":
      case "unknown":
      case "disconnected":
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
    if (!session.mustMove || session.inFlight > 0 || session.state !== "open") return;
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
        session.sid = sid;
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
    if (!this.#isHealing) port.after(port.random.exponential(this.#workload.meanGapMs * 2), retry);
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
