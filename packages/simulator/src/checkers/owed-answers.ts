/**
 * OwedAnswers: a learner that owes its leader an answer waits for its disk, and for nothing else. It
 * answers LEADERINFO with ACKEPOCH, NEWLEADER with ACK, and, once it is up to date, each
 * proposal: at once, or when the disk has done what must come before. While nothing has been asked
 * of the disk, nothing may be owed.
 */
import type { ConnectionId, Effect } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { Checker, Observation } from "./checker.js";
import { Verdicts } from "./verdicts.js";

type Step = Extract<Observation, { kind: "step" }>;

/** What a learner has heard on its connection and not answered, and what its disk has to do. */
interface Account {
  connection: ConnectionId | undefined;
  owed: "ACKEPOCH" | "ACK" | undefined;
  /** Whether it has been told that it is up to date: from there on it owes an ACK for each proposal. */
  isUpToDate: boolean;
  readonly proposals: Zxid[];
  /** How many operations its disk has not done. */
  operations: number;
}

export class OwedAnswers implements Checker {
  readonly name = "owed-answers";
  readonly watches = ["delivered", "step", "crash"] as const;
  readonly #accounts = new Map<Sid, Account>();
  readonly #verdicts = new Verdicts("OwedAnswers");

  observe(observation: Observation): void {
    switch (observation.kind) {
      case "crash":
        this.#accounts.delete(observation.sid);
        this.#verdicts.crashed(observation.sid);
        return;
      case "delivered":
        hear(this.#of(observation.to), observation.connection, observation.packet);
        return;
      case "step":
        this.#onStep(observation);
        return;
      default:
        return;
    }
  }

  atEnd(): void {
    this.#verdicts.atEnd();
  }

  #onStep({ sid, event, effects, after }: Step): void {
    this.#verdicts.goesOn(sid);
    const account = this.#of(sid);
    if (event.kind === "fileDone") account.operations -= 1;
    for (const effect of effects) note(account, effect);
    if (after.role !== "following" && after.role !== "observing") forget(account);
    if (account.operations > 0) return;
    const owed = owedBy(account, after.role === "following");
    this.#verdicts.note(sid, owed && `owes ${owed}, and its disk has nothing to do`);
  }

  #of(sid: Sid): Account {
    let account = this.#accounts.get(sid);
    if (account === undefined) {
      account = {
        connection: undefined,
        owed: undefined,
        isUpToDate: false,
        proposals: [],
        operations: 0,
      };
      this.#accounts.set(sid, account);
    }
    return account;
  }
}

function hear(account: Account, connection: ConnectionId, packet: OutgoingPacket): void {
  switch (packet.kind) {
    case "LEADERINFO":
      forget(account);
      account.connection = connection;
      account.owed = "ACKEPOCH";
      return;
    case "NEWLEADER":
      account.owed = "ACK";
      return;
    case "UPTODATE":
      account.isUpToDate = true;
      return;
    case "PROPOSAL":
      account.proposals.push(packet.txn.zxid);
      return;
    case "COMMIT":
      // What is committed before the ACK of NEWLEADER may be logged before it, and is answered for with it.
      if (!account.isUpToDate) drop(account, packet.zxid);
      return;
    default:
      return;
  }
}

function note(account: Account, effect: Effect): void {
  if (effect.kind === "file") account.operations += 1;
  if (effect.kind === "closeConnection" && effect.connection === account.connection)
    forget(account);
  if (effect.kind !== "send" || effect.connection !== account.connection) return;
  const { packet } = effect;
  if (packet.kind === account.owed) account.owed = undefined;
  if (packet.kind === "ACK") drop(account, packet.zxid);
}

/** What precedes a txn is answered for with it. */
function drop({ proposals }: Account, zxid: Zxid): void {
  while (proposals[0] !== undefined && proposals[0] <= zxid) proposals.shift();
}

function forget(account: Account): void {
  account.connection = undefined;
  account.owed = undefined;
  account.isUpToDate = false;
  account.proposals.length = 0;
}

function owedBy({ owed, isUpToDate, proposals }: Account, isFollower: boolean): string | undefined {
  if (owed !== undefined) return owed;
  const [oldest] = proposals;
  if (!isFollower || !isUpToDate || oldest === undefined) return undefined;
  return `ACK of ${formatZxid(oldest)}`;
}
