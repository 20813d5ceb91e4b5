/**
 * SessionLifetimes: a leader ends a session exactly when its client was not heard
 * from for the session's timeout, by the leader's own clock: not earlier, however
 * the word came to it and whoever led before, and not much later. Servers pass on
 * whom they have heard from, with the next answer to a ping, and a leader asks for
 * that answer in time. A session that has moved is asked for by its new server only. What a
 * leader tells its operators of all that is as it acts.
 *
 * Keeps account of sessions as packets tell them; what the leader believes is not
 * asked.
 */
import type { ConnectionId, PeerStatus } from "@jute-ts/quorum";
import type { OutgoingPacket, Packet } from "@jute-ts/quorum/wire";
import { ErrorCode, ErrorTxn, OpCode, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { LoggedTxn } from "@jute-ts/quorum";
import type { DataTree } from "@jute-ts/data-tree";
import type { GhostOperations } from "../model/ghost-operations.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

type Step = Extract<Observation, { kind: "step" }>;

export interface SessionLimits {
  readonly tickTimeMs: number;
  /** How late timers may fire. */
  readonly timerLatenessMs: number;
}

/** A session in one leadership. Times are of the leader's clock. */
interface Session {
  timeoutMs: number;
  expiresMs: number;
  /** The server that its client talks to; undefined until that is known. */
  owner: Sid | undefined;
}

/** That a session's client has come to another server. */
interface Revalidated {
  readonly sessionId: bigint;
  readonly timeoutMs: number;
  /** Whether the session is open; undefined for one that begins, of which either may be said. */
  readonly expected: boolean | undefined;
}

/** What a leader has heard of sessions since its epoch is established. */
interface Leadership {
  readonly sessions: Map<bigint, Session>;
  /** Sessions that it has proposed to open: it may say that they are there already. With what was asked for them since, if anybody did. */
  readonly opening: Map<bigint, Revalidated | undefined>;
  /** Sessions that it has proposed to end. */
  readonly closing: Set<bigint>;
  /** Words that have arrived, and are handled in the next step. */
  arrived: { readonly from: Sid; readonly packet: Packet }[];
  lastProposed: Zxid;
  /** By link: when it was last sent a ping. */
  readonly pinged: Map<ConnectionId, number>;
  /** The earliest time at which a session must end, unless something is heard. May be too early. */
  dueMs: number;
  /** Whether it has slept, and its timers have not fired since. */
  isLate: boolean;
  /** Whether it has proposed something that it sent to nobody, which may be the end of any session. */
  hasUnseen: boolean;
}

export class SessionLifetimes implements Checker {
  readonly name = "session-lifetimes";
  readonly watches = ["step", "delivered", "crash", "resume"] as const;
  readonly #operations: GhostOperations;
  readonly #slackMs: number;
  readonly #pingMs: number;
  readonly #leaderships = new Map<Sid, Leadership>();
  /** By learner: the sessions that it has heard from since it told its leader last. */
  readonly #touched = new Map<Sid, Set<bigint>>();

  constructor(operations: GhostOperations, { tickTimeMs, timerLatenessMs }: SessionLimits) {
    this.#operations = operations;
    // Clocks may run a little faster than the lateness of their timers is measured.
    this.#slackMs = 2 * timerLatenessMs + 1;
    this.#pingMs = tickTimeMs / 2 + this.#slackMs;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "delivered": {
        const { to, from, packet } = observation;
        if (packet.kind === "PINGANSWER" || packet.kind === "REVALIDATE")
          this.#leaderships.get(to)?.arrived.push({ from, packet });
        return;
      }
      case "step":
        this.#onStep(observation, world);
        return;
      case "crash":
        this.#leaderships.delete(observation.sid);
        this.#touched.delete(observation.sid);
        return;
      case "resume": {
        // Whoever sleeps can neither ping nor end a session; what has gathered is handled first.
        const leadership = this.#leaderships.get(observation.sid);
        leadership?.pinged.clear();
        if (leadership !== undefined) leadership.isLate = true;
        return;
      }
      default:
        return;
    }
  }

  #onStep(step: Step, world: WorldView): void {
    const { sid, before, after } = step;
    const tree = world.peers.get(sid)?.tree;
    if (leads(after) && tree !== undefined) {
      let leadership = leads(before) ? this.#leaderships.get(sid) : undefined;
      if (leadership === undefined) {
        leadership = newLeadership(tree, step);
        this.#leaderships.set(sid, leadership);
      }
      this.#onLeader(step, leadership, world);
    } else if (this.#leaderships.has(sid)) {
      this.#leaderships.delete(sid);
    }
    if (before.serving && before.role !== "leading") this.#onLearner(step, tree);
    else this.#touched.delete(sid);
  }

  // The leader.

  #onLeader(step: Step, leadership: Leadership, world: WorldView): void {
    const { sid, event, effects, after } = step;
    const { nowMs } = event;
    if (event.kind === "disconnected") leadership.pinged.delete(event.connection);
    const revalidated: Revalidated[] = [];
    if (event.kind === "touch") hear(leadership, event.sessionId, 0, nowMs);
    else if (event.kind === "revalidate")
      revalidated.push(revalidate(leadership, event.sessionId, event.timeoutMs, sid, nowMs));
    for (const { from, packet } of leadership.arrived.splice(0)) {
      if (packet.kind === "PINGANSWER")
        for (const { sessionId, timeoutMs } of packet.touched)
          hear(leadership, sessionId, timeoutMs, nowMs);
      else if (packet.kind === "REVALIDATE")
        revalidated.push(revalidate(leadership, packet.sessionId, packet.timeoutMs, from, nowMs));
    }
    for (const effect of effects) {
      if (effect.kind === "send") {
        const { packet, connection } = effect;
        if (packet.kind === "PING") leadership.pinged.set(connection, nowMs);
        else if (packet.kind === "REVALIDATED" && !leadership.hasUnseen)
          judgeRevalidated(sid, packet, revalidated, leadership);
        else if (packet.kind === "PROPOSAL" && packet.txn.zxid > leadership.lastProposed)
          this.#onProposal(sid, packet.txn, leadership, nowMs, revalidated);
      } else if (effect.kind === "answer" && effect.answer.kind === "revalidated") {
        const [asked] = revalidated;
        if (asked !== undefined && event.kind === "revalidate" && !leadership.hasUnseen)
          judgeRevalidated(sid, { ...asked, valid: effect.answer.valid }, revalidated, leadership);
      } else if (effect.kind === "closeConnection") {
        leadership.pinged.delete(effect.connection);
      } else if (effect.kind === "applied") {
        this.#onApplied(effect.txn, leadership, nowMs, revalidated, world.peers.get(sid)?.tree);
      }
    }
    if (after.lastLoggedZxid > leadership.lastProposed) {
      leadership.lastProposed = after.lastLoggedZxid;
      leadership.hasUnseen = true;
    }
    if (event.kind === "deadline") leadership.isLate = false;
    this.#judgeOverdue(sid, leadership, nowMs);
    // From the next step on: a crash within this one leaves those effects out that show what was committed.
    if (after.outstanding === 0) leadership.hasUnseen = false;
    this.#judgePings(step, leadership, world);
    if (event.kind === "deadline" && !leadership.hasUnseen)
      judgeShown(sid, leadership, world.peers.get(sid)?.peer?.sessionExpiries?.());
  }

  #onProposal(
    sid: Sid,
    txn: LoggedTxn,
    leadership: Leadership,
    nowMs: number,
    revalidated: readonly Revalidated[],
  ): void {
    leadership.lastProposed = txn.zxid;
    const { clientId, cxid, type } = txn.header;
    if (type === OpCode.closeSession) {
      const session = leadership.sessions.get(clientId);
      const isOwn = cxid === 0;
      if (isOwn && session !== undefined && nowMs < session.expiresMs)
        throw violation(
          `${sid} ends session ${clientId}, which has ${(session.expiresMs - nowMs).toFixed(1)} of ${session.timeoutMs} ms left`,
        );
      leadership.closing.add(clientId);
    } else if (type === OpCode.createSession) {
      // Somebody may have asked right before, or right after.
      const asked = revalidated.find(({ sessionId }) => sessionId === clientId);
      leadership.opening.set(clientId, asked);
    } else if (cxid !== 0 && clientId !== 0n) {
      // A request may have come right before the move, in the same piece of bytes.
      if (revalidated.some(({ sessionId }) => sessionId === clientId)) return;
      this.#judgeOwner(sid, txn, leadership);
    }
  }

  /** Who asks for a session is its owner by now; whoever speaks first owns one that nobody has claimed. */
  #judgeOwner(sid: Sid, { header, bytes }: LoggedTxn, leadership: Leadership): void {
    const session = leadership.sessions.get(header.clientId);
    if (session === undefined || leadership.closing.has(header.clientId)) return;
    const asked = this.#operations.submitted(header.clientId, header.cxid);
    const origin = asked[0]?.sid;
    // The same number from two servers: nobody can tell which of them it is.
    if (origin === undefined || asked.some((operation) => operation.sid !== origin)) return;
    const err = header.type === OpCode.error ? errorOf(bytes) : ErrorCode.OK;
    // Refused before anybody looked whose it is.
    if (err === ErrorCode.THROTTLEDOP) return;
    const isRefused = err === ErrorCode.SESSIONMOVED;
    session.owner ??= origin;
    if (isRefused === (session.owner !== origin)) return;
    const what = isRefused ? "refuses" : "takes";
    throw violation(
      `${sid} ${what} number ${header.cxid} of session ${header.clientId} from server ${origin}; the session is at server ${session.owner}`,
    );
  }

  #onApplied(
    { header }: LoggedTxn,
    leadership: Leadership,
    nowMs: number,
    revalidated: readonly Revalidated[],
    tree: DataTree | undefined,
  ): void {
    const { clientId, type } = header;
    const asked =
      leadership.opening.get(clientId) ??
      revalidated.find(({ sessionId }) => sessionId === clientId);
    if (type === OpCode.createSession) leadership.opening.delete(clientId);
    if (type === OpCode.closeSession) {
      leadership.sessions.delete(clientId);
      leadership.closing.delete(clientId);
    } else if (type === OpCode.createSession && !leadership.closing.has(clientId)) {
      const timeoutMs = asked?.timeoutMs ?? tree?.sessions.get(clientId) ?? 0;
      const expiresMs = nowMs + timeoutMs;
      // Who asks for a session as it begins may own it, or may have been refused.
      const [created] = this.#operations.submitted(clientId, header.cxid);
      const owner = asked === undefined ? created?.sid : undefined;
      leadership.sessions.set(clientId, { timeoutMs, expiresMs, owner });
      leadership.dueMs = Math.min(leadership.dueMs, expiresMs);
    }
  }

  #judgeOverdue(sid: Sid, leadership: Leadership, nowMs: number): void {
    if (nowMs <= leadership.dueMs + this.#slackMs) return;
    if (leadership.isLate || leadership.hasUnseen) return;
    leadership.dueMs = Infinity;
    for (const [sessionId, { expiresMs, timeoutMs }] of leadership.sessions) {
      if (leadership.closing.has(sessionId)) continue;
      if (nowMs > expiresMs + this.#slackMs)
        throw violation(
          `${sid} has not ended session ${sessionId} of ${timeoutMs} ms, which was over ${(nowMs - expiresMs).toFixed(1)} ms ago`,
        );
      leadership.dueMs = Math.min(leadership.dueMs, expiresMs);
    }
  }

  /** Whoever serves its own clients must be asked for them in time, or their sessions would end. */
  #judgePings({ sid, event, after }: Step, { pinged }: Leadership, world: WorldView): void {
    if (event.kind !== "deadline") return;
    const { nowMs } = event;
    for (const [connection, sinceMs] of pinged) {
      if (nowMs - sinceMs <= this.#pingMs) continue;
      const { remote } = world.connection(connection);
      const learner = after.learners.find((each) => each.sid === remote);
      if (learner?.stage !== "forwarding") {
        pinged.delete(connection);
        continue;
      }
      throw violation(
        `${sid} has not asked ${remote} for its sessions for ${(nowMs - sinceMs).toFixed(1)} ms`,
      );
    }
  }

  // Learners.

  #onLearner({ sid, event, effects }: Step, tree: DataTree | undefined): void {
    let touched = this.#touched.get(sid);
    if (event.kind === "touch" && tree?.sessions.has(event.sessionId) === true) {
      if (touched === undefined) this.#touched.set(sid, (touched = new Set()));
      touched.add(event.sessionId);
    }
    for (const effect of effects) {
      if (effect.kind !== "send" || effect.packet.kind !== "PINGANSWER") continue;
      this.#judgeTold(sid, effect.packet, touched ?? NOBODY);
      this.#touched.delete(sid);
      touched = undefined;
    }
  }

  #judgeTold(
    sid: Sid,
    { touched }: Extract<OutgoingPacket, { kind: "PINGANSWER" }>,
    expected: ReadonlySet<bigint>,
  ): void {
    const told = new Set(touched.map(({ sessionId }) => sessionId));
    const missing = [...expected].find((sessionId) => !told.has(sessionId));
    const made = [...told].find((sessionId) => !expected.has(sessionId));
    if (missing === undefined && made === undefined) return;
    throw violation(
      missing === undefined
        ? `${sid} tells its leader of session ${made ?? 0n}, which it has not heard from since it told last`
        : `${sid} does not tell its leader of session ${missing}, which it has heard from`,
    );
  }
}

