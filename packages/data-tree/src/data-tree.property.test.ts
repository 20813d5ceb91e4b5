/**
 * Random histories against a slow tree that is plainly right, and against
 * themselves: any snapshot and the log after it give the tree that applying the
 * whole log gives. What Java makes of histories is in test/java/data-tree.
 */
import { crc32 } from "node:zlib";
import { encodeSnapshotBody, type SnapshotNode } from "@jute-ts/persistence";
import {
  ACL,
  CreateMode,
  decodeTxn,
  encodeRequest,
  OpCode,
  OPEN_ACL_UNSAFE,
  type RequestBodyInit,
  type RequestContent,
  type RequestOpCode,
  StatPersisted,
  type SubTxn,
  type TxnHeader,
  type TxnMessage,
  unpackMultiTxn,
} from "@jute-ts/zookeeper";
import { expect, test } from "vitest";
import { effort } from "../../../test/effort.js";
import { testSeed } from "../../../test/seed.js";
import type { SnapshotSource, LoggedTxn } from "@jute-ts/quorum";
import { DataTree } from "./data-tree.js";

const HISTORIES = effort(8, 2);
const OPTIONS = { extendedTypes: true };

test("does what a slow tree does, with its digest", () => {
  for (let seed = 0; seed < HISTORIES; seed++) {
    const tree = new DataTree(OPTIONS);
    const twin = new SlowTree();
    for (const txn of randomHistory(seed, 300)) {
      applyAll(tree, [txn]);
      twin.apply(txn);
      expect(tree.digest(), `seed ${String(seed)}, zxid ${String(txn.zxid)}`).toBe(twin.digest());
    }
    expect(withoutQuotas(dump(tree))).toEqual(withoutQuotas(twin.dump()));
  }
});

test("begins a snapshot with the tree of that moment, whatever is applied while it is written", () => {
  forEachCut((before, after, seed) => {
    const tree = new DataTree({ ...OPTIONS, snapshotPieceBytes: 1 });
    applyAll(tree, before);
    const then = dump(tree);
    const snapshot = tree.snapshot();
    expect(snapshot.zxid).toBe(before.at(-1)?.zxid ?? 0n);
    const copy = load(interleaved(snapshot, seed, after, tree), snapshot.zxid);
    expect(dump(copy)).toEqual(then);
    expect(copy.lastProcessedZxid).toBe(snapshot.zxid);
    applyAll(copy, after);
    expect(dump(copy)).toEqual(dump(tree));
  });
});

test("keeps two snapshots apart that are written at the same time", () => {
  const history = randomHistory(1, 200);
  const tree = new DataTree({ ...OPTIONS, snapshotPieceBytes: 1 });
  applyAll(tree, history.slice(0, 100));
  const [firstDump, first] = [dump(tree), tree.snapshot()];
  const firstPieces = [first.next()];
  applyAll(tree, history.slice(100, 120));
  const [secondDump, second] = [dump(tree), tree.snapshot()];
  const secondPieces: (Uint8Array | undefined)[] = [];
  for (const txn of history.slice(120)) {
    firstPieces.push(first.next());
    tree.apply(txn);
    secondPieces.push(second.next());
  }
  expect(dump(load([...firstPieces, ...pieces(first)]))).toEqual(firstDump);
  expect(dump(load([...secondPieces, ...pieces(second)]))).toEqual(secondDump);
});

test.each(["cleared", "restored"])("goes on with a snapshot after it was %s", (how) => {
  const tree = new DataTree({ ...OPTIONS, snapshotPieceBytes: 1 });
  applyAll(tree, randomHistory(2, 200));
  const [then, snapshot] = [dump(tree), tree.snapshot()];
  const written = Array.from({ length: 20 }, () => snapshot.next());
  const others = new DataTree(OPTIONS);
  applyAll(others, randomHistory(3, 100));
  tree.clear();
  if (how === "restored") {
    const sink = tree.restore(others.lastProcessedZxid);
    for (const piece of pieces(others.snapshot())) sink.push(piece);
    expect(dump(tree)).toEqual(dump(others));
  }
  expect(dump(load([...written, ...pieces(snapshot)]))).toEqual(then);
});

