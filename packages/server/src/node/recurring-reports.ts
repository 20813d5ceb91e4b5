/**
 * Keeps trouble that lasts from filling the log: it is said at once, when it
 * changes, and then at long intervals, with how often it happened meanwhile.
 */
import type { NetworkReport, NetworkTrouble } from "./network-report.js";

export interface RecurringOptions {
  readonly emit: (report: NetworkReport) => void;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** After which time the same is said again. */
  readonly repeatMs: number;
}

interface Said {
  readonly sinceMs: number;
  code: string;
  lastMs: number;
  /** How often it has happened since it was last said. */
  unsaid: number;
}

export class RecurringReports {
  readonly #options: RecurringOptions;
  readonly #said = new Map<string, Said>();

  constructor(options: RecurringOptions) {
    this.#options = options;
  }

  /** Something happened. `key` names what it happened to; another code is another situation. */
  happened(key: string, trouble: NetworkTrouble): void {
    const nowMs = this.#options.now();
    const name = this.#said.has(key) || this.#makeRoom(nowMs) ? key : OTHERS;
    const said = this.#said.get(name);
    if (said === undefined) {
      this.#said.set(name, { sinceMs: nowMs, code: trouble.code, lastMs: nowMs, unsaid: 0 });
      this.#options.emit({ ...trouble, times: 1 });
      return;
    }
    said.unsaid++;
    const waitMs = said.code === trouble.code ? this.#options.repeatMs : CHANGE_MS;
    if (nowMs - said.lastMs < waitMs) return;
    const times = said.unsaid;
    Object.assign(said, { code: trouble.code, lastMs: nowMs, unsaid: 0 });
    this.#options.emit({ ...trouble, times });
  }

  /** It is over. Returns how long it lasted, where it was said at all. */
  ended(key: string): number | undefined {
    const said = this.#said.get(key);
    this.#said.delete(key);
    return said && this.#options.now() - said.sinceMs;
  }

  /** Strangers come from as many addresses as they like: those that are over make room, the rest share one line. */
  #makeRoom(nowMs: number): boolean {
    if (this.#said.size < MAX_KEYS) return true;
    for (const [key, { lastMs }] of this.#said) {
      if (nowMs - lastMs >= this.#options.repeatMs) this.#said.delete(key);
    }
    return this.#said.size < MAX_KEYS;
  }
}

/** Who changes all the time does not get more lines by it. */
const CHANGE_MS = 5000;
const MAX_KEYS = 64;
const OTHERS = "others";
