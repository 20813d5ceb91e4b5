/**
 * Draws any operation that the tree knows, on a few paths that all clients share:
 * every mode of create, lists for others and for oneself, versions that are right,
 * wrong or whatever, parts of multis that fail. Nothing is planned to succeed;
 * whoever judges knows what each must come to.
 */
import {
  type ACLInit,
  CreateMode,
  type MultiOperationInit,
  OPEN_ACL_UNSAFE,
} from "@jute-ts/zookeeper";
import type { Random } from "../world/random.js";
import {
  type ChangeBody,
  checkChange,
  checkPart,
  createPart,
  createWith,
  deleteChange,
  deleteContainerChange,
  deletePart,
  multiChange,
  plainCreateChange,
  reconfigChange,
  setAclChange,
  setChange,
  setPart,
} from "./change-requests.js";
import { registerPath, SEQUENCES, WILD } from "./paths.js";

/** What the draw depends on besides chance. */
export interface WildOptions {
  /** The digest of each client, as lists name it. */
  readonly users: readonly string[];
  /** The longest time to live, in milliseconds. */
  readonly longestTtlMs: number;
  /** A value that nobody has written before. */
  newValue(): string;
}

export function drawWildChange(random: Random, options: WildOptions): ChangeBody {
  const path = drawPath(random);
  const kind = random.fraction();
  if (kind < 0.38) return drawCreate(random, path, options);
  if (kind < 0.5) return setChange(path, options.newValue(), drawVersion(random));
  if (kind < 0.64) return deleteChange(path, drawVersion(random));
  if (kind < 0.75) return setAclChange(path, drawAcl(random, options), drawVersion(random));
  if (kind < 0.97) return multiChange(drawParts(random, options));
  return random.pick([
    checkChange(path, drawVersion(random)),
    deleteContainerChange(path),
    reconfigChange,
  ]);
}

/** Any znode that a client may look at. */
export function drawReadPath(random: Random): string {
  return random.chance(0.8) ? drawPath(random) : random.pick(["/", WILD, SEQUENCES, "/zookeeper"]);
}

function drawCreate(random: Random, path: string, options: WildOptions): ChangeBody {
  const mode = random.pick(MODES);
  const isPlain = mode !== CreateMode.CONTAINER && !TTL_MODES.has(mode);
  if (isPlain && random.chance(0.2)) return plainCreateChange(path, options.newValue(), mode);
  const acl = drawAcl(random, options);
  return createWith(path, options.newValue(), mode, acl, drawTtl(random, options));
}

/** A few parts; often the last is one that cannot succeed, so that the others must leave no trace. */
function drawParts(random: Random, options: WildOptions): readonly MultiOperationInit[] {
  const parts = Array.from({ length: random.integer(0, 4) }, () => drawPart(random, options));
  if (random.chance(0.3)) parts.push(checkPart(registerPath(0), 1_000_000));
  return parts;
}

function drawPart(random: Random, options: WildOptions): MultiOperationInit {
  const path = drawPath(random);
  const kind = random.fraction();
  if (kind < 0.5) {
    const acl = random.chance(0.2) ? drawAcl(random, options) : OPEN_ACL_UNSAFE;
    const mode = random.pick(MODES);
    return createPart(path, options.newValue(), mode, acl, drawTtl(random, options));
  }
  if (kind < 0.7) return setPart(path, options.newValue(), drawVersion(random));
  if (kind < 0.9) return deletePart(path, drawVersion(random));
  return checkPart(path, drawVersion(random));
}

function drawPath(random: Random): string {
  const first = random.pick(NAMES);
  if (random.chance(0.02)) return random.pick(BAD_PATHS);
  if (random.chance(0.45)) return `${WILD}/${first}`;
  const second = `${WILD}/${first}/${random.pick(NAMES)}`;
  return random.chance(0.75) ? second : `${second}/${random.pick(NAMES)}`;
}

function drawVersion(random: Random): number {
  return random.chance(0.6) ? -1 : random.integer(0, 3);
}

function drawTtl(random: Random, { longestTtlMs }: WildOptions): number {
  return random.chance(0.1) ? 0 : 1 + Math.floor(random.fraction() * longestTtlMs);
}

/** Mostly open, or nothing could be done after a while. */
function drawAcl(random: Random, { users }: WildOptions): readonly ACLInit[] {
  if (random.chance(0.7)) return OPEN_ACL_UNSAFE;
  return random.pick<() => readonly ACLInit[]>([
    () => [entry(ALL, "auth", "")],
    () => [entry(ALL, "digest", random.pick(users))],
    () => [entry(random.integer(1, ALL), "world", "anyone")],
    () => [entry(ALL, "world", "anyone"), entry(READ, "auth", "")],
    () => [entry(ALL, "ip", "10.0.0.0/30"), entry(READ, "world", "anyone")],
    () => {
      const twice = entry(ALL, "digest", random.pick(users));
      return [twice, entry(READ | CREATE, "world", "anyone"), twice];
    },
    () => random.pick([[], [entry(ALL, "world", "someone")], [entry(ALL, "unknown", "x")]]),
  ])();
}

function entry(perms: number, scheme: string, id: string): ACLInit {
  return { perms, id: { scheme, id } };
}

const READ = 1;
const CREATE = 4;
const ALL = 31;

const NAMES = ["a", "b", "c", "d"] as const;

const MODES: readonly CreateMode[] = [
  CreateMode.PERSISTENT,
  CreateMode.PERSISTENT,
  CreateMode.EPHEMERAL,
  CreateMode.PERSISTENT_SEQUENTIAL,
  CreateMode.EPHEMERAL_SEQUENTIAL,
  CreateMode.CONTAINER,
  CreateMode.PERSISTENT_WITH_TTL,
  CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL,
];

const TTL_MODES: ReadonlySet<CreateMode> = new Set([
  CreateMode.PERSISTENT_WITH_TTL,
  CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL,
]);

const BAD_PATHS = ["wild", "/wild//a", "/wild/./a", "/wild/a/", "/zookeeper", "/"] as const;
