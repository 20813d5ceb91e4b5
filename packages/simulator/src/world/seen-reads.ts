/**
 * How much clients were shown of what is below each znode of the root, as the documentation has it
 * counted: a path, the data or the names of children, and a stat for each znode that was read.
 * Names count as their characters, or as the bytes that they travel as.
 */
import { JuteDecodeError, stringByteLength } from "@jute-ts/runtime";
import { decodeRequest, decodeResponse, ErrorCode, OpCode } from "@jute-ts/zookeeper";

export interface SeenNamespace {
  readonly reads: number;
  readonly leastBytes: number;
  readonly mostBytes: number;
}

export class SeenReads {
  readonly #namespaces = new Map<string, SeenNamespace>();
  #isComplete = true;

  /** By the first name of a path. */
  get namespaces(): ReadonlyMap<string, SeenNamespace> {
    return this.#namespaces;
  }

  /** Whether all that was read was shown: an answer that is too long is made in parts and not sent. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether a request of this type may count. */
  static counts(type: number): boolean {
    return COUNTED.has(type);
  }

  /** Both without their lengths. The answer says that all went well; one that cannot be read others complain of. */
  note(request: Uint8Array, answer: Uint8Array): void {
    try {
      this.#note(request, answer);
    } catch (error) {
      if (!(error instanceof JuteDecodeError)) throw error;
      this.#isComplete = false;
    }
  }

  #note(request: Uint8Array, answer: Uint8Array): void {
    const message = decodeRequest(request);
    switch (message.type) {
      case OpCode.exists:
        this.#noteRead(message.body.path, 0, NO_NAMES);
        return;
      case OpCode.getData: {
        const response = decodeResponse(message.type, answer);
        if (response.ok) this.#noteRead(message.body.path, lengthOf(response.body.data), NO_NAMES);
        return;
      }
      case OpCode.getChildren:
      case OpCode.getChildren2: {
        const response = decodeResponse(message.type, answer);
        if (response.ok) this.#noteRead(message.body.path, 0, response.body.children);
        return;
      }
      case OpCode.multiRead: {
        const response = decodeResponse(message.type, answer);
        if (!response.ok) return;
        for (const [at, result] of response.body.entries()) {
          const path = message.body[at]?.body.path ?? null;
          if (!result.ok) continue;
          if ("data" in result.body) this.#noteRead(path, lengthOf(result.body.data), NO_NAMES);
          else if ("children" in result.body) this.#noteRead(path, 0, result.body.children);
        }
        return;
      }
      default:
        return;
    }
  }

  /** A request of this type was answered with an error. */
  noteError(type: number, err: number): void {
    if (type === OpCode.multiRead && err === ErrorCode.MARSHALLINGERROR) this.#isComplete = false;
    // It was read, and then could not be watched.
    if (err === ErrorCode.THROTTLEDOP) this.#isComplete = false;
  }

  #noteRead(path: string | null, dataBytes: number, names: readonly (string | null)[]): void {
    const [, namespace = ""] = path?.split("/") ?? [];
    if (path === null || namespace === "") return;
    const before = this.#namespaces.get(namespace) ?? { reads: 0, leastBytes: 0, mostBytes: 0 };
    const bytes = path.length + dataBytes + STAT_BYTES;
    let [characters, encoded] = [0, 0];
    for (const name of names) {
      characters += name?.length ?? 0;
      encoded += stringByteLength(name ?? "", "java");
    }
    this.#namespaces.set(namespace, {
      reads: before.reads + 1,
      leastBytes: before.leastBytes + bytes + characters,
      mostBytes: before.mostBytes + bytes + encoded,
    });
  }
}

function lengthOf(data: Uint8Array | null): number {
  return data?.length ?? 0;
}

const COUNTED: ReadonlySet<number> = new Set<number>([
  ...[OpCode.exists, OpCode.getData, OpCode.getChildren, OpCode.getChildren2],
  OpCode.multiRead,
]);

const NO_NAMES: readonly string[] = [];

/** Six longs and five ints. */
const STAT_BYTES = 68;
