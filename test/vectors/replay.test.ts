/**
 * Java's own bytes, replayed without Java. `test/java/vectors/record.sh` has
 * written the files next to this one with the classes of ZooKeeper 3.8.0:
 * the value as JSON, and the bytes that Java makes of it.
 */
import { readFileSync } from "node:fs";
import { registry } from "@jute-ts/records";
import { type AnyRecordType, JuteDecodeError, type JsonObject } from "@jute-ts/runtime";
import { describe, expect, test } from "vitest";
import { effort, rowsOf } from "../effort.js";

interface Signature {
  readonly record: string;
  readonly signature: string;
}

interface Case {
  readonly record: string;
  readonly case: string;
  readonly value: JsonObject;
  readonly hex: string;
}

const MODULES = ["data", "proto", "quorum", "persistence", "txn"];

/** Cutting is quadratic in the length, and long records have nothing that short ones lack. */
const MAX_TRUNCATED_HEX = effort(400, 200);

const lines = MODULES.flatMap(readLines);
const signatures = lines.filter((line): line is Signature => "signature" in line);
const cases = lines.filter((line): line is Case => "hex" in line);

describe("Java's vectors", () => {
  test("are there for all 72 records, many for each", () => {
    expect(signatures).toHaveLength(72);
    expect(cases.length).toBeGreaterThan(1500);
    const counts = new Map<string, number>();
    for (const { record } of cases) counts.set(record, (counts.get(record) ?? 0) + 1);
    expect(counts.size).toBe(72);
  });

  test.each(signatures)("$record has Java's signature", ({ record, signature }) => {
    const { descriptor } = typeOf(record);
    // Java's classes of 3.8.0 lack readOnly, which 3.9 appended.
    const ours = signature.includes("Connect")
      ? descriptor.signature.replace("Bz)", "B)")
      : descriptor.signature;
    expect(ours).toBe(signature);
  });

  test.each(groupByRecord(cases))("$record: encode gives Java's bytes", ({ type, members }) => {
    for (const { value, hex, case: name } of members) {
      if (violatesNonNull(type, value)) continue;
      const record = type.fromJSON(value);
      expect(toHex(record.encode({ strings: "java" })), name).toBe(hex);
      expect(record.byteLength({ strings: "java" }), name).toBe(hex.length / 2);
    }
  });

  test.each(groupByRecord(cases))("$record: decode gives Java's value", ({ type, members }) => {
    for (const { value, hex, case: name } of members) {
      if (violatesNonNull(type, value)) continue;
      const record = type.decode(fromHex(hex));
      expect(record.toJSON(), name).toEqual(value);
      expect(record.equals(type.fromJSON(value)), name).toBe(true);
      expect(toHex(record.encode({ strings: "java" })), name).toBe(hex);
    }
  });

  test.each(groupByRecord(cases))(
    "$record: standard UTF-8 decodes to Java's value, too",
    ({ type, members }) => {
      for (const { value, case: name } of members) {
        if (violatesNonNull(type, value)) continue;
        const bytes = type.fromJSON(value).encode({ strings: "utf8" });
        expect(type.decode(bytes).toJSON(), name).toEqual(value);
      }
    },
  );

  test("null in a field that is marked as never null is refused by name", () => {
    const refused = cases.filter(({ record, value }) => violatesNonNull(typeOf(record), value));
    const fields = new Set<string>();
    for (const { record, value, hex } of refused) {
      const type = typeOf(record);
      const error = caught(() => type.decode(fromHex(hex)));
      expect(error).toBeInstanceOf(JuteDecodeError);
      if (!(error instanceof JuteDecodeError)) continue;
      expect(error.kind).toBe("null");
      const [field] = nullsAgainstSchema(type, value);
      expect(error.path).toBe(`${type.descriptor.name}.${String(field)}`);
      fields.add(error.path?.replace(/\[\d+\]$/, "[]") ?? "");
    }
    // Every marked field, and at least the all-null case of each.
    expect([...fields].sort()).toEqual([
      "Create2Response.path",
      "CreateResponse.path",
      "GetACLResponse.acl",
      "GetChildren2Response.children",
      "GetChildren2Response.children[]",
      "GetChildrenResponse.children",
      "GetChildrenResponse.children[]",
      "GetEphemeralsResponse.ephemerals",
      "GetEphemeralsResponse.ephemerals[]",
      "WatcherEvent.path",
      "WhoAmIResponse.clientInfo",
    ]);
    expect(refused.length).toBeGreaterThanOrEqual(8);
    // So few that skipping them above hides nothing.
    expect(refused.length).toBeLessThan(40);
  });

  test.each([
    ["ConnectRequest", "org.apache.zookeeper.proto.ConnectRequest", ["readOnly"]],
    ["ConnectResponse", "org.apache.zookeeper.proto.ConnectResponse", ["readOnly"]],
    [
      "LearnerInfo",
      "org.apache.zookeeper.server.quorum.LearnerInfo",
      ["protocolVersion", "configVersion"],
    ],
  ])("%s occurs with and without its optional fields", (_name, record, optional) => {
    const members = cases.filter((one) => one.record === record);
    for (const field of optional) {
      expect(members.some(({ value }) => field in value)).toBe(true);
      expect(members.some(({ value }) => !(field in value))).toBe(true);
    }
  });

  test.each(MODULES.map((module) => [module]))(
    "%s: a truncated record is refused, or is a whole record of an older era",
    (module) => {
      const moduleLines = readLines(module);
      // Those of a record follow each other, and are many.
      for (const line of rowsOf(moduleLines, Math.ceil(moduleLines.length / 4))) {
        if (!("hex" in line) || line.hex.length > MAX_TRUNCATED_HEX) continue;
        const type = typeOf(line.record);
        const bytes = fromHex(line.hex);
        for (let length = 0; length < bytes.length; length++) {
          const part = bytes.subarray(0, length);
          try {
            expect(toHex(type.decode(part).encode({ strings: "java" }))).toBe(toHex(part));
            expect(type.descriptor.fields.some(({ optional }) => optional === true)).toBe(true);
          } catch (error) {
            if (!(error instanceof JuteDecodeError)) throw error;
          }
        }
      }
    },
  );
});

function readLines(module: string): (Signature | Case)[] {
  return readFileSync(new URL(`${module}.jsonl`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Signature | Case);
}

function typeOf(record: string): AnyRecordType {
  const type = registry.get(record);
  if (type === undefined) throw new Error(`no class for ${record}`);
  return type;
}

function groupByRecord(
  all: readonly Case[],
): { record: string; type: AnyRecordType; members: Case[] }[] {
  const groups = new Map<string, Case[]>();
  for (const one of all) {
    const members = groups.get(one.record) ?? [];
    members.push(one);
    groups.set(one.record, members);
  }
  return [...groups].map(([record, members]) => ({ record, type: typeOf(record), members }));
}

/** The marked fields that hold null in this value, which Java wrote without knowing of our marks. */
function nullsAgainstSchema(type: AnyRecordType, value: JsonObject): string[] {
  return type.descriptor.fields.flatMap(({ name, nonNull, nonNullElements }) => {
    const held = value[name];
    if (held === null) return nonNull === true ? [name] : [];
    const firstNull = Array.isArray(held) ? held.indexOf(null) : -1;
    return nonNullElements === true && firstNull >= 0 ? [`${name}[${String(firstNull)}]`] : [];
  });
}

function violatesNonNull(type: AnyRecordType, value: JsonObject): boolean {
  return nullsAgainstSchema(type, value).length > 0;
}

function caught(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
