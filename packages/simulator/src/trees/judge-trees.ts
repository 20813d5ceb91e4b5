/**
 * DrawnTrees: one leader's tree, and those that come of its snapshots, are what the documentation makes
 * of drawn requests: with settings that worlds have on all their servers alike, and requests that no library
 * sends; with txns that are too long, prepared in vain, or applied to a snapshot that Apache's servers have
 * written while their tree went on changing. Each run draws a history.
 */
import { type SnapshotNode, SnapshotBodyDecoder } from "@jute-ts/persistence";
import { DataTree, type DataTreeOptions, SnapshotContentError } from "@jute-ts/data-tree";
import type {
  ChangeRequest,
  LoggedTxn,
  SnapshotSource,
  TxnResult,
  ZnodeChange,
} from "@jute-ts/quorum";
import {
  type ACL,
  decodeTxn,
  encodeTxn,
  ErrorCode,
  formatZxid,
  makeZxid,
  NO_TXN,
  OpCode,
  TXN_READING,
  type TxnMessage,
  type Zxid,
} from "@jute-ts/zookeeper";
import { InvariantViolation } from "../checkers/checker.js";
import { setupChanges } from "../clients/wild-operations.js";
import { readRequest } from "../model/asked.js";
import { differenceOfOutcomes } from "../model/outcome-comparison.js";
import { execute, type Execution, type Moment } from "../model/request-model.js";
import { differenceOfSnapshots } from "../model/snapshot-comparison.js";
import { storedAcl } from "../model/stored-acl.js";
import { equalAcls } from "../model/tree-comparison.js";
import { TreeModel } from "../model/tree-model.js";
import {
  differenceAt,
  differenceOfLoggedDigest,
  differenceOfSession,
  differenceOfTrees,
} from "../model/whole-tree.js";
import { parentOf } from "../model/znode-model.js";
import type { Random } from "../world/random.js";
import { RequestSource } from "./drawn-requests.js";
import { type DrawnSettings, drawFirstTree, drawTreeSettings, SLAB_BYTES } from "./drawn-trees.js";
import { bytesOf, type FuzzySnapshot, fuzzySnapshot, spoiled } from "./fuzzy-snapshot.js";
import { lengthOfText, lengthOfTxn } from "./txn-length.js";

export type NewTree = (options: DataTreeOptions) => DataTree;

/** Throws InvariantViolation when a tree becomes something else by what is drawn now. */
export function judgeTrees(
  random: Random,
  newTree: NewTree = (options) => new DataTree(options),
): void {
  const history = new JudgedHistory(random, drawTreeSettings(random), newTree);
  history.begin();
  for (let left = REQUESTS; left > 0; left -= 1) history.goOn();
  history.end();
  history.copy();
}

interface Prepared {
  readonly txn: LoggedTxn;
  readonly request: ChangeRequest;
  readonly execution: Execution;
}

/** What was pulled of a snapshot, and what is left of it. */
interface TakenSnapshot {
  readonly source: SnapshotSource;
  readonly pieces: Uint8Array[];
}

class JudgedHistory {
  readonly #random: Random;
  readonly #settings: DrawnSettings;
  readonly #newTree: NewTree;
  readonly #model = new TreeModel();
  readonly #source: RequestSource;
  readonly #leader: Judged;
  /** All of them, oldest first; and which of them the leader has not applied yet. */
  readonly #prepared: Prepared[] = [];
  #waiting: Prepared[] = [];
  readonly #first: Zxid;
  /** Whether the leader's lists come from a snapshot that had some twice. */
  #repeatsLists = false;
  #zxid: Zxid;
  #nowMs = 1000n;
  #snapshot: TakenSnapshot | undefined;
  /** Whether each txn says all that it does. A tree that lacks what a session has had cannot know it. */
  #tellsAll = true;

  constructor(random: Random, settings: DrawnSettings, newTree: NewTree) {
    this.#random = random;
    this.#settings = settings;
    this.#newTree = newTree;
    this.#source = new RequestSource(random, settings);
    this.#leader = this.#newJudged("the leader's tree");
    const { zxid, change } = drawFirstTree(random, settings);
    this.#first = zxid;
    this.#zxid = zxid === NO_TXN ? makeZxid(1, 0x40) : zxid;
    if (change !== undefined) this.#model.commit(zxid, change);
  }