test("reaches the same tree from a snapshot that a Java server wrote while its tree changed", () => {
  forEachCut((before, after, seed) => {
    const live = new DataTree(OPTIONS);
    const twin = new SlowTree();
    for (const txn of before) twin.apply(txn);
    const copy = load(fuzzySnapshot(twin, after, seed), before.at(-1)?.zxid);
    applyAll(live, [...before, ...after]);
    applyAll(copy, after);
    expect(dump(copy)).toEqual(dump(live));
    expect(copy.digest()).toBe(live.digest());
  });
});

test("reaches the same tree when txns are applied twice", () => {
  const history = randomHistory(2, 300);
  const tree = new DataTree(OPTIONS);
  applyAll(tree, history);
  const once = dump(tree);
  // What was open at the start of the repeated part is closed at its end, as in a replayed log.
  for (const from of [299, 290, 200]) {
    const again = new DataTree(OPTIONS);
    for (const txn of [...history, ...history.slice(from)]) again.apply(txn);
    expect(dump(again)).toEqual(once);
  }
});

/** Calls with some histories, cut at every place. */
function forEachCut(check: (before: LoggedTxn[], after: LoggedTxn[], seed: number) => void): void {
  for (let seed = 0; seed < HISTORIES; seed++) {
    const history = randomHistory(seed, 50);
    for (let cut = 0; cut <= history.length; cut++) {
      check(history.slice(0, cut), history.slice(cut), seed);
    }
  }
}

/** Applies txns, each of which must lead to the digest that its leader expects. */
function applyAll(tree: DataTree, txns: readonly LoggedTxn[]): void {
  for (const txn of txns) {
    const { expectedDigest } = tree.apply(txn);
    if (expectedDigest !== undefined) expect(tree.digest()).toBe(expectedDigest);
  }
}

function* pieces(source: SnapshotSource): Generator<Uint8Array> {
  for (let piece = source.next(); piece !== undefined; piece = source.next()) yield piece;
}

/** The pieces of a snapshot, while the txns are applied between them; all are, in the end. */
function interleaved(
  source: SnapshotSource,
  seed: number,
  txns: readonly LoggedTxn[],
  tree: DataTree,
): Uint8Array[] {
  const random = randomNumbers(seed + 1000);
  const waiting = [...txns];
  const result: Uint8Array[] = [];
  for (const piece of pieces(source)) {
    result.push(piece);
    while (random(3) === 0) applyAll(tree, waiting.splice(0, 1));
  }
  applyAll(tree, waiting);
  return result;
}

function load(snapshot: Iterable<Uint8Array | undefined>, zxid = 0n): DataTree {
  const tree = new DataTree(OPTIONS);
  tree.apply(randomHistory(99, 1)[0] as LoggedTxn);
  const bytes = Buffer.concat([...snapshot].filter((piece) => piece !== undefined));
  const sink = tree.restore(zxid);
  // In pieces that end anywhere, and with something after the end.
  const tail = Buffer.from("tail");
  const whole = Buffer.concat([bytes, tail]);
  let used = 0;
  for (let at = 0; !sink.done; at += 97) used += sink.push(whole.subarray(at, at + 97));
  expect(used).toBe(bytes.length);
  return tree;
}

interface Dump {
  readonly sessions: Map<bigint, number>;
  readonly nodes: Map<string, unknown>;
}

/** Everything that a tree holds. Numbers of access control lists may differ, the lists may not. */
function dump(tree: DataTree): Dump & { ephemerals: Map<bigint, string[]> } {
  const nodes = new Map<string, unknown>();
  let size = 0;
  for (const path of tree.paths()) {
    const view = tree.getNode(path);
    size += (path === "/" ? "" : path).length + (view?.data?.length ?? 0);
    nodes.set(path, {
      data: view?.data && Buffer.from(view.data).toString("hex"),
      acl: aclText(view?.acl ?? []),
      stat: view?.stat,
      children: tree.getChildren(path)?.sort(),
    });
  }
  expect(nodes.size).toBe(tree.nodeCount);
  const ephemerals = new Map(
    Array.from({ length: 30 }, (_, id) => [BigInt(id), tree.ephemeralsOf(BigInt(id)).sort()]),
  );
  expect(tree.approximateDataSize).toBe(size);
  const used = [...ephemerals].filter(([, paths]) => paths.length > 0);
  expect(new Map(Array.from(tree.ephemerals(), ([id, paths]) => [id, paths.sort()]))).toEqual(
    new Map(used),
  );
  expect(tree.ephemeralCount).toBe(used.flatMap(([, paths]) => paths).length);
  return { sessions: new Map(tree.sessions), nodes, ephemerals };
}

