/**
 * Draws any operation that the tree knows, on a few paths that all clients share:
 * every mode of create, lists for others and for oneself, versions that are right,
 * wrong or whatever, parts of multis that fail. Nothing is planned to succeed;
 * whoever judges knows what each must come to.
 */
import {
  ACL,
  CreateMode,
  type MultiOperationInit,
  OPEN_ACL_UNSAFE,
  OpCode,
} from "@jute-ts/zookeeper";
import { LISTED_USERS } from "../model/listed-users.js";
import { ODD_LIMITS } from "../model/quota-model.js";
import type { Random } from "../world/random.js";
import {
  anyCreateChange,
  type ChangeBody,
  checkChange,
  changeQuotaChange,
  checkPart,
  createChange,
  createPart,
  createWith,
  cutChange,
  deleteChange,
  deleteContainerChange,
  deletePart,
  multiChange,
  oddQuotaChange,
  plainCreateChange,
  reconfigChange,
  removeQuotaChange,
  setAclChange,
  setChange,
  setPart,
  setQuotaChange,
  unknownChange,
} from "./change-requests.js";
import { EPHEMERALS, PARENTS, REGISTERS, registerPath, SEQUENCES, WILD } from "./paths.js";

/** What the draw depends on besides chance. */
export interface WildOptions {
  /** The digest of each client, as lists name it. */
  readonly users: readonly string[];
  /** Who else lists should often name. Nobody. */
  readonly logins?: readonly { readonly scheme: string; readonly id: string }[];
  /** The longest time to live, in milliseconds. */
  readonly longestTtlMs: number;
  /** Whether quotas are set, changed and removed. */
  readonly setsQuotas: boolean;
  /** Whether what is no request at all may be asked for, too. */
  readonly asksNonsense: boolean;
  /** A value that nobody has written before. */
  newValue(): string;
}

/**
 * What clients make first of all: what everything else is below, and quotas where they set
 * some. Registers have one without limits, since all that happens to them is expected to.
 */
export function setupChanges(setsQuotas: boolean): ChangeBody[] {
  const parents = PARENTS.map((path) => createChange(path, "", CreateMode.PERSISTENT));
  if (!setsQuotas) return parents;
  return [
    ...parents,
    setQuotaChange(REGISTERS, -1, -1),
    setQuotaChange(SEQUENCES, 6, -1),
    setQuotaChange(WILD, 12, 400),
  ];
}

export function drawWildChange(random: Random, options: WildOptions): ChangeBody {
  if (options.setsQuotas && random.chance(0.08)) return drawQuota(random);
  const path = drawPath(random);
  const kind = random.fraction();
  if (kind < 0.38) return drawCreate(random, path, options);
  if (kind < 0.5) return setChange(path, drawValue(random, options), drawVersion(random));
  if (kind < 0.64) return deleteChange(path, drawVersion(random));
  if (kind < 0.75) return setAclChange(path, drawAcl(random, options), drawVersion(random));
  if (kind < 0.95) return multiChange(drawParts(random, options));
  if (kind < 0.97) return drawOdd(random, path, options);
  return random.pick([
    checkChange(path, drawVersion(random)),
    deleteContainerChange(path),
    reconfigChange,
  ]);
}

/** Of what is limited, which quota it has: mostly one that lets something happen. */
function drawQuota(random: Random): ChangeBody {
  const path = random.pick(LIMITED);
  const limits = [random.pick([-1, 3, 8, 30]), random.pick([-1, 60, 300])] as const;
  const kind = random.fraction();
  if (kind < 0.4) return setQuotaChange(path, ...limits);
  if (kind < 0.7) return changeQuotaChange(path, ...limits);
  return kind < 0.85 ? oddQuotaChange(path, random.pick(ODD_LIMITS).text) : removeQuotaChange(path);
}

/** Any znode that a client may look at. Those with many children are few. */
export function drawReadPath(random: Random): string {
  if (random.chance(0.75)) return drawPath(random);
  return random.pick(["/", WILD, SEQUENCES, SEQUENCES, SEQUENCES, EPHEMERALS, "/zookeeper"]);
}

function drawCreate(random: Random, path: string, options: WildOptions): ChangeBody {
  const mode = random.pick(MODES);
  const isPlain = mode !== CreateMode.CONTAINER && !TTL_MODES.has(mode);
  if (isPlain && random.chance(0.2)) return plainCreateChange(path, options.newValue(), mode);
  const acl = drawAcl(random, options);
  return createWith(path, drawValue(random, options), mode, acl, drawTtl(random, options));
}