  /** What is below is made first of all, by the first client. */
  begin(): void {
    if (this.#first !== NO_TXN) {
      const { repeatsLists } = this.#restore(this.#leader, this.#first, []);
      this.#repeatsLists = repeatsLists;
    }
    this.#ask(this.#source.open());
    for (const change of setupChanges(this.#settings.setsQuotas))
      this.#ask(this.#source.asked(this.#prepared.length, change));
  }

  goOn(): void {
    const random = this.#random;
    this.#nowMs += BigInt(random.integer(0, 20));
    if (random.chance(0.15)) this.#removeOverdue();
    else this.#ask(this.#source.draw(this.#prepared.length));
    const lag = random.integer(0, MOST_WAITING);
    while (this.#waiting.length > lag) this.#applyNext();
    if (this.#waiting.length === 0 && this.#source.hasSessions && random.chance(0.3))
      this.#prepareInVain();
    if (random.chance(0.1)) this.#snapshot ??= this.#beginSnapshot();
  }

  end(): void {
    while (this.#waiting.length > 0) this.#applyNext();
    const snapshot = this.#snapshot ?? this.#beginSnapshot();
    this.#judgeSnapshot(snapshot, this.#repeatsLists);
    const zxid = this.#prepared.at(-1)?.txn.zxid ?? this.#first;
    this.#leader.judgeWhole(zxid);
    const { outstanding } = this.#leader.tree.upkeep;
    const { changes, paths, ephemerals, sessions } = outstanding;
    if (changes + paths + ephemerals + sessions > 0)
      throw violation("the leader remembers what it has prepared, and all of that is applied");
  }

  /** Another server takes in a snapshot from somewhere in the history, and then the txns after it. */
  copy(): void {
    const random = this.#random;
    const copy = this.#newJudged("the tree of a snapshot");
    // What was there before it must leave no trace.
    const others = random.chance(0.5) ? this.#prepared.slice(0, random.integer(1, 12)) : [];
    for (const { txn } of others) copy.tree.apply(txn);
    const open = random.chance(0.3) ? copy.tree.snapshot() : undefined;
    const count = random.integer(0, this.#prepared.length);
    const [before, after] = [this.#prepared.slice(0, count), this.#prepared.slice(count)];
    const begun = before.at(-1)?.txn.zxid ?? this.#first;
    const { last, repeatsLists } = this.#restore(
      copy,
      begun,
      this.#tellsAll ? after.map(({ txn }) => txn.zxid) : [],
    );
    if (last === begun) copy.judgeWhole(begun);
    for (const prepared of after) {
      const { zxid } = prepared.txn;
      copy.apply(prepared, zxid > last);
      if (zxid === last) copy.judgeWhole(zxid);
    }
    const end = after.at(-1)?.txn.zxid ?? begun;
    copy.judgeWhole(end);
    this.#judgeTable(copy, end, repeatsLists);
    copy.judgeWrongDigests(end);
    if (random.chance(0.5)) this.#judgeSpoiled(copy, end);
    while (open?.next() !== undefined);
  }

  /** What a tree cannot be made of is refused, and not taken for something else. */
  #judgeSpoiled({ tree }: Judged, zxid: Zxid): void {
    const random = this.#random;
    const whole = fuzzySnapshot(random, this.#model, zxid, []);
    const { kind, snapshot } = spoiled(random, whole);
    let found: unknown = "nothing";
    try {
      tree.restore(zxid).push(bytesOf(snapshot));
    } catch (error) {
      found = error instanceof SnapshotContentError ? error.kind : error;
    }
    if (found !== kind)
      throw violation(`a snapshot has a ${kind} error, and ${String(found)} is seen`);
  }

  #newJudged(name: string): Judged {
    return new Judged(name, this.#settings, this.#model, this.#newTree);
  }

  #ask(request: ChangeRequest): void {
    this.#zxid += 1n;
    const zxid = this.#zxid;
    const { tree } = this.#leader;
    const { maxBytes } = this.#settings;
    const execution = this.#expected(request, zxid);
    const bytes = tree.prepare(request, zxid, this.#nowMs, maxBytes);
    if (bytes.length > maxBytes) throw violation(`a txn has ${bytes.length} bytes, of ${maxBytes}`);
    const message = decodeTxn(bytes, TXN_READING);
    const txn = { zxid, header: message.header, bytes };
    if (request.opCode === OpCode.closeSession) this.#judgeListed(request, message);
    this.#model.commit(zxid, execution.change);
    const prepared = { txn, request, execution };
    this.#prepared.push(prepared);
    this.#waiting.push(prepared);
    this.#judgeDigest(message);
  }

  /** By the documentation, and with the room that there is. */
  #expected(request: ChangeRequest, zxid: Zxid): Execution {
    const { maxBytes, model, digests } = this.#settings;
    const execution = execute(this.#model, request, this.#momentOf(request, zxid), model);
    const message = readRequest(request);
    if (typeof message === "string" || message.type === OpCode.closeSession) return execution;
    const { authInfo } = request;
    const storing = (list: readonly ACL[] | null) => storedAcl(list, authInfo, model.knowsLogins);
    const isTold = execution.outcome.err === 0 || execution.outcome.parts !== undefined;
    if (!isTold || lengthOfTxn(message, execution.outcome, storing, digests) <= maxBytes)
      return execution;
    return { outcome: { err: ErrorCode.MARSHALLINGERROR }, change: UNCHANGED };
  }

  #momentOf({ sessionId }: ChangeRequest, zxid: Zxid): Moment {
    const appliedZxid = this.#appliedZxid;
    const { localSessions, mostZnodes } = this.#settings;
    // A session that is about to end is known to have been one of all.
    const isEnding = this.#waiting.some(
      ({ request }) => request.opCode === OpCode.closeSession && request.sessionId === sessionId,
    );
    const moment = {
      ...{ zxid, timeMs: this.#nowMs, appliedZxid },
      mayBeLocal: localSessions && !isEnding,
    };
    if (mostZnodes === Infinity) return moment;
    let room = mostZnodes - [...this.#model.znodesAt(appliedZxid)].length;
    for (const { execution } of this.#waiting) room -= execution.changes ?? 0;
    return { ...moment, room };
  }

  get #appliedZxid(): Zxid {
    const [next] = this.#waiting;
    const at = next === undefined ? this.#prepared.length : this.#prepared.indexOf(next);
    return this.#prepared[at - 1]?.txn.zxid ?? this.#first;
  }

  /** A closeSession lists all ephemerals if there is room for them, where it lists any. */
  #judgeListed({ sessionId }: ChangeRequest, { body }: TxnMessage): void {
    const { closeSessionTxns, maxBytes } = this.#settings;
    const isList = body !== null && "paths2Delete" in body;
    if (!closeSessionTxns) {
      if (this.#model.ephemeralsOf(sessionId).length > 0) this.#tellsAll = false;
      if (body === null) return;
      throw violation("the end of a session lists ephemerals, and should not");
    }
    const listed = new Set(isList ? body.paths2Delete : []);
    const owned = this.#model.ephemeralsOf(sessionId);
    for (const path of listed)
      if (path === null || !owned.includes(path))
        throw violation(`the end of session ${sessionId} takes ${path ?? "nothing"} with it`);
    if (listed.size < owned.length) this.#tellsAll = false;
    const whole = owned.reduce((sum, path) => sum + lengthOfText(path), EMPTY_LIST_BYTES);
    if (!isList || (listed.size < owned.length && whole <= maxBytes))
      throw violation(`the end of session ${sessionId} lists ${listed.size} of ${owned.length}`);
  }

  /** What the tree will be after a txn is said with it. */
  #judgeDigest({ type, header: { zxid }, digest }: TxnMessage): void {
    if (type === OpCode.error) return;
    const said = digest?.treeDigest;
    const expected = this.#settings.digests ? this.#model.digestAt(zxid) : undefined;
    if (said !== expected)
      throw violation(
        `${formatZxid(zxid)} says the digest ${said ?? "none"}, and should say ${expected ?? "none"}`,
      );
  }

  #removeOverdue(): void {
    const most = this.#random.pick([1, 2, Infinity]);
    const due = this.#leader.tree.overdue(this.#nowMs, most);
    if (due.length > most)
      throw violation(`${due.length} znodes are overdue, and ${most} asked for`);
    for (const request of due) this.#ask(request);
  }

  /** Nobody commits it: the leader loses its office and is elected again. */
  #prepareInVain(): void {
    const { tree } = this.#leader;
    for (let left = this.#random.integer(1, 3); left > 0; left -= 1) {
      const request = this.#source.asked(0, this.#source.drawChange());
      tree.prepare(request, this.#zxid + BigInt(4 - left), this.#nowMs, this.#settings.maxBytes);
    }
    tree.discardPrepared();
  }

  #applyNext(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#leader.apply(next, true);
    const piece = this.#snapshot?.source.next();
    if (piece !== undefined) this.#snapshot?.pieces.push(piece);
  }

  #beginSnapshot(): TakenSnapshot {
    return { source: this.#leader.tree.snapshot(), pieces: [] };
  }

  #judgeSnapshot({ source, pieces }: TakenSnapshot, mayRepeat: boolean): void {
    const all = [...pieces];
    for (let next = source.next(); next !== undefined; next = source.next()) all.push(next);
    const difference = differenceOfSnapshots(this.#model, parsed(all), source.zxid, mayRepeat);
    if (difference === undefined) return;
    throw violation(`a snapshot is not the tree at ${formatZxid(source.zxid)}: ${difference}`);
  }

  /** What a tree of a snapshot writes itself: lists that nobody uses any more are gone. */
  #judgeTable({ tree }: Judged, zxid: Zxid, mayRepeat: boolean): void {
    if (tree.lastProcessedZxid !== zxid)
      throw violation(`a tree is at ${formatZxid(tree.lastProcessedZxid)} after all txns`);
    this.#judgeSnapshot({ source: tree.snapshot(), pieces: [] }, mayRepeat);
  }

  #restore(judged: Judged, begun: Zxid, later: readonly Zxid[]): FuzzySnapshot {
    const random = this.#random;
    const { tree } = judged;
    judged.mayDiffer();
    const snapshot = fuzzySnapshot(random, this.#model, begun, later);
    const bytes = bytesOf(snapshot);
    const loader = tree.restore(begun);
    const size = random.pick([7, 100, bytes.length]);
    for (let at = 0; at < bytes.length; at += size) loader.push(bytes.slice(at, at + size));
    if (!loader.done) throw violation("a snapshot has no end");
    if (tree.lastProcessedZxid !== begun)
      throw violation(`a snapshot of ${formatZxid(begun)} brings a tree elsewhere`);
    return snapshot;
  }
}

/** A tree and what is expected of it. */
class Judged {
  readonly tree: DataTree;
  readonly #name: string;
  readonly #settings: DrawnSettings;
  readonly #model: TreeModel;
  #written: string[] = [];
  /** How many txns more the tree may be another than its leader's before that is told. */
  #untold = 0;

  constructor(name: string, settings: DrawnSettings, model: TreeModel, newTree: NewTree) {
    this.#name = name;
    this.#settings = settings;
    this.#model = model;
    this.tree = newTree({
      ...settings.options,
      onWrite: (path, bytes) => {
        this.#written.push(`${path} ${bytes}`);
      },
    });
  }

  /** `isFirst`: whether nothing of the txn is in the tree yet. */
  apply({ txn, execution: { outcome } }: Prepared, isFirst: boolean): void {
    const { zxid } = txn;
    this.#written = [];
    const result = this.tree.apply(txn);
    this.#judgeCompared(txn, result);
    if (!isFirst) return;
    this.#judge(zxid, differenceOfOutcomes(outcome, result));
    this.#judgeTouched(zxid);
    if (result.parts === undefined) this.#judgeSeen(zxid, result.changes ?? []);
  }

  /** It comes of a snapshot now. */
  mayDiffer(): void {
    this.#untold = this.#settings.mostFuzzyTxns;
  }

  /** Whoever differs from its leader says so once, until they agree again; and only digests of the known kind are compared. */
  judgeWrongDigests(zxid: Zxid): void {
    const right = this.tree.digest();
    const said = [
      { version: KNOWN_VERSION, treeDigest: right + 1n },
      { version: KNOWN_VERSION, treeDigest: right + 2n },
      { version: 1, treeDigest: right + 1n },
      { version: KNOWN_VERSION, treeDigest: right },
      { version: KNOWN_VERSION, treeDigest: right + (1n << 32n) },
      { version: KNOWN_VERSION, treeDigest: right },
      { version: 1, treeDigest: right + 1n },
      { version: KNOWN_VERSION, treeDigest: right - 1n },
    ];
    for (const [nth, digest] of said.entries()) {
      const later = zxid + 1n + BigInt(nth);
      const header = { clientId: 1n, cxid: 0, zxid: later, time: 1n };
      const bytes = encodeTxn(OpCode.error, header, { err: ErrorCode.NONODE }, digest);
      const txn = { zxid: later, header: decodeTxn(bytes, TXN_READING).header, bytes };
      this.#judgeCompared(txn, this.tree.apply(txn), right);
    }
  }

  /** `right`: what the tree has now. */
  #judgeCompared(
    { zxid, bytes }: LoggedTxn,
    { expectedDigest }: TxnResult,
    right: bigint = this.tree.digest(),
  ): void {
    const { digest } = decodeTxn(bytes, TXN_READING);
    const said = digest?.version === KNOWN_VERSION && this.#settings.digests ? digest : undefined;
    const isEqual = said?.treeDigest === right;
    if (this.tree.digest() !== right) this.#judge(zxid, "a wrong digest becomes its own");
    const isTold = said !== undefined && (isEqual || this.#untold <= 0);
    if (isTold) this.#untold = isEqual ? 0 : Infinity;
    else if (said !== undefined) this.#untold -= 1;
    const expected = isTold ? said.treeDigest : undefined;
    if (expectedDigest !== expected)
      this.#judge(
        zxid,
        `it tells the digest ${expectedDigest ?? "none"}, and not ${expected ?? "none"}`,
      );
  }

  judgeWhole(zxid: Zxid): void {
    const { neverUsedMs } = this.#settings;
    this.#judge(zxid, differenceOfTrees(this.#model, this.tree, zxid, neverUsedMs));
    this.#judgeMemory(zxid);
    const known = new Set<string>();
    for (const path of this.tree.paths()) {
      if (path !== "/" && !known.has(parentOf(path)))
        this.#judge(zxid, `${path} comes before its parent`);
      known.add(path);
    }
    if (this.tree.countDescendants("/") !== known.size - 1)
      this.#judge(zxid, "it counts others than it lists");
  }

  /**
   * Each short datum takes what it has, with eight bytes in front, in steps of eight. One piece of memory is being
   * filled; of the others half is in use at least, but for what the next datum found no room in.
   */
  #judgeMemory(zxid: Zxid): void {
    let live = 0;
    let long = 0;
    for (const [, { data }] of this.#model.znodesAt(zxid)) {
      const length = data?.length ?? 0;
      if (length > MOST_SHORT_BYTES) long += 1;
      else if (length > 0) live += 8 * Math.ceil((8 + length) / 8);
    }
    const found = this.tree.upkeep.data;
    if (found.live !== live || found.long !== long)
      this.#judge(
        zxid,
        `it keeps ${found.live} bytes and ${found.long} long data, and has ${live} and ${long}`,
      );
    const most = SLAB_BYTES + (SLAB_BYTES * live) / LEAST_IN_USE;
    if (found.total > most)
      this.#judge(zxid, `it holds ${found.total} bytes for ${live}, and may ${Math.floor(most)}`);
  }

  #judgeTouched(zxid: Zxid): void {
    const model = this.#model;
    const change = model.changeOf(zxid);
    if (change === undefined) return;
    for (const path of [...change.znodes.keys(), ...model.countPaths])
      this.#judge(zxid, differenceAt(model, this.tree, path, zxid));
    for (const path of change.znodes.keys())
      if (this.tree.getChildren(path)?.length !== model.znode(path, zxid)?.children)
        this.#judge(zxid, `${path} lists children that are not there, or not all`);
    for (const sessionId of change.sessions.keys())
      this.#judge(zxid, differenceOfSession(model, this.tree, sessionId, zxid));
    this.#judge(zxid, differenceOfLoggedDigest(model, this.tree, zxid));
    const digest = model.digestAt(zxid);
    if (this.tree.digest() !== digest)
      this.#judge(zxid, `its digest is ${this.tree.digest()}, and should be ${digest}`);
  }

  /** What watches can see of a single change, by whom, and what is counted of it. */
  #judgeSeen(zxid: Zxid, changes: readonly ZnodeChange[]): void {
    const expected: string[] = [];
    const written: string[] = [];
    for (const path of this.#model.changeOf(zxid)?.znodes.keys() ?? []) {
      const before = this.#model.znode(path, zxid - 1n);
      const after = this.#model.znode(path, zxid);
      const kind = kindOfChange(before, after);
      if (kind === undefined) continue;
      expected.push(`${kind} ${path}`);
      written.push(`${path} ${after?.data?.length ?? 0}`);
      const seen = changes.find((each) => each.path === path && each.kind === kind);
      const acl = (after ?? before)?.acl ?? [];
      if (seen !== undefined && !equalAcls(acl, seen.acl))
        this.#judge(zxid, `others may see ${path} than its list says`);
      const parentAcl = this.#model.znode(parentOf(path), zxid)?.acl ?? [];
      if (seen !== undefined && "parentAcl" in seen && !equalAcls(parentAcl, seen.parentAcl))
        this.#judge(zxid, `others may see the parent of ${path} than its list says`);
    }
    const seen = changes.map(({ kind, path }) => `${kind} ${path}`);
    if (seen.sort().join() !== expected.sort().join())
      this.#judge(zxid, `it shows ${seen.join() || "nothing"}, and not ${expected.join()}`);
    if (this.#written.sort().join() !== written.sort().join())
      this.#judge(zxid, `it counts ${this.#written.join()} as written, and not ${written.join()}`);
  }

  #judge(zxid: Zxid, difference: string | undefined): void {
    if (difference === undefined) return;
    throw violation(`${this.#name} is wrong after ${formatZxid(zxid)}: ${difference}`);
  }
}

