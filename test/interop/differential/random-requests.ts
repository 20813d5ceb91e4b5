/** Random requests of a client, well-formed and malformed, about a few znodes. */
import {
  ACL,
  type AddWatchMode,
  ANYONE_ID_UNSAFE,
  AUTH_IDS,
  CreateRequest,
  CreateTTLRequest,
  encodeRequest,
  Id,
  type MultiOperationInit,
  OpCode,
  OPEN_ACL_UNSAFE,
  SetACLRequest,
  type WatcherType,
} from "@jute-ts/zookeeper";
import type { Random } from "../../fuzz/random.js";

export interface RandomRequest {
  readonly type: number;
  /** Without the frame's length. */
  readonly payload: Uint8Array;
  /** Whether its bytes were changed after they were made. */
  readonly isMalformed: boolean;
}

/** Which watches the requests of an epoch may set: Apache's 3.8 has only one mode for each path. */
export type WatchKind = "standard" | "persistent" | "recursive";

/** `root`: all paths are below it, so that epochs have nothing to do with each other. */
export function randomRequest(
  random: Random,
  xid: number,
  root: string,
  watchKind: WatchKind,
): RandomRequest {
  const [type, payload] = wellFormed(new Values(random, root, watchKind), xid);
  const isFragile = FRAGILE.has(type) || (watchKind !== "standard" && WATCHING.has(type));
  if (random.below(8) !== 0 || isFragile) return { type, payload, isMalformed: false };
  return { type, payload: damaged(payload, random), isMalformed: true };
}

/** The body is cut, continued or changed; the header stays, so that answers can be matched. */
function damaged(payload: Uint8Array, random: Random): Uint8Array {
  const at = HEADER_BYTES + random.below(payload.length - HEADER_BYTES);
  switch (random.below(4)) {
    case 0:
      return payload.slice(0, at);
    case 1:
      return Uint8Array.from([...payload, ...payload.subarray(at)]);
    case 2: {
      const changed = payload.slice();
      if (at < changed.length) changed[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, 0x2f]);
      return changed;
    }
    default: {
      const changed = payload.slice();
      const view = new DataView(changed.buffer);
      const place = HEADER_BYTES + 4 * random.below((changed.length - HEADER_BYTES) >> 2);
      if (place + 4 <= changed.length) {
        view.setInt32(place, random.pick([-1, 0, 1, 0x7fff_ffff, -0x8000_0000, 100_000]));
      }
      return changed;
    }
  }
}

class Values {
  readonly random: Random;
  readonly watchKind: WatchKind;
  readonly #root: string;

  constructor(random: Random, root: string, watchKind: WatchKind) {
    this.random = random;
    this.watchKind = watchKind;
    this.#root = root;
  }

  path(): string {
    const { random } = this;
    if (random.below(40) === 0) return random.pick(ODD_PATHS);
    return this.#root + random.pick(PATHS) + (random.below(30) === 0 ? random.pick(ODD_ENDS) : "");
  }

  version(): number {
    return this.random.pick([-1, -1, 0, 0, 1, 2, 7, -2]);
  }

  data(): Uint8Array | null {
    const { random } = this;
    return random.pick([null, new Uint8Array(0), new Uint8Array(random.below(64)).fill(65)]);
  }

  acl(): ACL[] | null {
    const { random } = this;
    if (random.below(4) > 0) return [...OPEN_ACL_UNSAFE];
    return random.pick<ACL[] | null>(ACLS);
  }

  bool(): boolean {
    return this.random.below(2) === 0;
  }

  /** Standard watches, where the epoch has those. */
  watch(): boolean {
    return this.watchKind === "standard" && this.bool();
  }
}

type Made = readonly [type: number, payload: Uint8Array];

function wellFormed(values: Values, xid: number): Made {
  const { random } = values;
  return random.below(2) === 0 ? write(values, xid) : read(values, xid);
}

function write(values: Values, xid: number): Made {
  const { random } = values;
  const path = values.path();
  const { create, create2, createContainer, createTTL, setData, setACL, multi } = OpCode;
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return made(create, encodeRequest(create, xid, node(values, path, plainFlags(random))));
    case 3:
      return made(create2, encodeRequest(create2, xid, node(values, path, plainFlags(random))));
    case 4:
      return made(createContainer, encodeRequest(createContainer, xid, node(values, path, 4)));
    case 5: {
      const ttl = random.pick([1_000_000n, 1n << 39n, 0n, -1n, 1n << 40n]);
      const body = new CreateTTLRequest({ ...fields(values, path, random.pick([5, 6])), ttl });
      return made(createTTL, encodeRequest(createTTL, xid, body));
    }
    case 6:
    case 7: {
      const body = { path, data: values.data(), version: values.version() };
      return made(setData, encodeRequest(setData, xid, body));
    }
    case 8: {
      const body = new SetACLRequest({ path, acl: values.acl(), version: values.version() });
      return made(setACL, encodeRequest(setACL, xid, body));
    }
    case 9: {
      const parts = Array.from({ length: random.below(4) }, () => part(values));
      return made(multi, encodeRequest(multi, xid, parts));
    }
    default: {
      const body = { path, version: values.version() };
      return made(OpCode.delete, encodeRequest(OpCode.delete, xid, body));
    }
  }
}

function part(values: Values): MultiOperationInit {
  const path = values.path();
  const version = values.version();
  switch (values.random.below(4)) {
    case 0:
      return { type: OpCode.create, body: node(values, path, plainFlags(values.random)) };
    case 1:
      return { type: OpCode.setData, body: { path, data: values.data(), version } };
    case 2:
      return { type: OpCode.check, body: { path, version } };
    default:
      return { type: OpCode.delete, body: { path, version } };
  }
}

