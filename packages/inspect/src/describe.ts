/** The values of a record on one line, shortened, for people who read many of them. */
import { quantity } from "./quantity.js";
import type { AnyRecordType, FieldType, JuteRecord } from "@jute-ts/runtime";
import { ACL, formatPerms, Id, Stat } from "@jute-ts/zookeeper";
import type { FieldValue } from "./item.js";
import { meaningOfField } from "./meanings.js";
import { plainText, quotedText } from "./shown-text.js";

/** `path="/a" data=5 bytes flags=EPHEMERAL`. Fields in `without` are left out. */
export function describeRecord(record: JuteRecord, without: ReadonlySet<string> = NONE): string {
  const { name, fields } = typeOf(record).descriptor;
  const values = record as unknown as Readonly<Record<string, unknown>>;
  const shown: string[] = [];
  for (const field of fields) {
    const value = values[field.property];
    if (value === undefined || without.has(field.name)) continue;
    shown.push(`${field.name}=${describeValue(name, field.name, field.type, value)}`);
  }
  return shown.join(" ");
}

/** How many bytes, or the text that they are if it is short. */
export function describeBytes(bytes: Uint8Array | null): string {
  if (bytes === null) return "null";
  const text = bytes.length <= SHOWN_BYTES ? meaningOfField("", "data", bytes) : undefined;
  return text ?? quantity(bytes.length, "byte");
}

/** A text in quotes, cut if it is long. */
function describeText(text: string): string {
  return quotedText(text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text);
}

/** The record's own class, which every generated class has behind its instances. */
function typeOf(record: JuteRecord): AnyRecordType {
  return record.constructor as unknown as AnyRecordType;
}

function describeValue(record: string, name: string, type: FieldType, value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Uint8Array) return SECRETS.has(name) ? "…" : describeBytes(value);
  if (typeof value === "string") return describeText(value);
  if (Array.isArray(value)) return describeList(record, name, type, value);
  if (value instanceof Stat) return describeStat(value);
  if (value instanceof ACL) return describeAcl(value);
  if (value instanceof Id) return describeId(value);
  if (typeof value === "object") return `{${describeRecord(value as JuteRecord)}}`;
  const plain = value as FieldValue;
  return meaningOfField(record, name, plain) ?? String(plain);
}

function describeList(
  record: string,
  name: string,
  type: FieldType,
  list: readonly unknown[],
): string {
  const element = type.kind === "vector" ? type.element : type;
  const shown = list
    .slice(0, SHOWN_ELEMENTS)
    .map((each) => describeValue(record, name, element, each));
  const rest = list.length - shown.length;
  return `[${[...shown, ...(rest > 0 ? [`… ${rest} more`] : [])].join(", ")}]`;
}

function describeAcl({ perms, id }: ACL): string {
  return `${describeId(id)}:${formatPerms(perms)}`;
}

function describeId({ scheme, id }: Id): string {
  return plainText(`${scheme ?? "null"}:${id ?? "null"}`);
}

function describeStat({ version, dataLength, numChildren, ephemeralOwner }: Stat): string {
  const owner = ephemeralOwner === 0n ? "" : " ephemeral";
  const children = quantity(numChildren, "child", "children");
  return `{v${version} ${quantity(dataLength, "byte")} ${children}${owner}}`;
}

/** Passwords and credentials have no place in what people copy into a report. Dumps show all bytes. */
const SECRETS: ReadonlySet<string> = new Set(["passwd", "auth", "token"]);

/** Whether lines leave out what a field of this name holds. */
export function isSecretField(name: string): boolean {
  return SECRETS.has(name);
}

const NONE: ReadonlySet<string> = new Set();

/** Longer buffers are shown by their size, longer texts and lists cut. */
export const SHOWN_BYTES = 32;
export const SHOWN_TEXT = 200;
export const SHOWN_ELEMENTS = 4;
