/**
 * The tour that `npm run demo` gives: compiles ZooKeeper's records from their
 * `.jute` files, encodes a request as a client sends it, shows its bytes field
 * by field, and decodes it again, intact and damaged; then runs an ensemble.
 */
import { readdirSync, readFileSync } from "node:fs";
import { styleText } from "node:util";
import { compile, TARGETS, renderDiagnostics, type SourceFile } from "@jute-ts/compiler";
import {
  type AnyRecordType,
  JuteDecodeError,
  type TracedValue,
  traceRecord,
} from "@jute-ts/runtime";
import {
  CreateMode,
  CreateRequest,
  decodeRequest,
  encodeRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
  opCodeName,
  RequestHeader,
} from "@jute-ts/zookeeper";
import { tourEnsemble } from "./ensemble-tour.js";

const DEFINITIONS = new URL("../jute-defs/", import.meta.url);

/** The request header: xid and type. */
const HEADER_SIZE = 8;

/** How many bytes of a value are shown. */
const SHOWN_BYTES = 12;

const useColor =
  process.env["NO_COLOR"] === undefined && (process.stdout.isTTY || "FORCE_COLOR" in process.env);

await compileDefinitions();
const bytes = encodeCreate();
decodeCreate(bytes);
decodeDamaged(bytes);
heading("Run an ensemble of three servers, and take its leader away");
await tourEnsemble((line) => {
  console.log(`   ${line}`);
});
console.log(
  `\nNext: ${bold("npm test")}, the README, or your own file: ${bold("npm run jute -- check my.jute")}`,
);

async function compileDefinitions(): Promise<void> {
  heading("Compile ZooKeeper's records from jute-defs");
  const begin = performance.now();
  const { files, diagnostics, texts, recordCount } = await compile(readDefinitions());
  if (diagnostics.length > 0) {
    console.log(renderDiagnostics(diagnostics, texts, { output: "text", color: useColor }));
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  for (const source of texts.keys()) {
    const classes = files.filter(({ text }) =>
      text.startsWith(`${TARGETS.typescript.marker}${source}.`),
    );
    // Every file is a class, but for the index of each module.
    const records = classes.filter(({ path }) => !path.endsWith("index.ts"));
    console.log(`   ${source.padEnd(20)} ${String(records.length).padStart(3)} records`);
  }
  console.log(`   ${String(recordCount)} TypeScript classes in ${seconds} s`);
}

function readDefinitions(): SourceFile[] {
  return readdirSync(DEFINITIONS)
    .filter((name) => name.endsWith(".jute"))
    .sort()
    .map((path) => ({ path, text: readFileSync(new URL(path, DEFINITIONS), "utf8") }));
}

function encodeCreate(): Uint8Array {
  heading("Encode a request: create an ephemeral znode, open to everyone");
  const message = encodeRequest(OpCode.create, 1, {
    path: "/services/web/中央-1",
    data: new TextEncoder().encode("10.0.0.7:8080"),
    acl: OPEN_ACL_UNSAFE,
    flags: CreateMode.EPHEMERAL,
  });
  printTable(
    ["at", "bytes", "field", "type", "value"],
    [
      ...rowsOf(RequestHeader, message.subarray(0, HEADER_SIZE), 0),
      ...rowsOf(CreateRequest, message.subarray(HEADER_SIZE), HEADER_SIZE),
    ],
  );
  console.log(`   ${String(message.length)} bytes, the same that Java's client sends`);
  return message;
}

function decodeCreate(message: Uint8Array): void {
  heading("Decode it, as a server does");
  const request = decodeRequest(message);
  console.log(`   ${opCodeName(request.type) ?? "?"}, xid ${String(request.xid)}`);
  if (request.type === OpCode.create) {
    console.log(`   ${request.body.toString()}`);
  }
}

function decodeDamaged(message: Uint8Array): void {
  heading("Damage one byte, and decode again");
  const damaged = message.slice();
  const at = damaged.length - 14;
  damaged[at] = 0x7f;
  console.log(`   byte ${String(at)} is now 7f`);
  try {
    decodeRequest(damaged);
  } catch (error) {
    if (!(error instanceof JuteDecodeError)) {
      throw error;
    }
    console.log(`   ${color("red", error.name)}: ${error.message}`);
  }
}

/** A table row for each value of a record that lies `shift` bytes into the message. */
function rowsOf(type: AnyRecordType, bytes: Uint8Array, shift: number): string[][] {
  return traceRecord(type, bytes).values.map((value) => [
    String(value.offset + shift),
    hex(bytes.subarray(value.offset, value.offset + value.length)),
    `${type.descriptor.name}.${value.path}`,
    value.kind,
    show(value),
  ]);
}

function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return shown.join(" ") + (bytes.length > SHOWN_BYTES ? " …" : "");
}

function show({ kind, value }: TracedValue): string {
  if (value === null) {
    return "null";
  }
  if (value instanceof Uint8Array) {
    return `${String(value.length)} bytes`;
  }
  if (kind === "vector" || kind === "map") {
    return `${String(value)} elements`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) =>
    Math.max(...[head, ...rows].map((r) => (r[i] ?? title).length)),
  );
  const line = (cells: readonly string[]): string =>
    // Numbers to the right; the last column needs no padding, so that wide characters do no harm.
    cells
      .map((cell, i) => (i === 0 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  console.log(`   ${color("dim", line(head))}`);
  for (const cells of rows) {
    console.log(`   ${line(cells)}`);
  }
}

function heading(text: string): void {
  console.log(`\n${bold(text)}`);
}

function bold(text: string): string {
  return color("bold", text);
}

function color(style: "bold" | "dim" | "red", text: string): string {
  return useColor ? styleText(style, text) : text;
}