/** Servers keep long data elsewhere than short ones, and some have none. */
function drawValue(random: Random, options: WildOptions): string | null {
  const kind = random.fraction();
  if (kind < 0.03) return null;
  return kind < 0.06 ? options.newValue().padEnd(LONG_BYTES, ".") : options.newValue();
}

/** What no library of a client would send. */
function drawOdd(random: Random, path: string, options: WildOptions): ChangeBody {
  if (options.asksNonsense && random.chance(0.3)) {
    const acl = drawAcl(random, options);
    return random.pick([
      unknownChange,
      cutChange(setAclChange(path, acl, -1)),
      cutChange(plainCreateChange(path, options.newValue(), CreateMode.PERSISTENT)),
      cutChange(multiChange([checkPart(path, -1)])),
    ]);
  }
  const ops = [OpCode.create2, OpCode.createContainer, OpCode.createTTL] as const;
  const flags = random.integer(-1, 7);
  return anyCreateChange(random.pick(ops), path, options.newValue(), flags);
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
  if (random.chance(0.02)) return random.pick(ODD_PATHS);
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
function drawAcl(random: Random, { users, logins = [] }: WildOptions): readonly ACL[] {
  if (random.chance(0.7)) return OPEN_ACL_UNSAFE;
  if (logins.length > 0 && random.chance(0.4)) {
    const { scheme, id } = random.pick(logins);
    return [entry(random.pick([READ, ALL]), scheme, id), entry(CREATE, "world", "anyone")];
  }
  return random.pick<() => readonly ACL[]>([
    () => [entry(ALL, "auth", "")],
    () => [entry(ALL, "digest", random.pick(users))],
    () => [entry(random.integer(1, ALL), "world", "anyone")],
    () => [entry(ALL, "world", "anyone"), entry(READ, "auth", "")],
    () => [entry(ALL, "ip", random.pick(ADDRESSES)), entry(READ, "world", "anyone")],
    () => [entry(ALL, "ip", random.pick(NO_ADDRESSES))],
    () => {
      const { scheme, id } = random.pick(LISTED_USERS);
      return [entry(ALL, scheme, id)];
    },
    () => {
      const twice = entry(ALL, "digest", random.pick(users));
      return [twice, entry(READ | CREATE, "world", "anyone"), twice];
    },
    () => random.pick([[], [entry(ALL, "world", "someone")], [entry(ALL, "unknown", "x")]]),
  ])();
}

function entry(perms: number, scheme: string, id: string): ACL {
  return new ACL({ perms, id: { scheme, id } });
}

/** Of one client, of some, of most. */
const ADDRESSES = [
  "10.0.0.0/30",
  "10.0.0.2",
  "10.0.0.255/24",
  "10.0.0.130/25",
  "0.0.0.0/0",
  "2001:db8::/32",
  "2001:DB8::2",
  "2001:db8:0:0:0:0:0:0/126",
  "2001:db8::8000:0/97",
  "::/0",
] as const;
const NO_ADDRESSES = [
  "10.0.0",
  "10.0.0.256",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.x",
  "2001:db8::1::2",
  "2001:db8:0:0:0:0:0",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4::5:6:7:8",
  "2001:db8::/129",
  "2001:db8::10000",
  "",
] as const;

const LIMITED = [WILD, SEQUENCES] as const;

const READ = 1;
const CREATE = 4;
const ALL = 31;

/** Letters of one byte, of two and of three. */
const NAMES = ["a", "b", "\u00e7", "\u6c34"] as const;

const LONG_BYTES = 1100;

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

const ODD_PATHS = [
  ...["wild", "/wild//a", "/wild/./a", "/wild/../a", "/wild/a/", "/zookeeper", "/"],
  // Of control characters, surrogates, what is private, and what is no character.
  ...["/wild/\u0000", "/wild/\u0001", "/wild/\u001f", "/wild/\u007f", "/wild/\u009f"],
  ...["/wild/\ud83d\ude00", "/wild/\uf8ff", "/wild/\ufff0", "/wild/\ufffe"],
  // Right beside them, which there can be.
  ...["/wild/\u00a0", "/wild/\uf900", "/wild/\uffef", "/wild/.a", "/wild/..."],
];