function kindOfChange(
  before: { readonly mzxid: Zxid } | undefined,
  after: { readonly mzxid: Zxid } | undefined,
): ZnodeChange["kind"] | undefined {
  if (before === undefined) return after === undefined ? undefined : "created";
  if (after === undefined) return "deleted";
  return before.mzxid === after.mzxid ? undefined : "dataChanged";
}

function parsed(pieces: readonly Uint8Array[]) {
  const sessions = new Map<bigint, number>();
  const acls = new Map<bigint, readonly ACL[]>();
  const nodes: SnapshotNode[] = [];
  const decoder = new SnapshotBodyDecoder({
    session: (id, timeoutMs) => {
      sessions.set(id, timeoutMs);
    },
    acl: (id, acl) => {
      acls.set(id, acl);
    },
    node: (node) => {
      nodes.push(node);
    },
    end: () => undefined,
  });
  for (const piece of pieces) decoder.push(piece);
  return { sessions, acls, nodes };
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("DrawnTrees", text);
}

const UNCHANGED: Execution["change"] = { znodes: new Map(), sessions: new Map() };

/** Longer data are kept by themselves. */
const MOST_SHORT_BYTES = 1024;
/** In a piece of memory that is not filled any more: half of all but the room for the longest short datum. */
const LEAST_IN_USE = (SLAB_BYTES - MOST_SHORT_BYTES - 8) / 2;
/** How servers compute digests since 3.6. */
const KNOWN_VERSION = 2;

/** How many are drawn in a run, after the first ones. */
const REQUESTS = 30;
/** How many txns a leader may have prepared and not applied. */
const MOST_WAITING = 4;
/** The end of a session that had no ephemerals: header, count and digest. */
const EMPTY_LIST_BYTES = 48;
