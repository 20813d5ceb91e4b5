/** The world of a story, and what its commands have said and asked so far. */
import type { Sid } from "@jute-ts/zookeeper";
import type { ClientAnswer, ClientPort } from "../clients/client.js";
import { FaultRunner } from "../faults/fault-runner.js";
import type { Cast } from "../runs/run-seed.js";
import { calmSettings, type WorldSettings } from "../world/settings.js";
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

  /** Forgets what was said so far: the story goes on. */
  beginCommand(): void {
    this.#said = [];
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
    if (name === "autocreate") {
      const storage = { ...peer.storage, autocreate: value !== 0 };
      this.#settings = { ...this.#settings, peer: { ...peer, storage } };
      return;
    }
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
    this.#cxid += 1;
    const change = { sessionId, cxid: this.#cxid, opCode, body, authInfo: AUTH };
    return this.#ask((client, onAnswer) => client.submit(sid, change, onAnswer));
  }

  /** A session's client comes to a peer. Returns the number of that, as of a change. */
  move(sid: Sid, sessionId: bigint, timeoutMs: number): number {
    return this.#ask((client, onAnswer) => client.revalidate(sid, sessionId, timeoutMs, onAnswer));
  }

  #ask(ask: (client: ClientPort, onAnswer: (answer: ClientAnswer) => void) => void): number {
    this.#client ??= this.world.gateway.portOf("client");
    const nth = this.#answers.length;
    this.#answers.push(undefined);
    ask(this.#client, (answer) => {
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

/** Carries out a command, with the words after its name. Throws ScenarioError or InvariantViolation. */
export type Command = (stage: ScenarioStage, words: readonly string[]) => void;

/** Simulated time after which a story does not wait any longer. */
const PATIENCE_MS = 60_000;

const AUTH = [{ scheme: "ip", id: "127.0.0.1" }];

const STORAGE_OPTIONS = [
  "snapCount",
  "preAllocSizeBytes",
  "maxBatchTxns",
  "maxBatchBytes",
  "readBytes",
  "retainSnapshots",
];
