/**
 * Draws a client's next operation, and remembers what answers have told: the
 * versions of registers, and the writes that may be repeated because nobody knows
 * whether they happened.
 */
import { CreateMode } from "@jute-ts/zookeeper";
import type { ClientAnswer } from "./client.js";
import type { Random } from "../world/random.js";
import {
  type ChangeBody,
  checkPart,
  createChange,
  createPart,
  createTtlChange,
  deleteChange,
  deletePart,
  multiChange,
  setChange,
  setPart,
} from "./change-requests.js";
import { EPHEMERALS, registerPath, SEQUENCES, SHORT_LIVED } from "./paths.js";
import { drawReadPath, drawWildChange, setupChanges, type WildOptions } from "./wild-operations.js";
import { type OperationMix, USERS, type Workload } from "./workload.js";

export type DrawnOperation =
  | {
      readonly kind: "change";
      readonly change: ChangeBody;
      /** The register that it writes, where the answer tells its version. */
      readonly register?: string;
      /** The version that the register must have, if that keeps the write from happening twice. */
      readonly expectedVersion?: number;
    }
  | { readonly kind: "read"; readonly path: string }
  /** `times`: how many syncs, one right after the other, each with its read; with `changes`, each right after a change. */
  | {
      readonly kind: "syncAndRead";
      readonly path: string;
      readonly times: number;
      readonly changes: boolean;
    }
  | { readonly kind: "move" }
  | { readonly kind: "closeSession" }
  | { readonly kind: "leave" };

type DrawnChange = Extract<DrawnOperation, { kind: "change" }>;

export class OperationSource {
  readonly #name: string;
  readonly #workload: Workload;
  readonly #kinds: readonly (keyof OperationMix)[];
  readonly #weights: readonly number[];
  readonly #versions = new Map<string, number>();
  readonly #wild: WildOptions;
  /** Containers that this client has made, and whether a child of each was made too. */
  #containers: { readonly path: string; hasChild: boolean }[] = [];
  #ephemerals: string[] = [];
  #repeats: DrawnChange[] = [];
  #count = 0;

