/**
 * A Storage with a register and a crash disk, driven operation by operation. It
 * keeps the books of what was promised, so that a test can hold a recovery to it.
 */
import type {
  Effect,
  FileLane,
  FileOperation,
  FileOperationId,
  FileResult,
  Report,
  StorageOptions,
  LoggedTxn,
} from "../../src/index.js";
import type { Zxid } from "@jute-ts/zookeeper";
import { Storage } from "../../src/storage/storage.js";
import type { StorageOutcome } from "../../src/storage/storage-outcome.js";
import { makeTxn, RegisterState } from "../register-state.js";
import { CrashDisk } from "./crash-disk.js";

/** A history that a restart may find: at least all of `promised`, at most all of `written`. */
export interface PossibleHistory {
  readonly promised: readonly Zxid[];
  readonly written: readonly Zxid[];
}

export interface Books {
  /** Any of these. */
  readonly histories: readonly PossibleHistory[];
  /** The least that the epochs may be. */
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
}

interface Waiting {
  readonly id: FileOperationId;
  readonly lane: FileLane;
  readonly operation: FileOperation;
}

export class StorageBench {
  readonly disk: CrashDisk;
  readonly state = new RegisterState();
  readonly storage: Storage;
  readonly outcomes: StorageOutcome[] = [];
  readonly operations: FileOperation[] = [];
  readonly reports: Report[] = [];
  /** Called before the first operation and after each. */
  onBoundary: (() => void) | undefined;
  /** Instead of the disk, for an operation that is to fail. */
  intercept: ((operation: FileOperation) => FileResult | undefined) | undefined;
  /** Which of the lanes that wait goes on. */
  chooseLane: (lanes: number) => number = () => 0;
  #waiting: Waiting[] = [];
  nowMs = 0;
  /** How much later it is at each look at the clock: so much that a mark follows each batch. */
  tickMs = 1000;
  /** While a snapshot is being installed, the state must not change. */
  #unapplied: LoggedTxn[] = [];
  #histories: PossibleHistory[] = [{ promised: [], written: [] }];
  #acceptedEpoch = 0;
  #currentEpoch = 0;

  constructor(disk: CrashDisk = new CrashDisk(), storage: StorageOptions = SMALL) {
    this.disk = disk;
    this.storage = new Storage(
      {
        storage,
        maxTxnBytes: 4096,
        commitLogCount: 5,
        random: () => 0,
        nowMs: () => (this.nowMs += this.tickMs),
      },
      this.state,
      (effect) => {
        this.#onEffect(effect);
      },
      (outcome) => {
        this.#onOutcome(outcome);
      },
    );
  }

  get books(): Books {
    return {
      histories: this.#histories,
      acceptedEpoch: this.#acceptedEpoch,
      currentEpoch: this.#currentEpoch,
    };
  }

  /** Begins the life of a server; `run` finishes the recovery. */
  recover(): this {
    this.storage.recover();
    return this.run();
  }

  /** Carries out all that was asked for, and all that comes of it. */
  run(): this {
    this.onBoundary?.();
    while (this.#waiting.length > 0) this.step();
    return this;
  }

  /** Carries out one operation. */
  step(): this {
    const [waiting] = this.#waiting.splice(this.chooseLane(this.#waiting.length), 1);
    if (waiting === undefined) return this;
    const { id, operation } = waiting;
    this.operations.push(operation);
    const result = this.intercept?.(operation) ?? this.disk.carryOut(operation);
    // What a crash before the news would find is held to less than what one after it would.
    this.storage.onFileDone(id, result);
    this.onBoundary?.();
    return this;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  append(...zxids: readonly Zxid[]): this {
    for (const zxid of zxids) {
      const txn = makeTxn(zxid);
      this.#extendHistory(zxid);
      this.storage.append(txn);
      if (this.#histories.length > 1) this.#unapplied.push(txn);
      else this.#applyTxn(txn);
    }
    return this;
  }

  #applyTxn(txn: LoggedTxn): void {
    this.state.apply(txn);
    this.storage.onApplied();
  }

  /** What is appended while a snapshot is being installed belongs to its history alone. */
  #extendHistory(zxid: Zxid): void {
    const last = this.#histories.length - 1;
    this.#histories = this.#histories.map((history, index) =>
      index === last ? { ...history, written: [...history.written, zxid] } : history,
    );
  }

  /** Both epochs, in the order of the protocol. */
  epoch(epoch: number): this {
    this.storage.writeAcceptedEpoch(epoch);
    this.run();
    this.storage.writeCurrentEpoch(epoch);
    return this.run();
  }

  truncate(zxid: Zxid): this {
    const [history] = this.#histories;
    const left = history?.written.filter((each) => each <= zxid) ?? [];
    this.#histories = [{ promised: left, written: history?.written ?? [] }];
    this.storage.truncate(zxid);
    return this;
  }

  /** A leader's snapshot: the state becomes one that holds these txns. */
  install(zxid: Zxid, applied: readonly Zxid[]): this {
    const [history] = this.#histories;
    const written = history?.written ?? [];
    this.#histories = [
      { promised: written.filter((each) => each <= zxid), written },
      { promised: applied, written: applied },
    ];
    this.state.clear();
    this.state.applied = [...applied];
    this.state.setLastProcessed(zxid);
    this.storage.installSnapshot();
    return this;
  }

  /** The last outcome of a kind; throws when there is none. */
  outcome<K extends StorageOutcome["kind"]>(kind: K): Extract<StorageOutcome, { kind: K }> {
    const found = this.outcomes.filter((outcome) => outcome.kind === kind).at(-1);
    if (found === undefined) {
      throw new Error(`no outcome "${kind}" among ${JSON.stringify(this.outcomes, bigintText)}`);
    }
    return found as Extract<StorageOutcome, { kind: K }>;
  }

  /** Takes over what another life of the same disk had promised. */
  continueBooks(books: Books): this {
    this.#acceptedEpoch = books.acceptedEpoch;
    this.#currentEpoch = books.currentEpoch;
    this.#histories = [...books.histories];
    return this;
  }

  #onEffect(effect: Effect): void {
    if (effect.kind === "file") this.#waiting.push(effect);
    else if (effect.kind === "report") this.reports.push(effect.report);
  }

  #onOutcome(outcome: StorageOutcome): void {
    this.outcomes.push(outcome);
    switch (outcome.kind) {
      case "durable":
        this.#histories = this.#histories.map(({ written }) => ({
          promised: written.filter((zxid) => zxid <= outcome.zxid),
          written,
        }));
        break;
      case "acceptedEpochDurable":
        this.#acceptedEpoch = outcome.epoch;
        break;
      case "currentEpochDurable":
        this.#currentEpoch = outcome.epoch;
        break;
      case "snapshotInstalled":
        this.#histories = this.#histories.slice(1);
        for (const txn of this.#unapplied.splice(0)) this.#applyTxn(txn);
        break;
      case "recovered":
      case "truncated":
      case "reloaded":
      case "cannotTruncate": {
        const loaded = [...this.state.applied];
        this.#histories = [{ promised: loaded, written: loaded }];
        break;
      }
      case "drained":
      case "refused":
      case "failed":
        break;
    }
  }
}

export function bigintText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}

/** Everything small, so that short histories reach everything. */
export const SMALL: StorageOptions = {
  snapCount: 1_000,
  preAllocSizeBytes: 8192,
  maxBatchTxns: 4,
  readBytes: 700,
};
