/** What a story expects to be the case, and what servers say of themselves. */
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import { describeAnswer } from "../trace/trace-text.js";
import { type Command, ScenarioError, type ScenarioStage } from "./stage.js";
import { sids, sid, number, filePath } from "./words.js";

export const expectations: Readonly<Record<string, Command>> = {
  /** expect-answer KIND: of the last request; `none` when there is no answer. */
  "expect-answer": (stage, [kind]) => {
    const answer = stage.lastAnswer;
    if ((answer?.kind ?? "none") !== kind) {
      throw new ScenarioError(
        `the answer is ${answer === undefined ? "none" : describeAnswer(answer)}`,
      );
    }
  },
  /** expect-error CODE: the last request was applied, and failed with this. */
  "expect-error": (stage, [code]) => {
    const answer = stage.lastAnswer;
    const error = answer?.kind === "applied" ? answer.result.err : undefined;
    if (error !== number(code)) throw new ScenarioError(`it is ${error ?? "not answered"}`);
  },
  "expect-leader": (stage, [word]) => {
    expectLeader(stage, sid(word));
  },
  /** expect-role SID ROLE|down */
  "expect-role": (stage, [word, role]) => {
    const actual = stage.world.process(sid(word)).status?.role ?? "down";
    if (actual !== role) throw new ScenarioError(`it is ${actual}`);
  },
  /** expect-equal-digests [SID…]: same zxid and same digest at all of these, or at all that are up. */
  "expect-equal-digests": (stage, words) => {
    const states = sids(stage, words).flatMap((each) => {
      const tree = stage.world.process(each).tree;
      return tree === undefined ? [] : [`${formatZxid(tree.lastProcessedZxid)} ${tree.digest()}`];
    });
    if (new Set(states).size !== 1) throw new ScenarioError(`the states are ${states.join(", ")}`);
  },
  /** expect-path SID PATH [DATA] */
  "expect-path": (stage, [word, path = "/", data]) => {
    const found = dataAt(stage, sid(word), path);
    if (found === undefined) throw new ScenarioError(`there is no ${path}`);
    if (data !== undefined && found !== data) throw new ScenarioError(`it holds "${found}"`);
  },
  "expect-no-path": (stage, [word, path = "/"]) => {
    if (dataAt(stage, sid(word), path) !== undefined) throw new ScenarioError(`there is ${path}`);
  },
  /** expect-children SID PATH [NAME…]: exactly these. */
  "expect-children": (stage, [word, path = "/", ...names]) => {
    const { tree } = stage.world.process(sid(word));
    const children = [...(tree?.getChildren(path) ?? [])].sort().join(" ");
    if (children !== [...names].sort().join(" ")) throw new ScenarioError(`they are ${children}`);
  },
  /** expect-sessions SID [SESSION…]: exactly these. */
  "expect-sessions": (stage, [word, ...ids]) => {
    const sessions = [...(stage.world.process(sid(word)).tree?.sessions.keys() ?? [])];
    const shown = sessions.map(String).sort().join(" ");
    if (shown !== [...ids].sort().join(" ")) throw new ScenarioError(`they are ${shown}`);
  },
  /** expect-zxid SID ZXID: the last txn that is applied there. */
  "expect-zxid": (stage, [word, zxid]) => {
    const actual = stage.world.process(sid(word)).tree?.lastProcessedZxid;
    const shown = actual === undefined ? "down" : formatZxid(actual);
    if (shown !== zxid) throw new ScenarioError(`it is at ${shown}`);
  },
  /** expect-epochs SID CURRENT/ACCEPTED: as the peer holds them. */
  "expect-epochs": (stage, [word, epochs]) => {
    const status = stage.world.process(sid(word)).status;
    const actual = status === undefined ? "down" : `${status.currentEpoch}/${status.acceptedEpoch}`;
    if (actual !== epochs) throw new ScenarioError(`they are ${actual}`);
  },
  /** expect-logged SID ZXID: the last txn that is durable in the log there. */
  "expect-logged": (stage, [word, zxid]) => {
    const actual = stage.world.process(sid(word)).status?.lastDurableZxid;
    const shown = actual === undefined ? "down" : formatZxid(actual);
    if (shown !== zxid) throw new ScenarioError(`it is ${shown}`);
  },
  /** expect-file SID DIRECTORY/NAME [TEXT]: it is there after any crash, and begins with this text. */
  "expect-file": (stage, [word, path, text = ""]) => {
    const found = stage.world.process(sid(word)).disk.contents(filePath(path), "durable");
    if (found === undefined) throw new ScenarioError("there is no such durable file");
    const beginning = String.fromCharCode(...found.subarray(0, 64));
    if (!beginning.startsWith(text)) throw new ScenarioError(`it holds "${beginning}"`);
  },
  /** expect-no-file SID DIRECTORY/NAME: it may not come back after a crash. */
  "expect-no-file": (stage, [word, path]) => {
    const found = stage.world.process(sid(word)).disk.contents(filePath(path), "durable");
    if (found !== undefined) throw new ScenarioError("it is there");
  },
  /** expect-said TEXT: since the last command, the trace has a line with this text, of any topic. */
  "expect-said": (stage, words) => {
    if (!hasSaid(stage, words.join(" "))) {
      throw new ScenarioError("nothing of the kind was said");
    }
  },
  "expect-unsaid": (stage, words) => {
    const text = words.join(" ");
    const found = stage.said.find((line) => line.replace(/\s+/g, " ").includes(text));
    if (found !== undefined) throw new ScenarioError(`it was said: ${found.trim()}`);
  },
  /** status SID… */
  status: (stage, words) => {
    for (const each of sids(stage, words)) {
      const { status } = stage.world.process(each);
      stage.say(
        status === undefined
          ? `${each}: down`
          : `${each}: ${status.role} ${status.phase ?? ""} epochs ${status.currentEpoch}/${status.acceptedEpoch}` +
              ` logged ${formatZxid(status.lastLoggedZxid)} durable ${formatZxid(status.lastDurableZxid)}` +
              ` processed ${formatZxid(status.lastProcessedZxid)} committed ${formatZxid(status.lastCommittedZxid)}`,
      );
    }
  },
};

function dataAt(stage: ScenarioStage, at: Sid, path: string): string | undefined {
  const { tree } = stage.world.process(at);
  if (tree === undefined) throw new ScenarioError("that peer is not running");
  const znode = tree.getNode(path);
  if (znode === undefined) return undefined;
  return String.fromCharCode(...(znode.data ?? []));
}

/** Exactly this one leads. */
export function expectLeader(stage: ScenarioStage, wanted: Sid): void {
  const leaders = stage.world.processes
    .filter(({ status }) => status?.role === "leading")
    .map((process) => process.sid);
  if (leaders.length !== 1 || leaders[0] !== wanted) {
    throw new ScenarioError(
      `the leader is ${leaders.length === 0 ? "nobody" : leaders.join(" and ")}`,
    );
  }
}

/** Whether a line since the last command holds this text. */
export function hasSaid(stage: ScenarioStage, text: string): boolean {
  return stage.said.some((line) => line.replace(/\s+/g, " ").includes(text));
}
