/**
 * BrokenRules: a server that reads something which the rules of the protocol do not allow there
 * closes that connection at once and names the rule, sends nothing more on it, and tells its
 * operator that a rule was broken, not that a connection is lost. A learner looks for a leader
 * again; a leader loses that learner and goes on. What breaks no rule, and nobody asked for, is
 * reported and changes nothing else.
 */
import type { ConnectionId, Effect, PeerStatus, ProtocolViolation, Report } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { Misstatement } from "../world/misstatement.js";
import type { Checker, Observation } from "./checker.js";
import { Verdicts } from "./verdicts.js";

type Step = Extract<Observation, { kind: "step" }>;

/** What a server has read, and its next step must answer. */
interface Read {
  readonly connection: ConnectionId;
  readonly misstatement: Misstatement;
  /** Whether packets that are allowed came with it: one of them may have ended the conversation before. */
  readonly isAfterOthers: boolean;
}

export class BrokenRules implements Checker {
  readonly name = "broken-rules";
  readonly watches = ["delivered", "misstated", "step", "crash"] as const;
  readonly #delivered = new Map<Sid, ConnectionId>();
  readonly #read = new Map<Sid, Read>();
  readonly #verdicts = new Verdicts("BrokenRules");

  observe(observation: Observation): void {
    switch (observation.kind) {
      case "crash":
        this.#verdicts.crashed(observation.sid);
        this.#read.delete(observation.sid);
        this.#delivered.delete(observation.sid);
        return;
      case "delivered":
        this.#delivered.set(observation.to, observation.connection);
        return;
      case "misstated": {
        const { to, connection, misstatement } = observation;
        const isAfterOthers = this.#delivered.get(to) === connection;
        this.#read.set(to, { connection, misstatement, isAfterOthers });
        return;
      }
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

  #onStep(step: Step): void {
    const { sid, event } = step;
    this.#verdicts.goesOn(sid);
    const read = this.#read.get(sid);
    if (read !== undefined && event.kind === "received" && event.connection === read.connection) {
      const now = whatIsWrong(step, read);
      this.#verdicts.note(sid, now && `reads ${read.misstatement.what}, and ${now}`);
      this.#read.delete(sid);
    }
    if (event.kind === "received") this.#delivered.delete(sid);
  }
}

function whatIsWrong(step: Step, read: Read): string | undefined {
  const { connection, misstatement, isAfterOthers } = read;
  const { before, after, effects } = step;
  if (!isInRole(before)) return undefined;
  const closing = effects.find((each) => isClosing(each, connection));
  if (misstatement.rule === "needless") {
    if (closing !== undefined) return isAfterOthers ? undefined : "closes the connection";
    const isTold = effects.some((each) => isReport(each, "ignored"));
    return isTold || isAfterOthers ? undefined : "does not say that nobody asked for it";
  }
  if (closing === undefined) return "goes on with the connection";
  if (closing.reason.kind !== "violation")
    return isAfterOthers ? undefined : `closes the connection because ${closing.reason.text}`;
  const { violation: said } = closing.reason;
  if (said.rule !== misstatement.rule)
    return `says that ${said.rule} was broken, and it is ${misstatement.rule}`;
  const isAnswered = effects
    .slice(effects.indexOf(closing))
    .some((each) => each.kind === "send" && each.connection === connection);
  if (isAnswered) return "sends something on the connection that it has closed";
  return whatIsWrongOfRole(before, after) ?? whatIsUntold(effects, said, before);
}

function whatIsWrongOfRole(before: PeerStatus, after: PeerStatus): string | undefined {
  if (before.role === "leading")
    return after.role === "leading" ? undefined : `becomes ${after.role} over it`;
  return after.role === before.role ? `goes on as ${after.role}` : undefined;
}

function whatIsUntold(
  effects: readonly Effect[],
  said: ProtocolViolation,
  { role }: PeerStatus,
): string | undefined {
  const reports = effects.flatMap((each) => (each.kind === "report" ? [each.report] : []));
  if (!reports.some((report) => report.kind === "violation" && report.violation === said))
    return "does not report that a rule was broken";
  const kind = role === "leading" ? "learnerLost" : "roleChanged";
  const isNamed = reports.some((each) => each.kind === kind && each.why.includes(said.message));
  return isNamed ? undefined : `reports no ${kind} because of it`;
}

function isClosing(
  effect: Effect,
  connection: ConnectionId,
): effect is Extract<Effect, { kind: "closeConnection" }> {
  return effect.kind === "closeConnection" && effect.connection === connection;
}

function isReport(effect: Effect, kind: Report["kind"]): boolean {
  return effect.kind === "report" && effect.report.kind === kind;
}

function isInRole({ role }: PeerStatus): boolean {
  return role === "leading" || role === "following" || role === "observing";
}
