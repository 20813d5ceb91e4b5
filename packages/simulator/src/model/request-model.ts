/**
 * What ZooKeeper's documentation says that a request does to the tree: the error
 * codes, in the order in which a server finds them, versions, sequence numbers,
 * access control, owners. Decides by the model of the tree alone; the code of the
 * servers is neither asked nor used.
 */
import { ErrorCode, OpCode, Perms, type RequestMessage, type Zxid } from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";
import { isPermitted } from "./access-model.js";
import { readRequest } from "./asked.js";
import {
  countsOf,
  endsCounting,
  endsServers,
  hardLimitsOf,
  isAbove,
  limitsPath,
  statsPath,
} from "./quota-model.js";
import { storedAcl } from "./stored-acl.js";
import type { TreeChange, TreeModel } from "./tree-model.js";
import {
  type AclModel,
  type OwnerModel,
  parentOf,
  type StatModel,
  statOf,
  type ZnodeModel,
} from "./znode-model.js";

/** What a request should come to. */
export interface ExpectedOutcome {
  readonly err: number;
  /** Of a create, with its number; of what was changed. */
  readonly path?: string | undefined;
  /** Afterwards, where the answer to the client carries it. */
  readonly stat?: StatModel | undefined;
  readonly parts?: readonly ExpectedOutcome[] | undefined;
  /** Of a multi that fails, what its parts would have come to before the one that is to blame. */
  readonly undone?: readonly ExpectedOutcome[] | undefined;
}

export interface Execution {
  readonly outcome: ExpectedOutcome;
  readonly change: TreeChange;
  /** How often it changed a znode: a create and a delete change the parent, too. */
  readonly changes?: number;
}

/** Where in the history of txns a request is carried out. */
export interface Moment {
  readonly zxid: Zxid;
  /** The time that its leader gave it. */
  readonly timeMs: bigint;
  /** The last txn that its leader had applied then: quotas are judged by what had been counted, and not by what was on its way. */
  readonly appliedZxid?: Zxid;
  /** Whether a session that is not known may be one that only its client's server knows. False. */
  readonly mayBeLocal?: boolean;
  /** How many znodes more there may be, if each change that is under way made one. Any number. */
  readonly room?: number;
}

/** Whether znodes may have a time to live; equal on all servers. */
export interface ModelOptions {
  readonly extendedTypes: boolean;
  /** Whether hard quotas are enforced. */
  readonly enforcesQuotas: boolean;
  /** Whether lists may name users of SASL and of certificates. */
  readonly knowsLogins: boolean;
  /** Whether no list keeps anybody out (`skipACL`). False. */
  readonly skipsAcls?: boolean;
}

/** Carries a request out on the tree as it is now, and changes nothing in it. */
export function execute(
  tree: TreeModel,
  request: ChangeRequest,
  moment: Moment,
  options: ModelOptions,
): Execution {
  const attempt = new Attempt(tree, request, moment, options);
  try {
    const outcome = attempt.carryOut();
    return { outcome, change: attempt.change(), changes: attempt.changes };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { outcome: { err: error.err }, change: UNCHANGED };
  }
}

/** Ends an attempt. No error: nobody looks for where it came from, and stacks are dear. */
class Refusal {
  readonly err: number;

  constructor(err: number) {
    this.err = err;
  }
}

function refuse(err: number): never {
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- see Refusal
  throw new Refusal(err);
}

function refuseIf(isWrong: boolean, err: number): void {
  if (isWrong) refuse(err);
}

type Body<Type extends RequestMessage["type"]> = Extract<
  RequestMessage,
  { readonly type: Type }
>["body"];

type CreateType =
  | typeof OpCode.create
  | typeof OpCode.create2
  | typeof OpCode.createContainer
  | typeof OpCode.createTTL;

class Attempt {
  readonly #tree: TreeModel;
  readonly #request: ChangeRequest;
  readonly #moment: Moment;
  readonly #options: ModelOptions;
  #znodes = new Map<string, ZnodeModel | undefined>();
  readonly #sessions = new Map<bigint, number | undefined>();
  #changes = 0;

  constructor(tree: TreeModel, request: ChangeRequest, moment: Moment, options: ModelOptions) {
    this.#tree = tree;
    this.#request = request;
    this.#moment = moment;
    this.#options = options;
  }

