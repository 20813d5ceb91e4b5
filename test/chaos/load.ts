/**
 * Clients that create znodes through every server of an ensemble at once, and
 * remember what became of each: through ours by a request of a peer, through
 * Apache's by Apache's own client.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Sid } from "@jute-ts/zookeeper";
import type { Session } from "../interop/kit/apache-client.js";
import { ClientError } from "../interop/kit/command-process.js";
import type { MixedEnsemble } from "../interop/kit/mixed-ensemble.js";
import type { DirectSessions } from "./direct-sessions.js";
import type { WriteOutcome } from "../interop/kit/own-process.js";

export interface LoadOptions {
  /** Writes that are under way at once. */
  readonly writers: number;
  /** How long a writer waits after each write. */
  readonly pauseMs: number;
  /** Told when a write that began at this time was acknowledged. */
  readonly onAcknowledged: (startedMs: number) => void;
}

/** What became of the writes below one znode. */
export interface Written {
  readonly acknowledged: string[];
  refused: number;
  unknown: number;
}

export class Load {
  readonly #ensemble: MixedEnsemble;
  readonly #options: LoadOptions;
  readonly #sessions: DirectSessions;
  #root = "/";
  #written: Written = { acknowledged: [], refused: 0, unknown: 0 };
  #isOn = false;
  #writers: Promise<unknown> = Promise.resolve();
  #lastName = 0;

  constructor(ensemble: MixedEnsemble, sessions: DirectSessions, options: LoadOptions) {
    this.#ensemble = ensemble;
    this.#sessions = sessions;
    this.#options = options;
  }

  /** Begins to write below `root`, which is made first. All servers must serve. */
  async begin(root: string): Promise<void> {
    const { sids } = this.#ensemble;
    for (
      let tries = 0;
      (await this.#write(sids[tries % sids.length] ?? 1n, root)) !== "acknowledged";
    ) {
      if (++tries === MOST_TRIES) throw new Error(`${root} cannot be made`);
      await delay(100);
    }
    this.#root = root;
    this.#written = { acknowledged: [root], refused: 0, unknown: 0 };
    this.#isOn = true;
    this.#writers = Promise.all(
      Array.from({ length: this.#options.writers }, (_, first) => this.#writeOn(first)),
    );
  }

  /** Lets the last writes end. */
  async end(): Promise<Written> {
    this.#isOn = false;
    await this.#writers;
    return this.#written;
  }

  /** Each writer stays with its server, so that a server that is away holds up no other's. */
  async #writeOn(writer: number): Promise<void> {
    const { sids } = this.#ensemble;
    const sid = sids[writer % sids.length] ?? 1n;
    while (this.#isOn) {
      const path = `${this.#root}/n${++this.#lastName}`;
      const startedMs = performance.now();
      const outcome = await this.#write(sid, path);
      if (outcome === "acknowledged") {
        this.#written.acknowledged.push(path);
        this.#options.onAcknowledged(startedMs);
      } else {
        this.#written[outcome]++;
      }
      await delay(outcome === "acknowledged" ? this.#options.pauseMs : REFUSED_PAUSE_MS);
    }
  }

  async #write(sid: Sid, path: string): Promise<WriteOutcome> {
    if (!this.#ensemble.isApache(sid)) return await this.#ensemble.ownProcess(sid).create(path);
    let session: Session;
    try {
      session = await this.#sessions.of(sid);
    } catch (error) {
      if (error instanceof ClientError) return "refused";
      throw error;
    }
    try {
      await session.create(path);
      return "acknowledged";
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.#sessions.forget(sid, error);
      return MAY_HAVE_HAPPENED.has(error.code) ? "unknown" : "refused";
    }
  }
}

/** A session that has expired, the loss of a connection, a request that took too long. */
const MAY_HAVE_HAPPENED: ReadonlySet<number> = new Set([-112, -4, -7]);
const REFUSED_PAUSE_MS = 10;
const MOST_TRIES = 50;