function leads({ role, serving, phase }: PeerStatus): boolean {
  return role === "leading" && serving && phase === "broadcast";
}

/** With a new leader all sessions begin again: nobody knows when their clients were heard from. */
function newLeadership(tree: DataTree, { event }: Step): Leadership {
  const sessions = new Map<bigint, Session>();
  let dueMs = Infinity;
  for (const [sessionId, timeoutMs] of tree.sessions) {
    const expiresMs = event.nowMs + timeoutMs;
    sessions.set(sessionId, { timeoutMs, expiresMs, owner: undefined });
    dueMs = Math.min(dueMs, expiresMs);
  }
  return {
    sessions,
    opening: new Map(),
    closing: new Set(),
    arrived: [],
    lastProposed: 0n,
    pinged: new Map(),
    dueMs,
    isLate: false,
    hasUnseen: false,
  };
}

/** The client was heard from. False when it has no session any more. */
function hear(
  { sessions, closing }: Leadership,
  sessionId: bigint,
  timeoutMs: number,
  nowMs: number,
): boolean {
  const session = sessions.get(sessionId);
  if (session === undefined || closing.has(sessionId)) return false;
  if (timeoutMs > 0) session.timeoutMs = timeoutMs;
  session.expiresMs = Math.max(session.expiresMs, nowMs + session.timeoutMs);
  return true;
}

