/**
 * Writes of every kind, made up from a seed, by several sessions of Apache's
 * client at once. Most succeed; some are meant to fail, as they do in real life.
 */
import { CreateMode } from "@jute-ts/zookeeper";
import type { CreateOptions, MultiPart, Session } from "./apache-client.js";
import { ClientError } from "./command-process.js";

export interface WorkloadOptions {
  /** How many must succeed. */
  readonly writes: number;
  readonly seed: number;
  /** Requests of each session that are under way at once. */
  readonly window?: number;
  /** Below this znode, which is made when it is missing. */
  readonly root: string;
}

/** How many requests of each kind succeeded, and how many failed with which error. */
export interface WorkloadOutcome {
  readonly succeeded: ReadonlyMap<string, number>;
  readonly failed: ReadonlyMap<number, number>;
  /** Paths of znodes that are there, as a server has said, and that nobody deletes. */
  readonly kept: ReadonlySet<string>;
}

/** Runs the writes. Requests may fail, also for a lost connection; rejects when a session is lost. */
export async function runWorkload(
  sessions: readonly Session[],
  { writes, seed, window = 50, root }: WorkloadOptions,
): Promise<WorkloadOutcome> {
  const succeeded = new Map<string, number>();
  const failed = new Map<number, number>();
  const kept = new Set<string>();
  const draw = new Draw(seed);
  const names = new Names(draw, root);
  const [first] = sessions;
  if (first === undefined) throw new Error("a workload needs a session");
  if ((await first.exists(root)) === undefined) await first.create(root);
  let left = writes;
  const worker = async (session: Session): Promise<void> => {
    while (left > 0) {
      const { kind, run } = makeWrite(draw, session, root, names, kept);
      try {
        await run();
        succeeded.set(kind, (succeeded.get(kind) ?? 0) + 1);
        left--;
      } catch (error) {
        if (!(error instanceof ClientError) || error.code === SESSION_EXPIRED) throw error;
        failed.set(error.code, (failed.get(error.code) ?? 0) + 1);
      }
    }
  };
  await Promise.all(
    sessions.flatMap((session) => Array.from({ length: window }, () => worker(session))),
  );
  return { succeeded, failed, kept };
}

/** What `runWorkload` has to offer: each of these must succeed now and then. */
export const WRITE_KINDS = [
  "create",
  "create2",
  "sequential",
  "ephemeral",
  "ephemeral sequential",
  "container",
  "ttl",
  "ttl sequential",
  "acl",
  "set",
  "setAcl",
  "delete",
  "multi",
] as const;

type WriteKind = (typeof WRITE_KINDS)[number] | "failing";

interface Write {
  readonly kind: WriteKind;
  readonly run: () => Promise<unknown>;
}

function makeWrite(
  draw: Draw,
  session: Session,
  root: string,
  names: Names,
  kept: Set<string>,
): Write {
  const data = draw.data();
  const choice = draw.below(100);
  const create = (kind: WriteKind, options: CreateOptions): Write => {
    const path = names.free();
    const run = async (): Promise<void> => {
      await session.create(path, { data, ...options });
      names.taken.add(path);
    };
    return { kind, run };
  };
  const createSequential = (kind: WriteKind, options: CreateOptions): Write => {
    const run = async (): Promise<void> => {
      const path = await session.create(`${root}/s`, { data, ...options });
      if (kind === "sequential") kept.add(path);
    };
    return { kind, run };
  };
  if (choice < 12) return create("create", {});
  if (choice < 17) return create("create2", { withStat: true });
  if (choice < 22) {
    return createSequential("sequential", { mode: CreateMode.PERSISTENT_SEQUENTIAL });
  }
  if (choice < 28) return create("ephemeral", { mode: CreateMode.EPHEMERAL });
  if (choice < 31) {
    return createSequential("ephemeral sequential", { mode: CreateMode.EPHEMERAL_SEQUENTIAL });
  }
  if (choice < 35) return create("container", { mode: CreateMode.CONTAINER });
  if (choice < 39) return create("ttl", { mode: CreateMode.PERSISTENT_WITH_TTL, ttlMs: TTL_MS });
  if (choice < 41) {
    const mode = CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL;
    return createSequential("ttl sequential", { mode, ttlMs: TTL_MS });
  }
  if (choice < 45) return create("acl", { acl: draw.pick(ACLS) });
  const path = names.used();
  if (choice < 63) return { kind: "set", run: () => session.set(path, data) };
  if (choice < 67) return { kind: "setAcl", run: () => session.setAcl(path, draw.pick(ACLS)) };
  if (choice < 80) {
    const run = async (): Promise<void> => {
      await session.delete(path);
      names.taken.delete(path);
    };
    return { kind: "delete", run };
  }
  if (choice < 92) {
    return { kind: "multi", run: () => session.multi(makeParts(draw, root, names)) };
  }
  // The version is never this one: an error txn.
  return { kind: "failing", run: () => session.set(path, data, 1_000_000) };
}

/** Some multis fail: the names change hands while they are on their way, and versions are guessed. */
function makeParts(draw: Draw, root: string, names: Names): MultiPart[] {
  return Array.from({ length: 1 + draw.below(4) }, (): MultiPart => {
    switch (draw.below(6)) {
      case 0:
        return { kind: "create", path: names.free(), data: draw.data() };
      case 1:
        return { kind: "create", path: `${root}/m`, mode: CreateMode.PERSISTENT_SEQUENTIAL };
      case 2:
        return { kind: "create", path: names.free(), mode: CreateMode.EPHEMERAL };
      case 3:
        return { kind: "delete", path: names.used() };
      case 4:
        return { kind: "set", path: names.used(), data: draw.data() };
      default:
        return { kind: "check", path: names.used(), version: draw.below(3) - 1 };
    }
  });
}

/** So few names that znodes are created, changed and deleted again and again. */
class Names {
  readonly #draw: Draw;
  readonly #root: string;
  /** Those whose znode was there when we last heard of it. */
  readonly taken = new Set<string>();

  constructor(draw: Draw, root: string) {
    this.#draw = draw;
    this.#root = root;
  }

  /** A name that is probably free. */
  free(): string {
    return this.find((name) => !this.taken.has(name));
  }

  /** A name whose znode is probably there. */
  used(): string {
    return this.find((name) => this.taken.has(name));
  }

  private find(suits: (name: string) => boolean): string {
    let name = "";
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      name = `${this.#root}/n${this.#draw.below(NAMES)}`;
      if (suits(name)) break;
    }
    return name;
  }
}

/** Draws from a seed (mulberry32). */
class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  /** Nothing, no bytes, or some. */
  data(): Uint8Array | null {
    const length = this.below(12);
    if (length === 0) return null;
    return Uint8Array.from({ length: length === 1 ? 0 : this.below(200) }, () => this.below(256));
  }
}

/** `auth` stands for those as whom a session has authenticated. */
const ACLS = ["31:world:anyone", "1:world:anyone|31:auth:", "31:ip:127.0.0.1", "31:auth:"] as const;
/** So long that nothing is removed while a test runs. */
const TTL_MS = 3_600_000;
const NAMES = 150;
const MOST_TRIES = 5;
const SESSION_EXPIRED = -112;
