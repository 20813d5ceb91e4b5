/**
 * protobufjs with its code-generating reflection, which emits the same encoders
 * and decoders as its static target. Decodes from Buffers, where it is faster.
 */
import protobuf from "protobufjs";
import type { Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, bufferInputs, copies } from "./peer.js";
import { PROTO_SCHEMA } from "./proto-schema.js";

export async function protobufjsPeer(): Promise<Peer> {
  const touch = await ownTouch("protobufjs");
  const { root } = protobuf.parse(PROTO_SCHEMA, { keepCase: true });
  return {
    name: "protobufjs",
    jute: false,
    prepare(workload: Workload): PeerCase {
      const type = root.lookupType(`zk.${workload.shape}`);
      const messages = copies(workload).map((record) => type.fromObject(withLongs(record)));
      const encoded = bufferInputs(workload, type.encode(at(messages, 0)).finish());
      const writer = protobuf.Writer.create();
      const timed = ownCode(
        (
          own: typeof type,
          given: typeof messages,
          received: typeof encoded,
          target: typeof writer,
          touchFields: (message: unknown) => void,
        ) => ({
          encode: (index: number): Uint8Array =>
            own.encode(given[index & 3] as protobuf.Message).finish(),
          reuse(index: number): Uint8Array {
            target.reset();
            return own.encode(given[index & 3] as protobuf.Message, target).finish(true);
          },
          write(index: number): number {
            target.reset();
            return own.encode(given[index & 3] as protobuf.Message, target).pos;
          },
          decode(index: number): unknown {
            const message = own.decode(received[index & 3] as Buffer);
            touchFields(message);
            return message;
          },
        }),
      )(type, messages, encoded, writer, touch(workload.shape));
      return {
        ...timed,
        decoded: () => type.decode(at(encoded, 0)),
      };
    },
  };
}

// The declaration of `util.Long` has the constructor but not its static functions.
const Long = protobuf.util.Long as unknown as { fromString(text: string): unknown };

/** Replaces bigint by Long, and null by absence. */
function withLongs(value: unknown): Record<string, unknown> {
  return convert(value) as Record<string, unknown>;
}

function convert(value: unknown): unknown {
  if (typeof value === "bigint") return Long.fromString(value.toString());
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.map(([name, each]) => [name, convert(each)]));
}