function withoutQuotas({ sessions, nodes }: Dump): unknown {
  const counted = [...nodes].filter(([path]) => !path.endsWith("/zookeeper_stats"));
  return { sessions, nodes: new Map(counted) };
}

/** A leader's txns, prepared while up to eight others were not applied yet. */
function randomHistory(seed: number, length: number): LoggedTxn[] {
  const random = randomNumbers(testSeed() ^ (seed * 7919));
  const leader = new DataTree(OPTIONS);
  const history: LoggedTxn[] = [];
  const outstanding: LoggedTxn[] = [];
  let nextSession = 1n;
  const sessions: bigint[] = [];
  const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T;

  function request<C extends RequestOpCode>(opCode: C, body: RequestBodyInit<C>, session?: bigint) {
    const zxid = 0x300000001n + BigInt(history.length);
    const bytes = leader.prepare(
      {
        sessionId: session ?? pick(sessions),
        cxid: history.length,
        opCode,
        body: encodeRequest(opCode, 0, ...([body] as unknown as RequestContent<C>)).subarray(8),
        authInfo: [{ scheme: "digest", id: pick(["amy:x", "ben:y"]) }],
      },
      zxid,
      BigInt(history.length * 10),
    );
    const txn = { zxid, header: decodeTxn(bytes).header, bytes };
    history.push(txn);
    outstanding.push(txn);
    while (outstanding.length > random(8)) applyAll(leader, outstanding.splice(0, 1));
  }

  const path = (): string => {
    const known = [...leader.paths()].filter((path) => !path.startsWith("/zookeeper"));
    const parent = random(3) === 0 ? "" : pick(known).replace(/^\/$/, "");
    const near = parent.split("/").slice(0, 3).join("/");
    return `${near}/${pick(["a", "b", "c", "é€"])}`;
  };
  const someData = (): Uint8Array | null =>
    random(6) === 0 ? null : new Uint8Array(random(5)).fill(random(256));
  const acl = () =>
    pick([
      ...[OPEN_ACL_UNSAFE, OPEN_ACL_UNSAFE, OPEN_ACL_UNSAFE],
      [{ perms: 31, id: { scheme: "auth", id: "" } }],
      [{ perms: 1 + random(31), id: { scheme: "world", id: "anyone" } }],
    ]);
  const version = (): number => (random(4) === 0 ? random(3) : -1);
  const create = () => ({ path: path(), data: someData(), acl: acl(), flags: random(4) });
  const makeQuota = () => {
    const quota = "/zookeeper/quota/a";
    const part = (path: string, text: string) => ({
      type: OpCode.create,
      body: { path, data: Buffer.from(text), acl: OPEN_ACL_UNSAFE, flags: 0 },
    });
    const remove = (path: string) => ({ type: OpCode.delete, body: { path, version: -1 } });
    if (leader.getNode(quota) === undefined) {
      const limits = part(`${quota}/zookeeper_limits`, "count=9,bytes=99");
      const stats = part(`${quota}/zookeeper_stats`, "");
      request(OpCode.multi, [part(quota, ""), limits, stats]);
    } else if (random(2) === 0) {
      const ours = [`${quota}/zookeeper_stats`, `${quota}/zookeeper_limits`, quota];
      request(OpCode.multi, ours.map(remove));
    }
  };
  const multiPart = () =>
    pick([
      { type: OpCode.create, body: create() },
      { type: OpCode.create2, body: create() },
      { type: OpCode.setData, body: { path: path(), data: someData(), version: -1 } },
      { type: OpCode.delete, body: { path: path(), version: -1 } },
      { type: OpCode.check, body: { path: path(), version: version() } },
    ]);

  while (history.length < length) {
    const dice = random(100);
    if (sessions.length < 2 || dice < 4) {
      request(OpCode.createSession, { timeOut: 1000 + random(9) }, nextSession);
      sessions.push(nextSession++);
    } else if (dice < 8) {
      const [closing] = sessions.splice(random(sessions.length), 1);
      request(OpCode.closeSession, null, closing);
    } else if (dice < 36) {
      request(pick([OpCode.create, OpCode.create2]), create());
    } else if (dice < 40) {
      request(OpCode.createContainer, { ...create(), flags: CreateMode.CONTAINER });
    } else if (dice < 44) {
      const flags = CreateMode.PERSISTENT_WITH_TTL;
      request(OpCode.createTTL, { ...create(), flags, ttl: BigInt(1 + random(100)) });
    } else if (dice < 62) {
      request(OpCode.delete, { path: path(), version: version() });
    } else if (dice < 74) {
      request(OpCode.setData, { path: path(), data: someData(), version: version() });
    } else if (dice < 82) {
      request(OpCode.setACL, { path: path(), acl: acl(), version: version() });
    } else if (dice < 92) {
      request(OpCode.multi, Array.from({ length: random(4) }, multiPart));
    } else if (dice < 96) {
      for (const due of leader.overdue(BigInt(history.length * 10))) {
        const body = { path: Buffer.from(due.body.subarray(4)).toString() };
        request(OpCode.deleteContainer, body, 0n);
      }
    } else {
      makeQuota();
    }
  }
  applyAll(leader, outstanding);
  return history;
}

