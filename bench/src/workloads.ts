/**
 * The ten messages that every peer encodes and decodes: the same logical record
 * in each peer's own schema. All values are fixed, and each call of `records`
 * makes new objects and new strings, so that nothing is cached by identity.
 *
 * Longs stay below 2^53: some peers hold them as numbers, and the comparison
 * should be about speed. Our side and the exact peers use bigint all the same.
 */
export interface IdRecord {
  scheme: string;
  id: string;
}

export interface AclRecord {
  perms: number;
  id: IdRecord;
}

export interface CreateRequestRecord {
  path: string;
  data: Uint8Array;
  acl: AclRecord[];
  flags: number;
}

export interface StatRecord {
  czxid: bigint;
  mzxid: bigint;
  ctime: bigint;
  mtime: bigint;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: bigint;
  dataLength: number;
  numChildren: number;
  pzxid: bigint;
}

export interface ReplyHeaderRecord {
  xid: number;
  zxid: bigint;
  err: number;
}

/** A reply as it stands on the wire: a header, then a GetDataResponse. */
export interface GetDataReplyRecord {
  header: ReplyHeaderRecord;
  body: { data: Uint8Array; stat: StatRecord };
}

export interface ChildrenRecord {
  children: string[];
}

/** `authinfo` is null in every packet but a forwarded request. */
export interface QuorumPacketRecord {
  type: number;
  zxid: bigint;
  data: Uint8Array;
  authinfo: IdRecord[] | null;
}

export interface MultiHeaderRecord {
  type: number;
  done: boolean;
  err: number;
}

/** A multi request: on Jute's wire the operations are followed by a header with `done` set. */
export interface MultiRecord {
  ops: { header: MultiHeaderRecord; request: CreateRequestRecord }[];
}

export interface SetDataRecord {
  path: string;
  data: Uint8Array;
  version: number;
}

/** The shapes of message; two workloads may share one. */
export interface Shapes {
  CreateRequest: CreateRequestRecord;
  Stat: StatRecord;
  GetDataReply: GetDataReplyRecord;
  GetChildrenResponse: ChildrenRecord;
  QuorumPacket: QuorumPacketRecord;
  Multi: MultiRecord;
  SetDataRequest: SetDataRecord;
  ReplyHeader: ReplyHeaderRecord;
}

export type Shape = keyof Shapes;

export interface Workload<S extends Shape = Shape> {
  /** The letter that tables and options use. */
  readonly id: string;
  readonly title: string;
  readonly shape: S;
  /**
   * Consists of bytes, as good as all of it: decoding it means to copy them or to hand out a view
   * of the input, and the one cannot be compared with the other.
   */
  readonly bulk: boolean;
  /** One fresh record, equal to every other one that this returns. */
  readonly record: () => Shapes[S];
}

/** The header that ends a multi request on Jute's wire. */
export const END_OF_MULTI: MultiHeaderRecord = { type: -1, done: true, err: -1 };

const OP_CREATE = 1;
const PROPOSAL = 2;
const PERMS_ALL = 31;
const MEGABYTE = 1_000_000;

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + 3) & 0xff);
}

/** A flat copy in memory of its own: concatenation would leave a rope, a literal is shared. */
function fresh(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

function createRequest(path: string): CreateRequestRecord {
  return {
    path: fresh(path),
    data: bytes(128),
    acl: [{ perms: PERMS_ALL, id: { scheme: fresh("world"), id: fresh("anyone") } }],
    flags: 0,
  };
}

function stat(): StatRecord {
  return {
    czxid: 0x5_0000_1234n,
    mzxid: 0x5_0000_4321n,
    ctime: 1_712_345_678_901n,
    mtime: 1_723_456_789_012n,
    version: 17,
    cversion: 3,
    aversion: 1,
    ephemeralOwner: 0n,
    dataLength: 1024,
    numChildren: 12,
    pzxid: 0x5_0000_3333n,
  };
}

function replyHeader(): ReplyHeaderRecord {
  return { xid: 70_001, zxid: 0x5_0000_4321n, err: 0 };
}

function children(count: number, name: (index: number) => string): ChildrenRecord {
  return { children: Array.from({ length: count }, (_, index) => fresh(name(index))) };
}

const SERVICES = ["订单服务", "支付网关", "用户中心", "库存管理", "消息推送"] as const;

function workload<S extends Shape>(
  id: string,
  title: string,
  shape: S,
  record: () => Shapes[S],
  bulk = false,
): Workload<S> {
  return { id, title, shape, bulk, record };
}

export const WORKLOADS: readonly Workload[] = [
  workload("a", "CreateRequest, 30-char path, 128 B", "CreateRequest", () =>
    createRequest("/services/orders/instances/i-7"),
  ),
  workload("b", "Stat", "Stat", stat),
  workload("c", "ReplyHeader + GetDataResponse, 1 KB", "GetDataReply", () => ({
    header: replyHeader(),
    body: { data: bytes(1024), stat: stat() },
  })),
  workload("d", "GetChildrenResponse, 1,000 names", "GetChildrenResponse", () =>
    children(1000, (index) => `worker-${String(index * 7919).padStart(13, "0")}`),
  ),
  workload("e", "QuorumPacket, 256 B", "QuorumPacket", () => ({
    type: PROPOSAL,
    zxid: 0x5_0000_4321n,
    data: bytes(256),
    authinfo: null,
  })),
  workload("f", "multi of 64 creates", "Multi", () => ({
    ops: Array.from({ length: 64 }, (_, index) => ({
      header: { type: OP_CREATE, done: false, err: -1 },
      request: createRequest(`/services/orders/batch/item-${String(index).padStart(2, "0")}`),
    })),
  })),
  workload("g", "CreateRequest, Chinese path", "CreateRequest", () =>
    createRequest("/服务/订单中心/配置管理/数据库连接/主节点地址列表/北京机房"),
  ),
  workload("g2", "GetChildrenResponse, 100 Chinese names", "GetChildrenResponse", () =>
    children(
      100,
      (index) =>
        `${SERVICES[index % 5] ?? ""}节点编号${String.fromCharCode(0x4e00 + index * 13)}号`,
    ),
  ),
  workload(
    "h",
    "SetDataRequest, 1 MB",
    "SetDataRequest",
    () => ({ path: fresh("/services/orders/blob"), data: bytes(MEGABYTE), version: -1 }),
    true,
  ),
  workload("i", "ReplyHeader", "ReplyHeader", replyHeader),
] as readonly Workload[];
