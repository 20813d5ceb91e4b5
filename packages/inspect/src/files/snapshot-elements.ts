/** The elements of a snapshot that come in large numbers, field by field: access control lists and znodes. */
import { toBase64 } from "@jute-ts/runtime";
import { ACL, formatPerms, OPEN_ACL_UNSAFE, StatPersisted } from "@jute-ts/zookeeper";
import { describeBytes } from "../describe.js";
import { FieldTrace } from "../field-trace.js";
import { Item, type ItemFacts, type Layout } from "../item.js";
import { hexLong, textOf } from "../meanings.js";
import { QuickZnode } from "../quick/quick-znode.js";
import { plainText, quotedText } from "../shown-text.js";

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
  const shown = entries.map((each) =>
    plainText(`${each.id.scheme ?? ""}:${each.id.id ?? ""}:${formatPerms(each.perms)}`),
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
  const znode = new QuickZnode(facts, bytes, znodeLayout);
  return new Item(znode, znode);
}

function znodeLayout({ bytes, offset, path }: QuickZnode): Layout {
  const trace = new FieldTrace(bytes, offset);
  const pathLength = trace.int("path", () => "bytes") ?? 0;
  if (pathLength > 0) trace.raw("path.text", pathLength, quotedText(path));
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
    detail: znodeDetail(path, data, stat),
    json: {
      path: path === "/" ? "" : path,
      data: data === null ? null : toBase64(data),
      aclId: String(aclId ?? 0n),
      stat: stat?.toJSON() ?? null,
    },
  };
}

function znodeDetail(
  path: string,
  data: Uint8Array | null,
  stat: StatPersisted | undefined,
): string {
  const owner = stat?.ephemeralOwner ?? 0n;
  const ephemeral = owner === 0n ? "" : ` ephemeralOwner=${hexLong(owner)}`;
  const version = stat?.version ?? 0;
  return `${quotedText(path)} data=${describeBytes(data)} version=${version}${ephemeral}`;
}

function meaningOfData(trace: FieldTrace, length: number): string | undefined {
  return textOf(trace.peek().subarray(0, length));
}

/** Everybody may do everything: never listed. */
const OPEN_ACL_ID = -1n;
const OPEN_ACL: string = OPEN_ACL_UNSAFE.map(
  ({ perms, id }) => `${id.scheme ?? ""}:${id.id ?? ""}:${formatPerms(perms)}`,
).join(", ");
