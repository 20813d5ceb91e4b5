/**
 * Run by memory.test.ts in a process of its own: decodes hostile messages and
 * prints, for each, how many bytes were allocated per byte of input. The process
 * gets a heap so large that nothing is collected while a message is decoded, so
 * what was allocated is an upper bound for what was ever in use.
 *
 * Arguments: the directory of the compiled every-legal-type.jute.
 */
import { join } from "node:path";
import { registry as zookeeper } from "@jute-ts/records";
import { JuteDecodeError, type AnyRecordType, type RecordRegistry } from "@jute-ts/runtime";
import { hostileMessages } from "./hostile-messages.js";

export interface Measurement {
  readonly message: string;
  /** `record`, or the kind of the error. */
  readonly outcome: string;
  readonly inputBytes: number;
  readonly allocatedBytes: number;
}

const [directory] = process.argv.slice(2);
if (directory === undefined || gc === undefined) throw new Error("wrong arguments");

const { registry: every } = (await import(join(directory, "registry.ts"))) as {
  readonly registry: RecordRegistry;
};

const find = (fullName: string): AnyRecordType => {
  const type = zookeeper.get(fullName) ?? every.get(fullName);
  if (type === undefined) throw new Error(`no ${fullName}`);
  return type;
};

const measurements = hostileMessages.map(({ name, record, build }): Measurement => {
  const type = find(record);
  const bytes = build(1 << 20);
  // Once in small, so that compiled code and shared buffers are not counted.
  outcomeOf(type, build(1000));
  gc?.();
  const before = allocated();
  const outcome = outcomeOf(type, bytes);
  const allocatedBytes = allocated() - before;
  return { message: name, outcome, inputBytes: bytes.length, allocatedBytes };
});

process.stdout.write(JSON.stringify(measurements));

function outcomeOf(type: AnyRecordType, bytes: Uint8Array): string {
  try {
    type.decode(bytes);
    return "record";
  } catch (error) {
    if (error instanceof JuteDecodeError) return error.kind;
    throw error;
  }
}

function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
