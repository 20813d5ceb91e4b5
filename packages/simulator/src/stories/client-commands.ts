/** What clients ask for. */
import {
  CheckVersionRequest,
  CreateMode,
  CreateRequest,
  OpCode,
  SetDataRequest,
} from "@jute-ts/zookeeper";
import type { ClientAnswer } from "../clients/client.js";
import { describeAnswer } from "../trace/trace-text.js";
import { parseRequest } from "./scenario-requests.js";
import { type Command, ScenarioError, type ScenarioStage } from "./stage.js";
import { sid, number, bytes } from "./words.js";

export const clientCommands: Readonly<Record<string, Command>> = {
  /** create SID PATH [DATA]: waits until it is applied. */
  create: (stage, words) => {
    awaitApplied(stage, submitCreate(stage, words));
  },
  /** submit SID PATH [DATA]: asks for a znode and does not wait. */
  submit: (stage, words) => {
    submitCreate(stage, words);
  },
  /** write SID PATH DATA: changes a znode and waits. */
  write: (stage, [word, path = "/", data = ""]) => {
    const body = SetDataRequest.encode({ path, data: bytes(data), version: -1 });
    awaitApplied(stage, stage.submit(sid(word), OpCode.setData, body));
  },
  /** ask SID [in SESSION] OPERATION …: waits until it is applied. See scenario-requests.ts. */
  ask: (stage, words) => {
    awaitApplied(stage, submitRequest(stage, words));
  },
  /** request SID [in SESSION] OPERATION …: the same, and does not wait. */
  request: (stage, words) => {
    submitRequest(stage, words);
  },
  /** move SID SESSION [TIMEOUTMS]: the session's client comes to this server, and waits until it may stay. */
  move: (stage, [word, session, timeoutMs = "1000"]) => {
    const nth = stage.move(sid(word), BigInt(number(session)), number(timeoutMs));
    awaitAnswer(stage, nth, (answer) => answer.kind === "revalidated" && answer.valid);
  },
  /** check SID PATH VERSION: asks whether a znode has this version, and does not wait. */
  check: (stage, [word, path = "/", version]) => {
    const body = CheckVersionRequest.encode({ path, version: number(version) });
    stage.submit(sid(word), OpCode.check, body);
  },
};

function submitCreate(
  stage: ScenarioStage,
  [word, path = "/", data = ""]: readonly string[],
): number {
  const acl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
  const flags = CreateMode.PERSISTENT;
  const body = CreateRequest.encode({ path, data: bytes(data), acl, flags });
  return stage.submit(sid(word), OpCode.create, body);
}

function submitRequest(stage: ScenarioStage, [word, ...words]: readonly string[]): number {
  try {
    const { sessionId, opCode, body } = parseRequest(words);
    return stage.submit(sid(word), opCode, body, sessionId);
  } catch (error) {
    if (error instanceof RangeError) throw new ScenarioError(error.message);
    throw error;
  }
}

function awaitApplied(stage: ScenarioStage, nth: number): void {
  awaitAnswer(stage, nth, (answer) => answer.kind === "applied" && answer.result.err === 0);
}

function awaitAnswer(
  stage: ScenarioStage,
  nth: number,
  isGood: (answer: ClientAnswer) => boolean,
): void {
  stage.runUntil(() => stage.answer(nth) !== undefined, "answer");
  const answer = stage.answer(nth);
  if (answer === undefined || !isGood(answer))
    throw new ScenarioError(answer === undefined ? "no answer" : describeAnswer(answer));
}
