/** Requests of clients that do not only what libraries can ask for, and of leaders. */
import {
  ACL,
  CheckVersionRequest,
  CreateMode,
  CreateRequest,
  CreateSessionTxn,
  DeleteRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetACLRequest,
  SetDataRequest,
} from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";
import {
  asciiBytes,
  type ChangeBody,
  closeSessionChange,
  createChange,
  createMany,
  createPart,
  deleteChange,
  deletePart,
  multiChange,
  setAclChange,
  setPart,
  unknownChange,
} from "../clients/change-requests.js";
import { REGISTERS, SEQUENCES, WILD } from "../clients/paths.js";
import { drawWildChange, type WildOptions } from "../clients/wild-operations.js";
import { USERS } from "../clients/workload.js";
import { LONG_USERS, X509_SUPER_USER } from "../model/listed-users.js";
import { ODD_LIMITS, statsPath } from "../model/quota-model.js";
import type { Random } from "../world/random.js";
import type { DrawnSettings } from "./drawn-trees.js";

interface Session {
  readonly id: bigint;
  readonly authInfo: ChangeRequest["authInfo"];
}

/** Draws one request after the other, in the names of sessions that come and go. */
export class RequestSource {
  readonly #random: Random;
  readonly #settings: DrawnSettings;
  readonly #wild: WildOptions;
  readonly #open: Session[] = [];
  /** Sessions that have ended, and some that never began. */
  readonly #others: Session[] = [];
  #sessions = 0;
  #values = 0;