  change(): TreeChange {
    return { znodes: this.#znodes, sessions: this.#sessions };
  }

  get changes(): number {
    return this.#changes;
  }

  #put(path: string, znode: ZnodeModel | undefined): void {
    this.#znodes.set(path, znode);
    this.#changes += 1;
  }

  carryOut(): ExpectedOutcome {
    const { sessionId, opCode } = this.#request;
    const isAboutSession = opCode === OpCode.createSession || opCode === OpCode.closeSession;
    // Session 0 is the servers' own.
    const needsSession = sessionId !== 0n && !isAboutSession;
    const isKnown = this.#tree.session(sessionId) !== undefined;
    const mayAsk = isKnown || this.#moment.mayBeLocal === true;
    refuseIf(needsSession && !mayAsk, ErrorCode.SESSIONEXPIRED);
    const message = readRequest(this.#request);
    if (message === "malformed") return refuse(ErrorCode.MARSHALLINGERROR);
    if (message === "unknown op") return refuse(ErrorCode.UNIMPLEMENTED);
    switch (message.type) {
      case OpCode.createSession:
        this.#sessions.set(sessionId, message.body.timeOut);
        return DONE;
      case OpCode.closeSession:
        for (const path of this.#tree.ephemeralsOf(sessionId)) this.#remove(path);
        this.#sessions.set(sessionId, undefined);
        return DONE;
      case OpCode.multi:
        return this.#multi(message.body);
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        return this.#create(message.type, message.body);
      case OpCode.delete:
        return this.#delete(message.body);
      case OpCode.setData:
        return this.#setData(message.body);
      case OpCode.setACL:
        return this.#setAcl(message.body);
      case OpCode.deleteContainer:
        return this.#deleteContainer(message.body.path ?? "");
      case OpCode.reconfig:
        return refuse(ErrorCode.RECONFIGDISABLED);
      default:
        return refuse(ErrorCode.UNIMPLEMENTED);
    }
  }

  /** All or nothing: the parts before the one that fails were fine, those after it were not tried. */
  #multi(parts: Body<typeof OpCode.multi>): ExpectedOutcome {
    // Nobody can say which znode such a part is about.
    refuseIf(
      parts.some(({ body }) => body.path === null),
      ErrorCode.MARSHALLINGERROR,
    );
    const before = new Map(this.#znodes);
    const done: ExpectedOutcome[] = [];
    for (const part of parts) {
      try {
        done.push(this.#part(part));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.#znodes = before;
        this.#changes = 0;
        // Java does not know which part it could not read.
        if (error.err === ErrorCode.MARSHALLINGERROR) throw error;
        const failed = parts.map((_, at) => ({
          err:
            at < done.length
              ? ErrorCode.OK
              : at === done.length
                ? error.err
                : ErrorCode.RUNTIMEINCONSISTENCY,
        }));
        return { err: error.err, parts: failed, undone: done };
      }
    }
    return { err: ErrorCode.OK, parts: done };
  }

  #part(part: Body<typeof OpCode.multi>[number]): ExpectedOutcome {
    switch (part.type) {
      case OpCode.check:
        return this.#check(part.body);
      case OpCode.delete:
        return this.#delete(part.body);
      case OpCode.setData:
        return this.#setData(part.body);
      default:
        return this.#create(part.type, part.body);
    }
  }

  #create(type: CreateType, body: Body<CreateType>): ExpectedOutcome {
    const { flags } = body;
    refuseIf(!(flags >= 0 && flags <= 6), ErrorCode.BADARGUMENTS);
    const isTtl = flags === 5 || flags === 6;
    refuseIf(isTtl && !this.#options.extendedTypes, ErrorCode.UNIMPLEMENTED);
    // Each of these modes has an op of its own.
    refuseIf(isTtl !== (type === OpCode.createTTL), ErrorCode.BADARGUMENTS);
    refuseIf((flags === 4) !== (type === OpCode.createContainer), ErrorCode.BADARGUMENTS);
    const owner = this.#ownerFor(flags, "ttl" in body ? body.ttl : 0n);
    const requested = body.path ?? "";
    refuseIf(!hasParent(requested), ErrorCode.BADARGUMENTS);
    const acl = this.#storable(body.acl);
    const parentPath = parentOf(requested);
    const parent = this.#existing(parentPath);
    this.#requirePermission(parent, Perms.CREATE);
    const isSequential = flags === 2 || flags === 3 || flags === 6;
    // Ten digits that count what was ever created there.
    const number = isSequential ? String(parent.creates).padStart(10, "0") : "";
    const path = requested + number;
    refuseIf(!isPath(path) || endsServers(path), ErrorCode.BADARGUMENTS);
    refuseIf(this.#znode(path) !== undefined, ErrorCode.NODEEXISTS);
    refuseIf(parent.owner.kind === "session", ErrorCode.NOCHILDRENFOREPHEMERALS);
    this.#requireWithinQuota(path, 1, body.data?.length ?? 0);
    const { zxid, timeMs, room = Infinity } = this.#moment;
    refuseIf(this.#changes >= room, ErrorCode.QUOTAEXCEEDED);
    this.#put(parentPath, {
      ...parent,
      creates: parent.creates + 1,
      children: parent.children + 1,
      pzxid: zxid,
    });
    const znode: ZnodeModel = {
      data: body.data,
      acl,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: timeMs,
      mtime: timeMs,
      version: 0,
      aversion: 0,
      creates: 0,
      children: 0,
      owner,
    };
    this.#put(path, znode);
    // The oldest kind of create is answered with the path alone.
    return type === OpCode.create ? { err: 0, path } : { err: 0, path, stat: statOf(znode) };
  }

  #ownerFor(flags: number, ttl: bigint): OwnerModel {
    switch (flags) {
      case 1:
      case 3:
        return { kind: "session", sessionId: this.#ownerSession() };
      case 4:
        return { kind: "container" };
      case 5:
      case 6:
        refuseIf(ttl <= 0n || ttl > MAX_TTL, ErrorCode.BADARGUMENTS);
        return { kind: "ttl", ttlMs: ttl };
      default:
        return { kind: "nobody" };
    }
  }

  /** Only what everybody knows can own something. */
  #ownerSession(): bigint {
    const { sessionId } = this.#request;
    refuseIf(this.#tree.session(sessionId) === undefined, ErrorCode.SESSIONEXPIRED);
    return sessionId;
  }

  #delete({ path: requested, version }: Body<typeof OpCode.delete>): ExpectedOutcome {
    // Only a delete is no request at all without a path.
    const path = requested ?? refuse(ErrorCode.MARSHALLINGERROR);
    const isWrong = INDELIBLE.has(path) || !hasParent(path) || endsServers(path);
    refuseIf(isWrong, ErrorCode.BADARGUMENTS);
    const parent = this.#existing(parentOf(path));
    this.#requirePermission(parent, Perms.DELETE);
    const znode = this.#existing(path);
    requireVersion(znode.version, version);
    refuseIf(znode.children > 0, ErrorCode.NOTEMPTY);
    this.#remove(path);
    return { err: 0, path };
  }

  /** The servers' own: containers that are empty, and znodes whose time is over. */
  #deleteContainer(path: string): ExpectedOutcome {
    refuseIf(this.#request.sessionId !== 0n, ErrorCode.UNIMPLEMENTED);
    refuseIf(INDELIBLE.has(path) || !hasParent(path), ErrorCode.BADARGUMENTS);
    const znode = this.#existing(path);
    refuseIf(znode.children > 0, ErrorCode.NOTEMPTY);
    const { owner, mtime } = znode;
    // A time of 0 is without end.
    const isOver =
      owner.kind === "ttl" && owner.ttlMs !== 0n && this.#moment.timeMs - mtime > owner.ttlMs;
    const mayGo = owner.kind === "container" || isOver;
    refuseIf(!mayGo, ErrorCode.BADVERSION);
    this.#remove(path);
    return { err: 0, path };
  }

  #setData({ path: requested, data, version }: Body<typeof OpCode.setData>): ExpectedOutcome {
    const path = requested ?? "";
    refuseIf(!isPath(path), ErrorCode.BADARGUMENTS);
    const znode = this.#existing(path);
    this.#requirePermission(znode, Perms.WRITE);
    refuseIf(endsCounting(path, data), ErrorCode.BADARGUMENTS);
    this.#requireWithinQuota(path, 0, (data?.length ?? 0) - (znode.data?.length ?? 0));
    requireVersion(znode.version, version);
    const { zxid, timeMs } = this.#moment;
    const changed = {
      ...znode,
      data,
      version: versionAfter(znode.version),
      mzxid: zxid,
      mtime: timeMs,
    };
    this.#put(path, changed);
    return { err: 0, path, stat: statOf(changed) };
  }