  constructor(name: string, workload: Workload) {
    this.#name = name;
    this.#workload = workload;
    this.#kinds = Object.keys(workload.mix) as (keyof OperationMix)[];
    this.#weights = this.#kinds.map((kind) => workload.mix[kind]);
    this.#wild = {
      users: USERS,
      longestTtlMs: workload.longestTtlMs,
      setsQuotas: workload.setsQuotas,
      asksNonsense: true,
      newValue: () => this.#nextValue(),
    };
  }

  /** What must be there for the rest to succeed. Whoever comes first creates it. */
  setup(): ChangeBody[] {
    return setupChanges(this.#workload.setsQuotas);
  }

  draw(random: Random): DrawnOperation {
    const register = registerPath(random.integer(0, this.#workload.registers - 1));
    switch (random.pickWeighted(this.#kinds, this.#weights)) {
      case "registerSet":
        return this.#set(random, register, ANY_VERSION);
      case "registerCompareAndSet":
        return this.#set(random, register, this.#versions.get(register) ?? 0);
      case "registerCreate":
        return {
          kind: "change",
          register,
          change: createChange(register, this.#value(random), CreateMode.PERSISTENT),
        };
      case "registerDelete":
        return {
          kind: "change",
          change: deleteChange(
            register,
            random.chance(0.5) ? ANY_VERSION : this.#version(register),
          ),
        };
      case "multi":
        return { kind: "change", change: this.#multi(random) };
      case "sequential": {
        const flags = random.chance(0.3)
          ? CreateMode.EPHEMERAL_SEQUENTIAL
          : CreateMode.PERSISTENT_SEQUENTIAL;
        return {
          kind: "change",
          change: createChange(`${SEQUENCES}/n-`, this.#value(random), flags),
        };
      }
      case "ephemeral":
        return { kind: "change", change: this.#ephemeral(random) };
      case "shortLived":
        return { kind: "change", change: this.#shortLived(random) };
      case "syncAndRead":
        return {
          kind: "syncAndRead",
          path: register,
          times: random.pick([1, 2, 6]),
          changes: random.chance(0.5),
        };
      case "read":
        return { kind: "read", path: register };
      case "move":
        return { kind: "move" };
      case "closeSession":
        return { kind: "closeSession" };
      case "leave":
        return { kind: "leave" };
      case "wild":
        return { kind: "change", change: drawWildChange(random, this.#wild) };
      case "wildRead":
        return { kind: "read", path: drawReadPath(random) };
    }
  }

  /** What an answer says about the register that was written. */
  learn(drawn: DrawnChange, answer: ClientAnswer): void {
    if (answer.kind === "applied") {
      const { err, stat } = answer.result;
      if (drawn.register !== undefined && err === 0)
        this.learnVersion(drawn.register, stat?.version);
    } else if (answer.kind === "unknown" || answer.kind === "disconnected") {
      if (drawn.expectedVersion !== undefined && this.#repeats.length < MAX_REPEATS)
        this.#repeats.push(drawn);
    }
  }

  /** A register has this version, or is not there. */
  learnVersion(register: string, version: number | undefined): void {
    if (version === undefined) this.#versions.delete(register);
    else this.#versions.set(register, version);
  }

  /** The writes to repeat now: with the version that they expected, and values of their own. */
  takeRepeats(): DrawnChange[] {
    return this.#repeats.splice(0).flatMap((drawn) => {
      const { register, expectedVersion } = drawn;
      if (register === undefined || expectedVersion === undefined) return [];
      return [{ ...drawn, change: setChange(register, this.#nextValue(), expectedVersion) }];
    });
  }

  /** A new session: its predecessor's ephemerals are not its own. */
  forget(): void {
    this.#ephemerals = [];
    this.#repeats = [];
  }

  #set(random: Random, register: string, version: number): DrawnChange {
    const change = setChange(register, this.#value(random), version);
    if (version === ANY_VERSION) return { kind: "change", register, change };
    return { kind: "change", register, change, expectedVersion: version };
  }

  #multi(random: Random): ChangeBody {
    const one = registerPath(random.integer(0, this.#workload.registers - 1));
    const other = registerPath(random.integer(0, this.#workload.registers - 1));
    const value = this.#value(random);
    const parts = random.pick([
      () => [checkPart(one, this.#version(one)), setPart(other, value, ANY_VERSION)],
      () => [setPart(one, value, ANY_VERSION), setPart(other, this.#value(random), ANY_VERSION)],
      () => [
        createPart(one, value, CreateMode.PERSISTENT),
        setPart(other, this.#value(random), this.#version(other)),
      ],
      () => [
        createPart(`${EPHEMERALS}/${this.#nextValue()}`, "", CreateMode.EPHEMERAL),
        createPart(`${SEQUENCES}/n-`, value, CreateMode.EPHEMERAL_SEQUENTIAL),
        checkPart(one, this.#version(one)),
      ],
      () => [
        deletePart(one, ANY_VERSION),
        createPart(one, value, CreateMode.PERSISTENT),
        createPart(`${SEQUENCES}/n-`, value, CreateMode.PERSISTENT_SEQUENTIAL),
      ],
    ])();
    return multiChange(parts);
  }

  #ephemeral(random: Random): ChangeBody {
    const known = this.#ephemerals[0];
    if (known !== undefined && random.chance(0.3)) {
      this.#ephemerals.shift();
      return deleteChange(known, ANY_VERSION);
    }
    const path = `${EPHEMERALS}/${this.#nextValue()}`;
    this.#ephemerals.push(path);
    return createChange(path, this.#value(random), CreateMode.EPHEMERAL);
  }

  /** Containers get children, and lose them again: only then are they cleared away. */
  #shortLived(random: Random): ChangeBody {
    const container = this.#containers[0];
    if (container !== undefined && random.chance(0.6)) {
      const child = `${container.path}/child`;
      if (container.hasChild) this.#containers.shift();
      else container.hasChild = true;
      return this.#containers[0] === container
        ? createChange(child, "", CreateMode.PERSISTENT)
        : deleteChange(child, ANY_VERSION);
    }
    const path = `${SHORT_LIVED}/${this.#nextValue()}`;
    if (random.chance(0.5)) {
      this.#containers.push({ path, hasChild: false });
      return createChange(path, "", CreateMode.CONTAINER);
    }
    const ttlMs = 1 + Math.floor(random.fraction() * this.#workload.longestTtlMs);
    return createTtlChange(path, "", ttlMs);
  }

  #version(register: string): number {
    return this.#versions.get(register) ?? 0;
  }

  #value(random: Random): string {
    return this.#nextValue() + ".".repeat(random.integer(0, this.#workload.maxPadding));
  }

  /** Nobody writes the same value twice, so a value names its write. */
  #nextValue(): string {
    return `${this.#name}-${++this.#count}`;
  }
}

const ANY_VERSION = -1;
const MAX_REPEATS = 16;
