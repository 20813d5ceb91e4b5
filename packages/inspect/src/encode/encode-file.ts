/**
 * Files from the JSON of their items, one after the other: a transaction log or a
 * snapshot, as the first item says. Checksums and seals are made, not taken over.
 */
import {
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  SnapshotFileEncoder,
  type SnapshotTrailer,
} from "@jute-ts/persistence";
import {
  BinaryOutputArchive,
  JuteJsonError,
  type JsonObject,
  type JsonValue,
} from "@jute-ts/runtime";
import { ACL, StatPersisted } from "@jute-ts/zookeeper";
import { encodeTxnJson } from "./encode-txn.js";
import { bytesOf, intIn, listAt, longIn, objectAt, textIn } from "./json-reading.js";

/** The file of these items in chunks. Padding, gaps and faults are left out. Throws JuteJsonError. */
export function* encodeFile(items: Iterable<JsonValue>): Generator<Uint8Array, void, undefined> {
  const encoder = new FileEncoder();
  for (const item of items) yield* encoder.write(item);
  yield* encoder.finish();
}

/** Takes the items of a file one after the other. Holds none of them. */
export class FileEncoder {
  #writer: LogWriter | SnapshotWriter | undefined;
  #index = 0;

  /** The chunks of the file that this item adds, which are the caller's. Throws JuteJsonError. */
  write(value: JsonValue): Uint8Array[] {
    const item = objectAt(value, `item ${this.#index}`);
    this.#writer ??= writerFor(item);
    this.#index++;
    return [...this.#writer.write(item)];
  }

  /** What ends the file. Throws JuteJsonError if there was no item. */
  finish(): Uint8Array[] {
    if (this.#writer !== undefined) return [...this.#writer.finish()];
    throw new JuteJsonError("item 0", "the header of a file", undefined);
  }
}

function writerFor(item: JsonObject): LogWriter | SnapshotWriter {
  if (item["kind"] === "txn" || (item["kind"] === "fileHeader" && item["name"] === "log")) {
    return new LogWriter();
  }
  if (item["kind"] === "fileHeader" && item["name"] === "snapshot") return new SnapshotWriter();
  throw new JuteJsonError("item 0", 'the fileHeader "log" or "snapshot"', item);
}

class LogWriter {
  #isBegun = false;

  *write(item: JsonObject): Generator<Uint8Array, void, undefined> {
    if (!this.#isBegun) yield encodeTxnLogHeader();
    this.#isBegun = true;
    if (item["kind"] === "txn") yield encodeTxnLogRecords([encodeTxnJson(item)]);
  }

  *finish(): Generator<Uint8Array, void, undefined> {
    // A log ends where its last record does.
  }
}

class SnapshotWriter {
  readonly #encoder = new SnapshotFileEncoder();
  #trailer: SnapshotTrailer = {};

  *write(item: JsonObject): Generator<Uint8Array, void, undefined> {
    const { kind } = item;
    if (kind === "fileHeader") {
      yield this.#encoder.header();
    } else if (kind === "digest") {
      const digest = {
        zxid: longIn(item, "zxid"),
        version: intIn(item, "version"),
        digest: digestOf(item),
      };
      this.#trailer = { ...this.#trailer, digest };
    } else if (kind === "lastProcessedZxid") {
      this.#trailer = { ...this.#trailer, lastProcessedZxid: longIn(item, "lastProcessedZxid") };
    } else {
      const output = new BinaryOutputArchive();
      writeElement(output, item);
      const bytes = output.toBytes();
      if (bytes.length > 0) yield this.#encoder.body(bytes);
    }
  }

  *finish(): Generator<Uint8Array, void, undefined> {
    yield this.#encoder.trailer(this.#trailer);
  }
}

function writeElement(output: BinaryOutputArchive, item: JsonObject): void {
  switch (item["kind"]) {
    case "sessions":
    case "acls":
      output.writeInt(intIn(item, "count"));
      break;
    case "session":
      output.writeLong(longIn(item, "session"));
      output.writeInt(intIn(item, "timeoutMs"));
      break;
    case "acl": {
      const acl = listAt(item["acl"], "acl");
      output.writeLong(longIn(item, "aclId"));
      output.writeInt(acl.length);
      for (const entry of acl) output.writeRecord(ACL.fromJSON(entry));
      break;
    }
    case "znode":
      output.writeString(textIn(item, "path"));
      output.writeBuffer(bytesOf(item["data"], "data"));
      output.writeLong(longIn(item, "aclId", -1n));
      output.writeRecord(StatPersisted.fromJSON(item["stat"] ?? {}));
      break;
    case "end":
      output.writeString("/");
      break;
    default:
    // Seals are made at the end; what was damaged has no place in a whole file.
  }
}

/** A long, or before version 2 signed hexadecimal digits. */
function digestOf(item: JsonObject): bigint {
  if (intIn(item, "version") >= FIRST_BINARY_DIGEST) return longIn(item, "digest");
  const text = textIn(item, "digest") ?? "";
  const match = /^(-?)([0-9a-f]{1,16})$/i.exec(text);
  if (match === null) throw new JuteJsonError("digest", "hexadecimal digits", item["digest"]);
  const size = BigInt(`0x${match[2] ?? "0"}`);
  return match[1] === "-" ? -size : size;
}

const FIRST_BINARY_DIGEST = 2;