  constructor(random: Random, settings: DrawnSettings) {
    this.#random = random;
    this.#settings = settings;
    // What is long fills more than one of the pieces of memory in which servers keep data.
    const padding = random.pick([0, 0, 800]);
    this.#wild = {
      users: USERS,
      ...(settings.model.knowsLogins ? { logins: LOGINS } : {}),
      longestTtlMs: LONGEST_TTL_MS,
      setsQuotas: settings.setsQuotas,
      asksNonsense: true,
      newValue: () => `v${(this.#values += 1)}`.padEnd(padding, "."),
    };
  }

  get hasSessions(): boolean {
    return this.#open.length > 0;
  }

  open(): ChangeRequest {
    const session = this.#newSession();
    this.#open.push(session);
    const body = CreateSessionTxn.encode({ timeOut: this.#random.integer(1000, 9000) });
    return { sessionId: session.id, cxid: 0, opCode: OpCode.createSession, body, authInfo: [] };
  }

  draw(cxid: number): ChangeRequest {
    const random = this.#random;
    const kind = random.fraction();
    if (!this.hasSessions || kind < 0.05) return this.open();
    if (kind < 0.11) return this.#close(cxid);
    if (kind < 0.15) return this.#askOfOthers(cxid);
    return this.asked(cxid, this.drawChange());
  }

  /** By one of those that are open. */
  asked(cxid: number, change: ChangeBody): ChangeRequest {
    const { id: sessionId, authInfo } = this.#random.pick(this.#open);
    return { sessionId, cxid, ...change, authInfo };
  }

  #close(cxid: number): ChangeRequest {
    // Often the one that has just begun, about which nobody has heard yet.
    const last = this.#open.length - 1;
    const at = this.#random.chance(0.4) ? last : this.#random.integer(0, last);
    const [session] = this.#open.splice(at, 1);
    if (session === undefined) return this.open();
    this.#others.push(session);
    return { sessionId: session.id, cxid, ...closeSessionChange, authInfo: [] };
  }

  /** What is plainly a change, by who must not ask for it any more. */
  #askOfOthers(cxid: number): ChangeRequest {
    const random = this.#random;
    if (this.#others.length === 0) this.#others.push(this.#newSession());
    const { id: sessionId, authInfo } = random.pick(this.#others);
    const path = `${WILD}/${random.pick(["a", "b", "c"])}`;
    const change = random.pick([
      createChange(path, "", CreateMode.PERSISTENT),
      createChange(path, "", CreateMode.EPHEMERAL),
      deleteChange(path, -1),
      setAclChange(path, OPEN_ACL_UNSAFE, -1),
      closeSessionChange,
    ]);
    return { sessionId, cxid, ...change, authInfo };
  }

  drawChange(): ChangeBody {
    const random = this.#random;
    const kind = random.fraction();
    if (kind < 0.72) return drawWildChange(random, this.#wild);
    if (kind < 0.8) {
      const flags = random.pick([CreateMode.EPHEMERAL_SEQUENTIAL, CreateMode.EPHEMERAL]);
      return createChange(`${SEQUENCES}/n-`, this.#wild.newValue(), flags);
    }
    if (kind < 0.86) return createMany(SEQUENCES, random.pick([1, 2, 4, 9, 9]));
    if (kind < 0.88) return this.#again();
    if (kind < 0.91) return this.#rewrite();
    return random.pick(ODD_CHANGES)();
  }

  /** Several changes of one znode at once, some of which undo those before. */
  #again(): ChangeBody {
    const random = this.#random;
    const path = `${random.pick([REGISTERS, WILD])}/again`;
    const parts = Array.from({ length: random.integer(2, 4) }, () =>
      random.pick([
        () => createPart(path, this.#wild.newValue(), random.pick(MODES)),
        () => setPart(path, this.#wild.newValue(), random.pick([-1, -1, 0, 1])),
        () => deletePart(path, random.pick([-1, -1, 0, 1])),
      ])(),
    );
    return multiChange(parts);
  }

  /** As much data as moves what others have: for one znode again and again, or for some that do not stay. */
  #rewrite(): ChangeBody {
    const value = "w".repeat(this.#random.integer(1, 1020));
    const numbers = Array.from({ length: this.#random.integer(4, 20) }, (_, number) => number);
    if (this.#random.chance(0.5)) return multiChange(numbers.map(() => setPart(WILD, value, -1)));
    const paths = numbers.map((number) => `${WILD}/r${number}`);
    return multiChange([
      ...paths.map((path) => createPart(path, value, CreateMode.PERSISTENT)),
      ...paths.map((path) => deletePart(path, -1)),
    ]);
  }

  /** Numbers of sessions begin with that of their server, which may be above 127. */
  #newSession(): Session {
    const random = this.#random;
    this.#sessions += 1;
    const server = random.pick(this.#settings.emulates353 ? [1n, 0x7fn] : [1n, 0x80n, 0xfen]);
    const id = BigInt.asIntN(64, (server << 56n) | BigInt(this.#sessions));
    const known = random.shuffled(USERS).slice(0, random.pick([0, 1, 1, 3]));
    const logins = random.chance(0.3) ? [random.pick(LOGINS)] : [];
    const superiors = random.chance(0.2) ? [random.pick(SUPERIORS)] : [];
    const authInfo = [
      { scheme: "ip", id: random.pick(["10.0.0.1", "10.0.0.2", "2001:db8::2"]) },
      ...known.map((user) => ({ scheme: "digest", id: user })),
      ...logins,
      ...superiors,
    ];
    return { id, authInfo };
  }
}

const acl = [...OPEN_ACL_UNSAFE];
const flags = CreateMode.PERSISTENT;

/** Without a path or a list; and quotas of which Apache's servers would end. */
const ODD_CHANGES: readonly (() => ChangeBody)[] = [
  () => ({
    opCode: OpCode.create,
    body: CreateRequest.encode({ path: null, data: null, acl, flags }),
  }),
  () => ({
    opCode: OpCode.create2,
    body: CreateRequest.encode({ path: `${WILD}/a`, data: null, acl: null, flags }),
  }),
  () => ({ opCode: OpCode.delete, body: DeleteRequest.encode({ path: null, version: -1 }) }),
  () => ({
    opCode: OpCode.setData,
    body: SetDataRequest.encode({ path: null, data: null, version: -1 }),
  }),
  () => ({
    opCode: OpCode.setACL,
    body: SetACLRequest.encode({ path: null, acl, version: -1 }),
  }),
  () => ({
    opCode: OpCode.setACL,
    body: SetACLRequest.encode({ path: `${WILD}/a`, acl: null, version: -1 }),
  }),
  () =>
    multiChange([
      createPart(`${WILD}/a`, "", CreateMode.PERSISTENT),
      { type: OpCode.create, body: new CreateRequest({ path: null, data: null, acl, flags }) },
    ]),
  () =>
    multiChange([
      deletePart(`${WILD}/a`, -1),
      { type: OpCode.check, body: new CheckVersionRequest({ path: null, version: -1 }) },
    ]),
  ...["/zookeeper", "/zookeeper/quota", "/zookeeper/config", "/zookeepers"].flatMap((parent) => [
    () => createChange(`${parent}/zookeeper_limits`, "", CreateMode.PERSISTENT),
    () => deleteChange(`${parent}/zookeeper_limits`, -1),
  ]),
  () => deleteChange("/zookeeper/config", -1),
  () => unknownChange,
  unknownPart,
  ...LONG_USERS.map(({ scheme, id }) => () => {
    const named = new ACL({ perms: 31, id: { scheme, id } });
    return setAclChange(`${WILD}/a`, [named], -1);
  }),
  ...[
    null,
    ...ODD_LIMITS.filter(({ limits }) => limits === "unreadable").map(({ text }) => text),
  ].map((text) => () => ({
    opCode: OpCode.setData,
    body: SetDataRequest.encode({
      path: statsPath(WILD),
      data: text === null ? null : asciiBytes(text),
      version: -1,
    }),
  })),
];

/** A multi with a part that there is none of. */
function unknownPart(): ChangeBody {
  const { opCode, body } = multiChange([deletePart(`${WILD}/a`, -1)]);
  const changed = body.slice();
  changed[3] = 77;
  return { opCode, body: changed };
}

const MODES = [CreateMode.PERSISTENT, CreateMode.EPHEMERAL, CreateMode.CONTAINER] as const;

/** Whom lists name. */
const LOGINS = [
  { scheme: "sasl", id: "ann" },
  { scheme: "sasl", id: "bob@REALM" },
  { scheme: "x509", id: "CN=ann,O=Test" },
  { scheme: "x509", id: "2.40=ann" },
] as const;

/** Who may be meant by the names of others. */
const SUPERIORS = [
  { scheme: "sasl", id: "super" },
  { scheme: "x509", id: X509_SUPER_USER },
  { scheme: "super", id: "" },
] as const;

const LONGEST_TTL_MS = 60;