function revalidate(
  leadership: Leadership,
  sessionId: bigint,
  timeoutMs: number,
  owner: Sid,
  nowMs: number,
): Revalidated {
  const isOpen = hear(leadership, sessionId, timeoutMs, nowMs);
  const session = leadership.sessions.get(sessionId);
  if (isOpen && session !== undefined) session.owner = owner;
  // Where it has proposed something that nobody has seen, that may be the session.
  const mayBegin = leadership.opening.has(sessionId) || (leadership.hasUnseen && !isOpen);
  const revalidated = { sessionId, timeoutMs, expected: mayBegin ? undefined : isOpen };
  if (mayBegin) leadership.opening.set(sessionId, revalidated);
  return revalidated;
}

function judgeRevalidated(
  sid: Sid,
  { sessionId, valid }: { readonly sessionId: bigint; readonly valid: boolean },
  revalidated: readonly Revalidated[],
  { opening }: Leadership,
): void {
  if (opening.has(sessionId)) return;
  const asked = revalidated.filter((each) => each.sessionId === sessionId);
  if (asked.length === 0 || asked.some(({ expected = valid }) => expected === valid)) return;
  throw violation(
    `${sid} says that session ${sessionId} is ${valid ? "valid, and it has ended" : "not valid, and it is open"}`,
  );
}

/** What a leader tells its operators of the ends of sessions. */
function judgeShown(
  sid: Sid,
  { sessions, opening, closing }: Leadership,
  shown: ReadonlyMap<bigint, number> | undefined,
): void {
  if (shown === undefined) return;
  const expected = [...sessions].filter(([sessionId]) => !closing.has(sessionId));
  for (const [sessionId, { expiresMs }] of expected) {
    const shownMs = shown.get(sessionId);
    if (shownMs !== expiresMs && !opening.has(sessionId))
      throw violation(
        `${sid} shows that session ${sessionId} ends at ${shownMs}, where it does at ${expiresMs}`,
      );
  }
  for (const sessionId of shown.keys())
    if (!opening.has(sessionId) && (closing.has(sessionId) || !sessions.has(sessionId)))
      throw violation(`${sid} shows session ${sessionId}, which has ended or does now`);
}

function errorOf(bytes: Uint8Array): number {
  return ErrorTxn.decode(bytes.subarray(TXN_HEADER_BYTES, TXN_HEADER_BYTES + 4)).err;
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("SessionLifetimes", text);
}

const NOBODY: ReadonlySet<bigint> = new Set();
const TXN_HEADER_BYTES = 32;
