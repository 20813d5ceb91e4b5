/**
 * What one session does all the time: writes and reads of every kind, some without
 * waiting for those before, and a second look at whatever its watches tell of.
 */
import { setTimeout as delay } from "node:timers/promises";
import { CreateMode } from "@jute-ts/zookeeper";
import type { Random } from "../../fuzz/random.js";
import type { Outcome, Request } from "./history.js";
import type { RecordedSession } from "./recorded-session.js";
import {
  EPHEMERALS,
  LINE,
  MADE,
  REGISTERS,
  TURNOVER,
  TURNS,
  WATCHED_PERSISTENTLY,
} from "./znodes.js";

export class Activity {
  readonly session: RecordedSession;
  readonly #random: Random;
  readonly #pauseMs: number;
  /** Made by this session, and not deleted. */
  readonly #own: string[] = [];
  /** The version of each register as this session knows it. */
  readonly #versions = new Map<string, number>();
  /** Znodes that are to be watched, and are not known to be. */
  readonly #unwatched = new Map<string, Watched["op"]>();
  readonly #watched: readonly Watched[];
  readonly #counted: string | undefined;
  #last = 0;
  #isOn = false;
  #done: Promise<void> = Promise.resolve();

  /** `pauseMs`: how long it waits after each request, on average. */
  constructor(session: RecordedSession, random: Random, pauseMs: number) {
    this.session = session;
    this.#random = random;
    this.#pauseMs = pauseMs;
    const { index } = session.info;
    const once = REGISTERS.slice(0, -WATCHED_PERSISTENTLY);
    const always = REGISTERS.slice(-WATCHED_PERSISTENTLY);
    this.#watched = [
      { op: "get", path: once[index % once.length] ?? "" },
      { op: "children", path: TURNOVER },
      { op: "exists", path: TURNS[index % TURNS.length] ?? "" },
    ];
    this.#counted = always[index % always.length];
    if (!session.setsWatches) return;
    for (const { op, path } of this.#watched) this.#unwatched.set(path, op);
  }

  /** Goes on until `pause`. */
  begin(): void {
    this.#isOn = true;
    this.#done = this.#run();
  }

  /** Resolves when every request is answered. */
  async pause(): Promise<void> {
    this.#isOn = false;
    await this.#done;
  }

  /** Sets what watches for as long as the session lasts. */
  async watch(): Promise<void> {
    const { session } = this;
    const [register] = this.#watched;
    if (session.setsWatches) await session.watchPersistently(this.#counted ?? "");
    else await session.show(register?.path ?? "", TURNOVER);
  }

  /** Reads once more all that is watched, after everything that is done by now. False if the connection was lost meanwhile. */
  async lookAgain(): Promise<boolean> {
    const { session } = this;
    const reads: Request[] = [{ op: "sync" }];
    if (session.setsWatches) {
      reads.push({ op: "get", path: this.#counted ?? "", watches: false });
      reads.push(...this.#watched.map((watched) => ({ ...watched, watches: false })));
    }
    for (const path of REGISTERS) {
      if (path !== this.#counted) reads.push({ op: "get", path, watches: false });
    }
    const outcomes = await Promise.all(reads.map((read) => session.request(read)));
    return outcomes.every(({ kind }) => kind !== "unknown");
  }

  async #run(): Promise<void> {
    while (this.#isOn && !this.session.isOver) {
      await this.#watchAgain();
      // kazoo's answers do not come in the order of its requests.
      const count = this.session.setsWatches && this.#random.below(4) === 0 ? 3 : 1;
      const requests = Array.from({ length: count }, () => this.#draw());
      const outcomes = await Promise.all(requests.map((request) => this.session.request(request)));
      for (const [nth, request] of requests.entries()) this.#learn(request, outcomes[nth]);
      await delay(this.#random.below(2 * this.#pauseMs));
    }
  }

  async #watchAgain(): Promise<void> {
    for (const path of this.session.fired) {
      const watched = this.#watched.find((each) => each.path === path);
      if (watched !== undefined) this.#unwatched.set(path, watched.op);
    }
    this.session.fired.clear();
    for (const [path, op] of this.#unwatched) {
      const outcome = await this.session.request({ op, path, watches: true });
      if (outcome.kind !== "unknown") this.#unwatched.delete(path);
    }
  }

  #draw(): Request {
    const { index } = this.session.info;
    const value = `${index}-${++this.#last}`;
    const choice = this.#random.below(100);
    const made = (root: string, flags: number): Request => {
      return { op: "create", path: `${root}/n${value}`, value, flags };
    };
    if (choice < 20) return made(MADE, CreateMode.PERSISTENT);
    if (choice < 32) return made(EPHEMERALS, CreateMode.EPHEMERAL);
    if (choice < 42) {
      const flags = CreateMode.PERSISTENT_SEQUENTIAL;
      return { op: "create", path: `${LINE}/n-`, value, flags };
    }
    if (choice < 67) return this.#drawSet(value);
    if (choice < 77) {
      const counts = this.#random.below(2) === 0;
      const path = (counts ? this.#counted : undefined) ?? this.#random.pick(REGISTERS);
      return { op: "get", path, watches: false };
    }
    const turn = this.#random.pick(TURNS);
    if (choice < 84) return { op: "create", path: turn, value, flags: CreateMode.PERSISTENT };
    if (choice < 91) return { op: "delete", path: turn };
    if (choice < 95) return { op: "exists", path: turn, watches: false };
    if (choice < 98) return { op: "delete", path: this.#own.pop() ?? turn };
    return { op: "sync" };
  }

  #drawSet(value: string): Request {
    const path = this.#random.pick(REGISTERS);
    const version = this.#random.below(2) === 0 ? -1 : (this.#versions.get(path) ?? 0);
    return { op: "set", path, value, version };
  }

  #learn(request: Request, outcome: Outcome | undefined): void {
    if (outcome?.kind !== "ok" || !("path" in request)) return;
    const { found } = outcome;
    if (request.op === "create" && request.path.startsWith(`${MADE}/`))
      this.#own.push(request.path);
    if ((request.op === "set" || request.op === "get") && found !== undefined) {
      this.#versions.set(request.path, found.version);
    }
  }
}

interface Watched {
  readonly op: "get" | "exists" | "children";
  readonly path: string;
}