function read(values: Values, xid: number): Made {
  const { random } = values;
  const path = values.path();
  const watched = { path, watch: values.watch() };
  const { exists, getData, getACL, getChildren, getChildren2, getEphemerals } = OpCode;
  const { getAllChildrenNumber, sync, multiRead, whoAmI, ping, auth } = OpCode;
  switch (random.below(16)) {
    case 0:
    case 1:
      return made(exists, encodeRequest(exists, xid, watched));
    case 2:
    case 3:
      return made(getData, encodeRequest(getData, xid, watched));
    case 4:
      return made(getACL, encodeRequest(getACL, xid, { path }));
    case 5:
      return made(getChildren, encodeRequest(getChildren, xid, watched));
    case 6:
      return made(getChildren2, encodeRequest(getChildren2, xid, watched));
    case 7:
      return made(getEphemerals, encodeRequest(getEphemerals, xid, { prefixPath: path }));
    case 8:
      return made(getAllChildrenNumber, encodeRequest(getAllChildrenNumber, xid, { path }));
    case 9:
      return made(sync, encodeRequest(sync, xid, { path }));
    case 10: {
      const parts = Array.from({ length: random.below(3) }, () =>
        values.bool()
          ? ({ type: getData, body: { path: values.path(), watch: false } } as const)
          : ({ type: getChildren, body: { path: values.path(), watch: false } } as const),
      );
      return made(multiRead, encodeRequest(multiRead, xid, parts));
    }
    case 11:
      return made(whoAmI, encodeRequest(whoAmI, xid));
    case 12:
      return made(ping, encodeRequest(ping, xid));
    case 13: {
      const text = random.pick(["bob:secret", "eve:x", "", "nobody"]);
      const body = { type: 0, scheme: "digest", auth: new TextEncoder().encode(text) };
      return made(auth, encodeRequest(auth, xid, body));
    }
    default:
      return aboutWatches(values, xid, path);
  }
}

function aboutWatches(values: Values, xid: number, path: string): Made {
  const { random, watchKind } = values;
  const { addWatch, checkWatches, removeWatches, setWatches } = OpCode;
  // 4 and 5 are unknown to 3.8, and 1 and 2 take whatever mode there is.
  const type: WatcherType = watchKind === "standard" ? random.pick([1, 2, 3]) : 3;
  switch (random.below(4)) {
    case 0:
      return made(checkWatches, encodeRequest(checkWatches, xid, { path, type }));
    case 1:
      return made(removeWatches, encodeRequest(removeWatches, xid, { path, type }));
    default: {
      if (watchKind !== "standard") {
        const mode: AddWatchMode = watchKind === "persistent" ? 0 : 1;
        return made(addWatch, encodeRequest(addWatch, xid, { path, mode }));
      }
      const some = (): string[] => Array.from({ length: random.below(3) }, () => values.path());
      const relativeZxid = random.pick([0n, (1n << 62n) - 1n]);
      const lists = { dataWatches: some(), existWatches: some(), childWatches: some() };
      return made(setWatches, encodeRequest(setWatches, xid, { relativeZxid, ...lists }));
    }
  }
}

function made(type: number, payload: Uint8Array): Made {
  return [type, payload];
}

function node(values: Values, path: string, flags: number): CreateRequest {
  return new CreateRequest(fields(values, path, flags));
}

function fields(values: Values, path: string, flags: number) {
  return { path, data: values.data(), acl: values.acl(), flags };
}

function plainFlags(random: Random): number {
  return random.pick([0, 0, 0, 1, 2, 3]);
}

const PATHS = ["", "/a", "/a/b", "/a/b/c", "/c", "/c/d", "/a", "/a/b"];
const ODD_PATHS = ["", "a", "//", "/a/../b", "/zookeeper", "/zookeeper/config", "/none/x"];
const ODD_ENDS = ["/", "//x", "/.", "\u0000", "\ud83d\ude00", "\u007f", "/é"];

const acl = (perms: number, scheme: string, id: string) =>
  new ACL({ perms, id: new Id({ scheme, id }) });
const ACLS: (ACL[] | null)[] = [
  null,
  [],
  [new ACL({ perms: 31, id: AUTH_IDS })],
  [new ACL({ perms: 1, id: ANYONE_ID_UNSAFE })],
  [new ACL({ perms: 30, id: ANYONE_ID_UNSAFE })],
  [acl(31, "digest", "bob:IYApGOo5bnkZ4V9RMlRrh6BEFAE=")],
  [acl(31, "ip", "127.0.0.1"), acl(31, "ip", "127.0.0.1")],
  [acl(31, "ip", "10.0.0.0/8")],
  [acl(31, "ip", "10.0.0.0/33")],
  [acl(31, "digest", "x")],
  [acl(31, "nobody", "x")],
  [acl(-1, "world", "anyone")],
];

/** Damaged, the first two stop or hang an Apache 3.8 server; the others may mean a watch of another kind, or name a zxid. */
const FRAGILE: ReadonlySet<number> = new Set([
  OpCode.multi,
  OpCode.createTTL,
  OpCode.addWatch,
  OpCode.removeWatches,
  OpCode.setWatches,
]);

/** Damaged, these may set a standard watch. */
const WATCHING: ReadonlySet<number> = new Set([
  OpCode.exists,
  OpCode.getData,
  OpCode.getChildren,
  OpCode.getChildren2,
]);

/** xid and op code. */
const HEADER_BYTES = 8;
