/**
 * The commands of scenarios, one entry of a table each; the README of the scenarios
 * folder lists them for authors.
 */
import {
  CheckVersionRequest,
  CreateMode,
  CreateRequest,
  formatZxid,
  OpCode,
  SetDataRequest,
  type Sid,
} from "@jute-ts/zookeeper";
import type { Effect, FileOperation, FilePath } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { ClientAnswer, ClientPort } from "../clients/client.js";
import type { CrashLoss } from "../world/disk.js";
import { FaultRunner } from "../faults/fault-runner.js";
import { unrest } from "../faults/healing.js";
import type { CrashTrap } from "../world/crash.js";
import type { Layer } from "../world/reachability.js";
import type { Cast } from "../runs/run-seed.js";
import { calmSettings, type WorldSettings } from "../world/settings.js";
import { parseRequest } from "./scenario-requests.js";
import { describeAnswer } from "../trace/trace-text.js";
import type { TraceSink, TraceTopic } from "../trace/trace.js";
import { World } from "../world/world.js";

/** A story that cannot go on: a command that makes no sense, or an expectation that does not hold. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

/** A world and what the commands so far have said about it. */
export class ScenarioStage {
  readonly #cast: Cast;
  readonly #write: (line: string) => void;
  readonly #topics = new Set<TraceTopic>(["peer", "packet", "client", "world"]);
  #settings: WorldSettings = calmSettings(3);
  #world: World | undefined;
  #faults: FaultRunner | undefined;
  #client: ClientPort | undefined;
  #cxid = 0;
  #answers: (ClientAnswer | undefined)[] = [];
  /** Lines since the last command, of all topics. */
  #said: string[] = [];

  /** `write` takes the lines of the story. */
  constructor(cast: Cast, write: (line: string) => void) {
    this.#cast = cast;
    this.#write = write;
  }

  /** Carries out one command. Throws ScenarioError or InvariantViolation. */
  perform(command: string): void {
    const [name = "", ...words] = command.split(/\s+/);
    const action = COMMANDS[name];
    if (action === undefined) {
      throw new ScenarioError(`unknown command; there are: ${Object.keys(COMMANDS).join(", ")}`);
    }
    if (!name.startsWith("expect")) this.#said = [];
    action(this, words);
  }

  get world(): World {
    if (this.#world === undefined) {
      const sink: TraceSink = (line, topic) => {
        this.#said.push(line);
        if (this.#topics.has(topic)) this.#write(line);
      };
      this.#world = new World({
        seed: 1,
        settings: this.#settings,
        kit: this.#cast.kit,
        checkers: this.#cast.newCheckers(this.#settings),
        sink,
        onStopped: () => undefined,
      });
    }
    return this.#world;
  }

  get faults(): FaultRunner {
    this.#faults ??= new FaultRunner(this.world, 1000);
    return this.#faults;
  }

  say(text: string): void {
    this.#write(`  ${text}`);
  }

  /** Lines since the last command that was no expectation. */
  get said(): readonly string[] {
    return this.#said;
  }

  show(topic: TraceTopic): void {
    this.#topics.add(topic);
  }

  hide(topic: TraceTopic): void {
    this.#topics.delete(topic);
  }

  setEnsemble(voters: number, observers: number): void {
    this.#requireNoWorld();
    const { ensemble } = calmSettings(voters, observers);
    this.#settings = { ...this.#settings, ensemble };
  }

  /** An option of the peers, or of their storage, or the size of the pieces of a snapshot. */
  setOption(name: string, value: number): void {
    this.#requireNoWorld();
    if (name === "snapshotPieceBytes") {
      this.#settings = { ...this.#settings, snapshotPieceBytes: value };
      return;
    }
    const { peer } = this.#settings;
    const isStorage = STORAGE_OPTIONS.includes(name);
    this.#settings = {
      ...this.#settings,
      peer: isStorage
        ? { ...peer, storage: { ...peer.storage, [name]: value } }
        : { ...peer, [name]: value },
    };
  }

  run(forMs: number): void {
    this.world.runUntil(this.world.nowMs + forMs);
  }

  runUntil(holds: () => boolean, what: string): void {
    const { world } = this;
    if (!world.runUntilHolds(world.nowMs + PATIENCE_MS, holds)) {
      throw new ScenarioError(`after ${PATIENCE_MS} ms there is still no ${what}`);
    }
  }

  /** Hands a change to a peer and returns its number in this scenario, from 0. */
  submit(sid: Sid, opCode: number, body: Uint8Array, sessionId = 0n): number {
    this.#client ??= this.world.gateway.portOf("client");
    this.#cxid += 1;
    const nth = this.#answers.length;
    this.#answers.push(undefined);
    const change = { sessionId, cxid: this.#cxid, opCode, body, authInfo: AUTH };
    this.#client.submit(sid, change, (answer) => {
      this.#answers[nth] = answer;
    });
    return nth;
  }

  answer(nth: number): ClientAnswer | undefined {
    return this.#answers[nth];
  }

  get lastAnswer(): ClientAnswer | undefined {
    return this.#answers.at(-1);
  }

  #requireNoWorld(): void {
    if (this.#world !== undefined) {
      throw new ScenarioError("the world exists already: say this before the first start");
    }
  }
}

