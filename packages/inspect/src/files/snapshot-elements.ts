/** The elements of a snapshot that come in large numbers, field by field: access control lists and znodes. */
import { toBase64 } from "@jute-ts/runtime";
import { ACL, formatPerms, OPEN_ACL_UNSAFE, StatPersisted } from "@jute-ts/zookeeper";
import { describeBytes } from "../describe.js";
import { FieldTrace } from "../field-trace.js";
import { Item, type ItemFacts, type Layout } from "../item.js";
import { hexLong, textOf } from "../meanings.js";
import { utf8Text } from "../messages/text.js";

type ElementFacts = Omit<ItemFacts, "kind" | "name">;

/** An access control list and its number. */
export function layAcl(facts: ElementFacts, bytes: Uint8Array): Item {
  const trace = new FieldTrace(bytes, facts.offset);
  const id = trace.long("aclId");
  const count = trace.int("acl") ?? -1;
  const entries: ACL[] = [];
  for (let index = 0; index < count; index++) {
    const entry = trace.record(ACL, `acl[${index}].`);
    if (entry === undefined) break;
    entries.push(entry);
  }
  trace.finish();
  const { fields, faults } = trace;
  const shown = entries.map(
    (each) => `${each.id.scheme ?? ""}:${each.id.id ?? ""}:${formatPerms(each.perms)}`,
  );
  return new Item(
    { ...facts, kind: "acl", name: "acl" },
    {
      fields,
      faults,
      paths: [],
      detail: `aclId=${id ?? "?"} [${shown.join(", ")}]`,
      json: { aclId: String(id ?? 0n), acl: entries.map((entry) => entry.toJSON()) },
    },
  );
}

/** A znode with its path. */
export function layZnode(facts: ElementFacts, bytes: Uint8Array): Item {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pathLength = view.getInt32(0);
  const statAt = bytes.length - STAT_BYTES;
  const path = (): string => {
    const text = utf8Text(bytes.subarray(4, 4 + pathLength));
    return text === "" ? "/" : text;
  };
  const detail = (): string => {
    const version = view.getInt32(statAt + 32);
    const owner = view.getBigInt64(statAt + 44);
    const data = view.getInt32(4 + pathLength);
    const start = 8 + pathLength;
    const shown = describeBytes(data < 0 ? null : bytes.subarray(start, start + data));
    const ephemeral = owner === 0n ? "" : ` ephemeralOwner=${hexLong(owner)}`;
    return `${JSON.stringify(path())} data=${shown} version=${version}${ephemeral}`;
  };
  const mzxid = view.getBigInt64(statAt + 8);
  const mtime = Number(view.getBigInt64(statAt + 24));
  const named = { ...facts, kind: "znode", name: "znode", zxid: mzxid } as const;
  return new Item(
    // In a file the time is that of the change; in a capture, that of the message.
    { ...named, timeMs: facts.timeMs ?? mtime },
    {
      layout: () => znodeLayout(bytes, facts.offset, path(), detail()),
      // Its extent was followed, and what can be wrong besides shows there.
      isSound: () => true,
      paths: () => [path()],
      innerOps: () => [],
      detail,
    },
  );
}

function znodeLayout(bytes: Uint8Array, offset: number, path: string, detail: string): Layout {
  const trace = new FieldTrace(bytes, offset);
  const pathLength = trace.int("path", () => "bytes") ?? 0;
  if (pathLength > 0) trace.raw("path.text", pathLength, JSON.stringify(path));
  const dataLength = trace.int("data", () => "bytes") ?? -1;
  const data =
    dataLength < 0
      ? null
      : (trace.raw("data.bytes", dataLength, meaningOfData(trace, dataLength)) ?? null);
  const aclId = trace.long("aclId", (id) => (id === OPEN_ACL_ID ? OPEN_ACL : undefined));
  const stat = trace.record(StatPersisted, "stat.");
  trace.finish();
  const { fields, faults } = trace;
  return {
    fields,
    faults,
    paths: [path],
    detail,
    json: {
      path: path === "/" ? "" : path,
      data: data === null ? null : toBase64(data),
      aclId: String(aclId ?? 0n),
      stat: stat?.toJSON() ?? null,
    },
  };
}

function meaningOfData(trace: FieldTrace, length: number): string | undefined {
  return textOf(trace.peek().subarray(0, length));
}

const STAT_BYTES = 60;

/** Everybody may do everything: never listed. */
const OPEN_ACL_ID = -1n;
const OPEN_ACL: string = OPEN_ACL_UNSAFE.map(
  ({ perms, id }) => `${id.scheme ?? ""}:${id.id ?? ""}:${formatPerms(perms)}`,
).join(", ");