/** Numbers from 0 below the bound, the same ones for the same seed. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

interface SlowZnode {
  data: Uint8Array | null;
  acl: readonly ACL[];
  stat: StatPersisted;
}

/** Znodes in a map; whatever can be computed from them is, each time. Only for txns in order, each once. */
class SlowTree {
  readonly sessions = new Map<bigint, number>();
  readonly nodes = new Map<string, SlowZnode>(
    ["", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"].map((path) => {
      const perms = path === "/zookeeper/config" ? 1 : 31;
      const stat = new StatPersisted({ aversion: perms === 1 ? -1 : 0 });
      const acl = [ACL.from({ perms, id: { scheme: "world", id: "anyone" } })];
      return [path, { data: new Uint8Array(0), acl, stat }];
    }),
  );

  apply({ bytes }: LoggedTxn): void {
    const message = decodeTxn(bytes);
    if (message.type !== OpCode.multi) {
      this.#change(message, message.header);
      return;
    }
    const parts = unpackMultiTxn(message.body);
    if (parts.some(({ type }) => type === OpCode.error)) return;
    for (const part of parts) this.#change(part, message.header);
  }

  #change({ type, body }: Exclude<TxnMessage, { type: 14 }> | SubTxn, header: TxnHeader): void {
    const { zxid, time, clientId } = header;
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
        this.#create(body, body.ephemeral ? clientId : 0n, header);
        break;
      case OpCode.createContainer:
        this.#create(body, -0x8000000000000000n, header);
        break;
      case OpCode.createTTL:
        this.#create(body, BigInt.asIntN(64, 0xff00000000000000n | body.ttl), header);
        break;
      case OpCode.delete:
      case OpCode.deleteContainer:
        this.#delete(body.path, zxid);
        break;
      case OpCode.setData: {
        const { stat } = Object.assign(this.#node(body.path), { data: body.data });
        Object.assign(stat, { mzxid: zxid, mtime: time, version: body.version });
        break;
      }
      case OpCode.setACL: {
        const { stat } = Object.assign(this.#node(body.path), { acl: body.acl });
        stat.aversion = body.version;
        break;
      }
      case OpCode.createSession:
        this.sessions.set(clientId, body.timeOut);
        break;
      case OpCode.closeSession:
        this.sessions.delete(clientId);
        for (const [path, { stat }] of this.nodes) {
          if (stat.ephemeralOwner === clientId) this.#delete(path, zxid);
        }
        break;
      default:
        break;
    }
  }

  #create(
    body: {
      path: string | null;
      data: Uint8Array | null;
      acl: ACL[] | null;
      parentCVersion: number;
    },
    ephemeralOwner: bigint,
    { zxid, time }: TxnHeader,
  ): void {
    const path = body.path ?? "";
    const parent = this.#node(path.slice(0, path.lastIndexOf("/"))).stat;
    Object.assign(parent, { cversion: body.parentCVersion, pzxid: zxid });
    const [czxid, mzxid, pzxid, ctime, mtime] = [zxid, zxid, zxid, time, time];
    const stat = new StatPersisted({ czxid, mzxid, pzxid, ctime, mtime, ephemeralOwner });
    this.nodes.set(path, { data: body.data, acl: body.acl ?? [], stat });
  }

  #delete(path: string | null, zxid: bigint): void {
    this.#node(path?.slice(0, path.lastIndexOf("/")) ?? null).stat.pzxid = zxid;
    this.nodes.delete(path ?? "");
  }

  #node(path: string | null): SlowZnode {
    const node = this.nodes.get(path ?? "");
    if (node === undefined) throw new Error(`no ${String(path)}`);
    return node;
  }

  children(path: string): string[] {
    const isChild = (other: string): boolean =>
      other !== "" && other.slice(0, other.lastIndexOf("/")) === path;
    return [...this.nodes.keys()].filter(isChild).map((other) => other.slice(path.length + 1));
  }

  digest(): bigint {
    let sum = 0n;
    for (const [path, { data, stat }] of this.nodes) {
      if (path.startsWith("/zookeeper/")) continue;
      const fields = Buffer.alloc(60);
      const longs = [stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime];
      longs.forEach((long, index) => fields.writeBigInt64BE(long, index * 8));
      const ints = [stat.version, stat.cversion, stat.aversion];
      ints.forEach((int, index) => fields.writeInt32BE(int, 40 + index * 4));
      fields.writeBigInt64BE(stat.ephemeralOwner, 52);
      sum += BigInt(crc32(Buffer.concat([Buffer.from(path), data ?? Buffer.alloc(0), fields])));
    }
    return sum;
  }

  dump(): Dump {
    const nodes = new Map<string, unknown>();
    for (const [path, { data, acl, stat }] of this.nodes) {
      const children = this.children(path).sort();
      const session = stat.ephemeralOwner > 0n ? stat.ephemeralOwner : 0n;
      nodes.set(path === "" ? "/" : path, {
        data: data && Buffer.from(data).toString("hex"),
        acl: aclText(acl),
        stat: expect.objectContaining({
          ...Object.fromEntries(STAT_FIELDS.map((field) => [field, stat[field]])),
          cversion: stat.cversion * 2 - children.length,
          ephemeralOwner: session,
          dataLength: data?.length ?? 0,
          numChildren: children.length,
        }) as unknown,
        children,
      });
    }
    return { sessions: this.sessions, nodes };
  }
}