type Command = (stage: ScenarioStage, words: readonly string[]) => void;

const COMMANDS: Readonly<Record<string, Command>> = {
  /** ensemble VOTERS [OBSERVERS]: sids count from 1, observers last. */
  ensemble: (stage, [voters, observers]) => {
    stage.setEnsemble(number(voters), observers === undefined ? 0 : number(observers));
  },
  /** set OPTION NUMBER */
  set: (stage, [name = "", value]) => {
    stage.setOption(name, number(value));
  },
  /** show TOPIC…: more of the trace: file, ping, notification. */
  show: (stage, topics) => {
    for (const topic of topics) stage.show(topic as TraceTopic);
  },

  /** hide TOPIC…|all: less of the trace. `all` leaves what is done to the world. */
  hide: (stage, topics) => {
    const hidden = topics[0] === "all" ? HIDDEN_BY_ALL : (topics as readonly TraceTopic[]);
    for (const topic of hidden) stage.hide(topic);
  },

  /** start SID…|all */
  start: (stage, words) => {
    for (const sid of sids(stage, words)) stage.world.process(sid).start();
  },
  /** crash SID [lose|keep|tear] [silently] [before EFFECT|PACKET [NTH] | after FILEOPERATION [NTH]] */
  crash: (stage, [word, ...how]) => {
    const manner = { loss: lossOf(how), silently: how.includes("silently") };
    const process = stage.world.process(sid(word));
    if (!process.up) throw new ScenarioError("that peer is not running");
    const trap = trapOf(how);
    if (trap === undefined) {
      process.crash(manner);
    } else {
      process.setTrap(trap, manner, () => undefined);
    }
  },
  /** await-crash SID: lets things happen until a trap has sprung. */
  "await-crash": (stage, [word]) => {
    const process = stage.world.process(sid(word));
    stage.runUntil(() => !process.up, "crash");
  },
  pause: (stage, [word]) => {
    stage.world.process(sid(word)).pause();
  },
  resume: (stage, [word]) => {
    stage.world.process(sid(word)).resume();
  },
  /** stop SID: asks the peer to stop. */
  stop: (stage, [word]) => {
    stage.world.process(sid(word)).handle({ kind: "stop" });
  },

  /** run DURATION */
  run: (stage, [time]) => {
    stage.run(duration(time));
  },
  /** elect [SID]: until a leader serves. */
  elect: (stage, [word]) => {
    const leads = (): boolean =>
      stage.world.processes.some(
        ({ status }) =>
          status?.role === "leading" && status.serving && status.phase === "broadcast",
      );
    stage.runUntil(leads, "leader");
    if (word !== undefined) expectLeader(stage, sid(word));
  },
  /** settle: until all peers that are up serve, with one leader and one state. */
  settle: (stage) => {
    stage.runUntil(() => unrest(stage.world, "running") === undefined, "rest");
  },

  /** await-said TEXT: until the trace has a line with this text, of any topic. */
  "await-said": (stage, words) => {
    const text = words.join(" ");
    stage.runUntil(() => hasSaid(stage, text), `"${text}"`);
  },

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
  /** check SID PATH VERSION: asks whether a znode has this version, and does not wait. */
  check: (stage, [word, path = "/", version]) => {
    const body = CheckVersionRequest.encode({ path, version: number(version) });
    stage.submit(sid(word), OpCode.check, body);
  },
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

  /** cut A-B [quorum|election]: breaks their connections. */
  cut: (stage, [pair, layer = "quorum"]) => {
    const [one, other] = pairOf(pair, "-");
    stage.faults.fire({ kind: "cut", layer: layer as Layer, one, other });
  },
  /** half-open A>B [DURATION]: the election link breaks, and A does not notice before it writes, or so much time has passed. */
  "half-open": (stage, [link, time = "3600s"]) => {
    const [believer, other] = pairOf(link, ">");
    stage.faults.fire({ kind: "halfOpen", believer, other, forMs: duration(time) });
  },
  /** block A>B|A-B [quorum|election]: nothing gets through, in one or both directions. */
  block: (stage, [link, ...layers]) => {
    forEachDirection(stage, link, layers, (layer, from, to) => {
      stage.world.reachability.block(layer, from, to);
    });
  },
  unblock: (stage, [link, ...layers]) => {
    forEachDirection(stage, link, layers, (layer, from, to) => {
      stage.world.reachability.unblock(layer, from, to);
    });
  },
  /** isolate SID: both networks, both directions. */
  isolate: (stage, [word]) => {
    for (const other of stage.world.processes) {
      if (other.sid === sid(word)) continue;
      forEachDirection(stage, `${word ?? ""}-${other.sid}`, [], (layer, from, to) => {
        stage.world.reachability.block(layer, from, to);
      });
    }
  },
  /** heal: nothing is blocked any more. */
  heal: (stage) => {
    stage.world.reachability.openAll();
  },
  /** hold A>B PACKET: packets of this kind, and what follows them, wait on the way. */
  hold: (stage, [link, kind]) => {
    const [from, to] = pairOf(link, ">");
    const { world } = stage;
    world.quorum.hold(
      world.process(from).index,
      world.process(to).index,
      kind as OutgoingPacket["kind"],
    );
  },
  release: (stage, [link]) => {
    const [from, to] = pairOf(link, ">");
    stage.world.quorum.release(stage.world.process(from).index, stage.world.process(to).index);
  },
  /** inject FROM>TO HEX: these bytes arrive at TO behind all that FROM has sent so far on their quorum connection. */
  inject: (stage, [link, hex = ""]) => {
    const [from, to] = pairOf(link, ">");
    const { world } = stage;
    const connection = world.quorum.openEnd(world.process(from).index, world.process(to).index);
    if (connection === undefined) throw new ScenarioError("they are not connected");
    world.process(to).handle({ kind: "received", connection, bytes: bytesOfHex(hex) });
  },
  /** fail SID FILEOPERATION no-space|io: the next one. */
  fail: (stage, [word, operation, reason]) => {
    stage.faults.fire({
      kind: "failFile",
      target: { kind: "sid", sid: sid(word) },
      fault: { operation: operation as FileOperation["kind"], reason: reason as "io" | "no-space" },
    });
  },
  /** slow-disk SID FACTOR: 1 is normal. */
  "slow-disk": (stage, [word, factor]) => {
    stage.world.process(sid(word)).disk.slowDown(number(factor));
  },

  /** notify FROM>TO HEX: these bytes reach the election port of TO, on the link of FROM. */
  notify: (stage, [link, hex = ""]) => {
    const [from, to] = pairOf(link, ">");
    stage.world.process(to).handle({ kind: "notified", from, bytes: bytesOfHex(hex) });
  },
  /** lose-file SID DIRECTORY/NAME: removes it while nobody looks. */
  "lose-file": (stage, [word, path]) => {
    const { disk } = stage.world.process(sid(word));
    if (!disk.lose(filePath(path))) throw new ScenarioError("there is no such file");
  },
  /** place-file SID DIRECTORY/NAME HEX: puts a file there, or other bytes into it; `-` for none. */
  "place-file": (stage, [word, path, hex = "-"]) => {
    const contents = hex === "-" ? new Uint8Array() : bytesOfHex(hex);
    stage.world.process(sid(word)).disk.place(filePath(path), contents);
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

  /** files SID: the names on the disk, now and after a power failure. */
  files: (stage, [word]) => {
    const { disk } = stage.world.process(sid(word));
    for (const directory of ["data", "log"] as const) {
      const durable = disk.names(directory, "durable");
      for (const name of disk.names(directory, "current")) {
        stage.say(`${directory}/${name}${durable.includes(name) ? "" : " (not durable)"}`);
      }
    }
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

function hasSaid(stage: ScenarioStage, text: string): boolean {
  return stage.said.some((line) => line.replace(/\s+/g, " ").includes(text));
}

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
  stage.runUntil(() => stage.answer(nth) !== undefined, "answer");
  const answer = stage.answer(nth);
  if (answer?.kind !== "applied" || answer.result.err !== 0) {
    throw new ScenarioError(answer === undefined ? "no answer" : describeAnswer(answer));
  }
}

function expectLeader(stage: ScenarioStage, wanted: Sid): void {
  const leaders = stage.world.processes
    .filter(({ status }) => status?.role === "leading")
    .map((process) => process.sid);
  if (leaders.length !== 1 || leaders[0] !== wanted) {
    throw new ScenarioError(
      `the leader is ${leaders.length === 0 ? "nobody" : leaders.join(" and ")}`,
    );
  }
}

function dataAt(stage: ScenarioStage, at: Sid, path: string): string | undefined {
  const { tree } = stage.world.process(at);
  if (tree === undefined) throw new ScenarioError("that peer is not running");
  const znode = tree.getNode(path);
  if (znode === undefined) return undefined;
  return String.fromCharCode(...(znode.data ?? []));
}

function forEachDirection(
  stage: ScenarioStage,
  link: string | undefined,
  layers: readonly string[],
  act: (layer: Layer, from: number, to: number) => void,
): void {
  const isBoth = link?.includes("-") ?? false;
  const [from, to] = pairOf(link, isBoth ? "-" : ">");
  const { world } = stage;
  const [one, other] = [world.process(from).index, world.process(to).index];
  for (const layer of layers.length === 0 ? (["quorum", "election"] as const) : layers) {
    act(layer as Layer, one, other);
    if (isBoth) act(layer as Layer, other, one);
  }
}

function lossOf(words: readonly string[]): CrashLoss {
  if (words.includes("lose")) return { kind: "power", keepProbability: 0, tear: false };
  if (words.includes("keep")) return { kind: "power", keepProbability: 1, tear: false };
  if (words.includes("tear")) return { kind: "power", keepProbability: 1, tear: true };
  return { kind: "process" };
}

function trapOf(words: readonly string[]): CrashTrap | undefined {
  const before = words.indexOf("before");
  const after = words.indexOf("after");
  const at = Math.max(before, after);
  const what = words[at + 1];
  if (at < 0) return undefined;
  if (what === undefined) throw new ScenarioError("before or after what?");
  const nth = words[at + 2] === undefined ? 1 : number(words[at + 2]);
  if (before < 0) return { kind: "afterFile", operation: what as FileOperation["kind"], nth };
  // Packets have names in capitals, effects have not.
  return what === what.toUpperCase()
    ? { kind: "beforePacket", packet: what as OutgoingPacket["kind"], nth }
    : { kind: "beforeEffect", effect: what as Effect["kind"], nth };
}

function sids(stage: ScenarioStage, words: readonly string[]): readonly Sid[] {
  const isAll = words.length === 0 || words[0] === "all";
  return isAll ? stage.world.processes.map((process) => process.sid) : words.map(sid);
}

function sid(word: string | undefined): Sid {
  if (word === undefined || !/^\d+$/.test(word)) {
    throw new ScenarioError(`expected a server id, not ${word ?? "nothing"}`);
  }
  return BigInt(word);
}

function pairOf(word: string | undefined, separator: string): readonly [Sid, Sid] {
  const [one, other, ...more] = (word ?? "").split(separator);
  if (more.length > 0) throw new ScenarioError(`expected two server ids, not ${word ?? ""}`);
  return [sid(one), sid(other)];
}

function number(word: string | undefined): number {
  const value = Number(word);
  if (word === undefined || !Number.isFinite(value)) {
    throw new ScenarioError(`expected a number, not ${word ?? "nothing"}`);
  }
  return value;
}

function duration(word: string | undefined): number {
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(word ?? "") ?? [];
  if (amount === undefined)
    throw new ScenarioError(`expected a time like 500ms, not ${word ?? "nothing"}`);
  return Number(amount) * (unit === "s" ? 1000 : 1);
}

function filePath(word: string | undefined): FilePath {
  const [directory, name, ...more] = (word ?? "").split("/");
  const isDirectory = directory === "data" || directory === "log";
  if (!isDirectory || name === undefined || more.length > 0) {
    throw new ScenarioError(`expected data/NAME or log/NAME, not ${word ?? "nothing"}`);
  }
  return { directory, name };
}

function bytesOfHex(hex: string): Uint8Array {
  if (!/^([0-9a-f]{2})+$/.test(hex)) throw new ScenarioError(`expected hex digits, not ${hex}`);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Simulated time after which a story does not wait any longer. */
const PATIENCE_MS = 60_000;

const HIDDEN_BY_ALL: readonly TraceTopic[] = ["peer", "packet", "client"];

const AUTH = [{ scheme: "ip", id: "127.0.0.1" }];

const STORAGE_OPTIONS = [
  "snapCount",
  "preAllocSizeBytes",
  "maxBatchTxns",
  "maxBatchBytes",
  "readBytes",
  "retainSnapshots",
];
