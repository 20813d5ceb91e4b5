/**
 * A rival implementation of Jute in a directory, for work on the design: `runtime.mjs` exports
 * BinaryOutputArchive (`begin` and `finish` make owned bytes; `reset` begins again in memory of
 * its own, where `u8` holds `pos` bytes) and BinaryInputArchive (`reset(bytes)`), `records.mjs`
 * exports the classes of the records with a static `write(archive, record)` and `read(archive)`.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandError, messageOf } from "../command.js";
import type { GetDataReplyRecord, MultiRecord, Workload } from "../workloads.js";
import { END_OF_MULTI, WORKLOADS } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { copies, inputs } from "./peer.js";
import { fieldsOf, type FieldType } from "./schema.js";

interface Output {
  u8: Uint8Array;
  pos: number;
  begin(): unknown;
  finish(): Uint8Array;
  reset(): unknown;
}

interface Input {
  reset(bytes: Uint8Array): unknown;
}

interface RecordClass {
  new (): object;
  write(output: Output, record: unknown): void;
  read(input: Input): unknown;
}

type Records = Readonly<Record<string, RecordClass>>;

interface Sketch {
  readonly Output: new () => Output;
  readonly Input: new () => Input;
  readonly records: Records;
}

export const SKETCH = "sketch";

/** Whether the directory has that shape; the reason for people if not. */
export function sketchComplaint(directory: string): string | undefined {
  const missing = ["runtime.mjs", "records.mjs"].find((name) => !existsSync(join(directory, name)));
  return missing === undefined ? undefined : `--sketch ${directory}: there is no ${missing}`;
}

export async function sketchPeer(directory: string): Promise<Peer> {
  const touch = await ownTouch(SKETCH);
  const { Output, Input, records } = await loadSketch(directory);
  // One for owned results and one for memory that is reused, as it is meant to be used.
  const owning = new Output();
  const reusing = new Output();
  const input = new Input();
  return {
    name: SKETCH,
    jute: true,
    prepare(workload: Workload): PeerCase {
      const encoded: Uint8Array[] = [];
      const timed = ownCode(
        (
          write: (output: Output, message: unknown) => void,
          read: (input: Input) => unknown,
          owned: Output,
          target: Output,
          source: Input,
          given: readonly unknown[],
          received: readonly Uint8Array[],
          touchFields: (record: unknown) => void,
        ) => ({
          encode(index: number): Uint8Array {
            owned.begin();
            write(owned, given[index & 3]);
            return owned.finish();
          },
          reuse(index: number): Uint8Array {
            target.reset();
            write(target, given[index & 3]);
            return target.u8.subarray(0, target.pos);
          },
          write(index: number): number {
            target.reset();
            write(target, given[index & 3]);
            return target.pos;
          },
          decode(index: number): unknown {
            source.reset(received[index & 3] as Uint8Array);
            const record = read(source);
            touchFields(record);
            return record;
          },
        }),
      )(
        writerOf(workload, records),
        readerOf(workload, records),
        owning,
        reusing,
        input,
        copies(workload).map((record) => instanceOf(workload, record, records)),
        encoded,
        touch(workload.shape),
      );
      encoded.push(...inputs(workload, timed.encode(0)));
      return { ...timed, decoded: () => timed.decode(0) };
    },
  };
}

/** Throws CommandError where a module cannot be loaded or lacks a class. */
export async function loadSketch(directory: string): Promise<Sketch> {
  const runtime = await load(directory, "runtime.mjs");
  for (const name of ["BinaryOutputArchive", "BinaryInputArchive"]) {
    if (typeof runtime[name] !== "function") throw lacking("runtime.mjs", name);
  }
  const records = (await load(directory, "records.mjs")) as Records;
  // Both look for the classes that the workload needs.
  for (const workload of WORKLOADS) {
    writerOf(workload, records);
    readerOf(workload, records);
  }
  return {
    Output: runtime["BinaryOutputArchive"] as Sketch["Output"],
    Input: runtime["BinaryInputArchive"] as Sketch["Input"],
    records,
  };
}

async function load(directory: string, name: string): Promise<Record<string, unknown>> {
  const path = resolve(directory, name);
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw new CommandError(`--sketch: ${path} cannot be loaded. ${messageOf(error)}`);
  }
}

function lacking(file: string, name: string): CommandError {
  return new CommandError(`--sketch: ${file} exports no class ${name}`);
}

function writerOf(
  workload: Workload,
  records: Records,
): (output: Output, message: unknown) => void {
  switch (workload.shape) {
    case "GetDataReply":
      return ownCode((Header: RecordClass, Body: RecordClass) => {
        return (output: Output, message: unknown): void => {
          const { header, body } = message as GetDataReplyRecord;
          Header.write(output, header);
          Body.write(output, body);
        };
      })(classOf(records, "ReplyHeader"), classOf(records, "GetDataResponse"));
    case "Multi":
      return ownCode((Header: RecordClass, Request: RecordClass, end: unknown) => {
        return (output: Output, message: unknown): void => {
          for (const { header, request } of (message as MultiRecord).ops) {
            Header.write(output, header);
            Request.write(output, request);
          }
          Header.write(output, end);
        };
      })(
        classOf(records, "MultiHeader"),
        classOf(records, "CreateRequest"),
        build({ kind: "record", record: "MultiHeader" }, END_OF_MULTI, records),
      );
    default:
      return ownCode((Own: RecordClass) => (output: Output, message: unknown) => {
        Own.write(output, message);
      })(classOf(records, workload.shape));
  }
}

function readerOf(workload: Workload, records: Records): (input: Input) => unknown {
  switch (workload.shape) {
    case "GetDataReply":
      return ownCode((Header: RecordClass, Body: RecordClass) => (input: Input) => {
        const header = Header.read(input);
        return { header, body: Body.read(input) };
      })(classOf(records, "ReplyHeader"), classOf(records, "GetDataResponse"));
    case "Multi":
      return ownCode((Header: RecordClass, Request: RecordClass) => (input: Input) => {
        const ops: unknown[] = [];
        for (;;) {
          const header = Header.read(input);
          if ((header as { done: boolean }).done) return { ops };
          ops.push({ header, request: Request.read(input) });
        }
      })(classOf(records, "MultiHeader"), classOf(records, "CreateRequest"));
    default:
      return ownCode((Own: RecordClass) => (input: Input) => Own.read(input))(
        classOf(records, workload.shape),
      );
  }
}

/** Its own classes inside; the two messages that consist of several records stay plain around them. */
function instanceOf(workload: Workload, record: unknown, records: Records): unknown {
  return build({ kind: "record", record: workload.shape }, record, records);
}

function build(type: FieldType, value: unknown, records: Records): unknown {
  if (value === null || type.kind === "scalar") return value;
  if (type.kind === "list") {
    return (value as unknown[]).map((item) => build(type.item, item, records));
  }
  const fields = fieldsOf(type.record).map((field) => [
    field.name,
    build(field.type, (value as Record<string, unknown>)[field.name], records),
  ]);
  const Own = records[type.record];
  return Object.assign(Own === undefined ? {} : new Own(), Object.fromEntries(fields));
}

function classOf(records: Records, name: string): RecordClass {
  const found = records[name];
  if (typeof found !== "function") throw lacking("records.mjs", name);
  return found;
}