  /** Counts in aversion; neither mzxid nor mtime nor version change. */
  #setAcl({ path: requested, acl, version }: Body<typeof OpCode.setACL>): ExpectedOutcome {
    const path = requested ?? "";
    refuseIf(!isPath(path), ErrorCode.BADARGUMENTS);
    const listed = this.#storable(acl);
    const znode = this.#existing(path);
    this.#requirePermission(znode, Perms.ADMIN);
    requireVersion(znode.aversion, version);
    const changed = { ...znode, acl: listed, aversion: versionAfter(znode.aversion) };
    this.#put(path, changed);
    return { err: 0, path, stat: statOf(changed) };
  }

  #check({ path: requested, version }: Body<typeof OpCode.check>): ExpectedOutcome {
    const path = requested ?? "";
    refuseIf(!isPath(path), ErrorCode.BADARGUMENTS);
    const znode = this.#existing(path);
    this.#requirePermission(znode, Perms.READ);
    requireVersion(znode.version, version);
    return { err: 0, path };
  }

  #requireWithinQuota(path: string, znodes: number, bytes: number): void {
    if (!this.#options.enforcesQuotas) return;
    const { appliedZxid } = this.#moment;
    for (let at = path; ; at = parentOf(at)) {
      const limits = this.#tree.znode(limitsPath(at), appliedZxid);
      const counted = this.#tree.znode(statsPath(at), appliedZxid);
      if (limits !== undefined && counted !== undefined) {
        const [most, now] = [hardLimitsOf(limits.data), countsOf(counted.data)];
        if (most === "unreadable") return refuse(ErrorCode.MARSHALLINGERROR);
        const isTooMuch =
          isAbove(now.count, znodes, most.count) || isAbove(now.bytes, bytes, most.bytes);
        refuseIf(isTooMuch, ErrorCode.QUOTAEXCEEDED);
        return;
      }
      if (at === "/") return;
    }
  }

  #remove(path: string): void {
    const parentPath = parentOf(path);
    const parent = this.#existing(parentPath);
    const { zxid } = this.#moment;
    this.#put(parentPath, { ...parent, children: parent.children - 1, pzxid: zxid });
    this.#put(path, undefined);
  }

  #znode(path: string): ZnodeModel | undefined {
    return this.#znodes.has(path) ? this.#znodes.get(path) : this.#tree.znode(path);
  }

  #existing(path: string): ZnodeModel {
    const znode = this.#znode(path);
    if (znode === undefined) return refuse(ErrorCode.NONODE);
    return znode;
  }

  #requirePermission({ acl }: ZnodeModel, permission: number): void {
    if (this.#options.skipsAcls === true) return;
    const { authInfo } = this.#request;
    refuseIf(!isPermitted(acl, permission, authInfo), ErrorCode.NOAUTH);
  }

  #storable(list: Body<typeof OpCode.setACL>["acl"]): readonly AclModel[] {
    const { knowsLogins } = this.#options;
    return storedAcl(list, this.#request.authInfo, knowsLogins) ?? refuse(ErrorCode.INVALIDACL);
  }
}

