/** The processes that make the load, and end with this one. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { clientArguments, type Java } from "./java.js";
import { type LoadFigures, loadFigures } from "./latencies.js";
import type { Fill, Kill, Load } from "./load.js";
import type { Sessions } from "./load-process.js";
import { Questions } from "./questions.js";
import type { Watching } from "./watches.js";

/** Our load program. The same process loads both makers' servers, in turn. */
export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #questions: Questions;

  constructor() {
    this.#child = fork(fileURLToPath(new URL("load-process.js", import.meta.url)), [], {
      execArgv: [],
    });
    this.#questions = new Questions(this.#child);
  }

  /** Creates the znodes. Returns how many a second. */
  async fill(fill: Fill): Promise<number> {
    return (await this.#questions.ask("fill", fill)) as number;
  }

  async load(address: string, load: Load): Promise<LoadFigures> {
    return (await this.#questions.ask("load", { address, load })) as LoadFigures;
  }

  /** Resolves when any of the servers has answered a write. They need not run yet. */
  async firstWrite(addresses: readonly string[]): Promise<void> {
    await this.#questions.ask("firstWrite", addresses);
  }

  /** Kills a process under a light load; the milliseconds to the next write's answer. */
  async kill(kill: Kill): Promise<number> {
    return (await this.#questions.ask("kill", kill)) as number;
  }

  /** Milliseconds until a change of one znode has been told to so many watchers. */
  async fanOut(watching: Watching): Promise<number> {
    return (await this.#questions.ask("fanOut", watching)) as number;
  }

  /** Milliseconds until one client has been told of the changes of so many znodes. */
  async manyWatches(watching: Watching): Promise<number> {
    return (await this.#questions.ask("manyWatches", watching)) as number;
  }

  /** Opens sessions that do nothing; the milliseconds that it took. */
  async openSessions(sessions: Sessions): Promise<number> {
    return (await this.#questions.ask("openSessions", sessions)) as number;
  }

  /** Drops the connections of those sessions, which expire then. */
  async abandonSessions(): Promise<void> {
    await this.#questions.ask("abandonSessions", undefined);
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Apache's own asynchronous client, which writes to the children of /bench. */
export class ApacheLoadProcess {
  readonly #child: ReturnType<typeof spawnClient>;
  readonly #lines: AsyncIterator<string>;

  constructor(java: Java) {
    this.#child = spawnClient(java);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async load(address: string, load: Load): Promise<LoadFigures> {
    const { outstanding, seconds, warmSeconds, znodes, bytes } = load;
    const fields = [address, outstanding, seconds, warmSeconds, znodes, bytes];
    this.#child.stdin.write(`${fields.join("\t")}\n`);
    const line = await this.#lines.next();
    const text = line.done === true ? "failed: the process has ended" : line.value;
    if (text.startsWith("failed")) throw new Error(`Apache's client ${text}`);
    const [, ...microseconds] = text.split(" ");
    return loadFigures(
      Float64Array.from(microseconds, (value) => Number(value) / 1000),
      seconds,
    );
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

function spawnClient(java: Java) {
  return spawn("java", clientArguments(java), { stdio: ["pipe", "pipe", "inherit"] });
}