const STAT_FIELDS = ["czxid", "mzxid", "ctime", "mtime", "version", "aversion", "pzxid"] as const;

/** As Java writes a snapshot: lists and sessions first, then each znode as it is when its turn comes. The txns are applied meanwhile. */
function fuzzySnapshot(
  twin: SlowTree,
  txns: readonly LoggedTxn[],
  seed: number,
): Iterable<Uint8Array> {
  const random = randomNumbers(seed + 2000);
  const waiting = [...txns];
  const ids = new Map<string, bigint>();
  const idOf = (acl: readonly ACL[]): bigint => {
    const key = aclText(acl);
    const id = ids.get(key) ?? BigInt(ids.size + 1);
    ids.set(key, id);
    return id;
  };
  const acls = new Map([...twin.nodes.values()].map(({ acl }) => [idOf(acl), acl]));

  function* nodesFrom(path: string): Generator<SnapshotNode> {
    const node = twin.nodes.get(path);
    if (node === undefined) return;
    const children = twin.children(path);
    yield { path, data: node.data, aclId: idOf(node.acl), stat: node.stat };
    while (random(3) === 0 && waiting.length > 0) twin.apply(waiting.shift() as LoggedTxn);
    for (const child of children) yield* nodesFrom(`${path}/${child}`);
  }

  const sessions = [...twin.sessions];
  return encodeSnapshotBody({
    sessions,
    sessionCount: sessions.length,
    acls,
    aclCount: acls.size,
    nodes: nodesFrom(""),
  });
}

function aclText(acl: readonly ACL[]): string {
  return acl
    .map(({ perms, id }) => `${String(id.scheme)}:${String(id.id)}:${String(perms)}`)
    .join();
}