/** -1 is any version. */
function requireVersion(current: number, expected: number): void {
  refuseIf(expected !== -1 && expected !== current, ErrorCode.BADVERSION);
}

/** Of 32 bits; and no version is -1, which would be any. */
function versionAfter(version: number): number {
  if (version === -2) return 0;
  return version === 0x7fff_ffff ? -0x8000_0000 : version + 1;
}

/** What a parent can be looked for of. */
function hasParent(path: string): boolean {
  return path.includes("/") && !path.includes("\0");
}

/** From the root, with names between the slashes, none of them "." or "..". */
function isPath(path: string): boolean {
  if (path === "/") return true;
  const [first, ...names] = path.split("/");
  const isName = (name: string): boolean => name !== "" && name !== "." && name !== "..";
  return (
    first === "" &&
    names.length > 0 &&
    names.every(isName) &&
    !names.some((name) => UNPRINTABLE.test(name))
  );
}

// "The ZooKeeper Data Model" lists what a path may not hold.
// eslint-disable-next-line no-control-regex -- Control characters are among it.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/;

const DONE: ExpectedOutcome = { err: 0 };
const UNCHANGED: TreeChange = { znodes: new Map(), sessions: new Map() };
const INDELIBLE: ReadonlySet<string> = new Set([
  "/",
  "/zookeeper",
  "/zookeeper/quota",
  "/zookeeper/config",
]);
/** 40 bits. */
const MAX_TTL = 2n ** 40n - 1n;
