/**
 * Reads sessions, access control lists and znodes from chunks that end anywhere.
 * Holds the bytes of one element at most: a session, one entry of a list, a path,
 * or a node without its path.
 *
 * It knows nothing of the tree: that parents come first and nothing comes twice
 * is for the visitor to see, who has the nodes.
 */
import { BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import { ACL, StatPersisted } from "@jute-ts/zookeeper";
import { intAt, longAt } from "./big-endian.js";
import { ElementSplitter } from "./element-splitter.js";
import { END_OF_NODES, pathFlaw, type SnapshotVisitor } from "./snapshot-body.js";
import { SnapshotFormatError } from "./snapshot-format-error.js";

export interface SnapshotBodyOptions {
  /** `jute.maxbuffer`, in bytes: strings, data and access control lists may have twice that, as in Java. Default 1048575. */
  readonly maxBuffer?: number | undefined;
  /** How many sessions are accepted. Default: no limit but `maxBytes`. */
  readonly maxSessions?: number | undefined;
  /** How many access control lists are accepted. Default: no limit but `maxBytes`. */
  readonly maxAcls?: number | undefined;
  /** How many bytes the body may have. Default: no limit. What is read takes a small multiple of it in memory. */
  readonly maxBytes?: number | undefined;
  /** Whether the data of a node are a copy (the default), or borrowed from the bytes pushed, for as long as these do not change. */
  readonly buffers?: "copy" | "borrow" | undefined;
  /** The offset of the first byte, for errors: 16 in a file. Default 0. */
  readonly startOffset?: number | undefined;
}

export class SnapshotBodyDecoder {
  readonly #visitor: SnapshotVisitor;
  readonly #maxSessions: number;
  readonly #maxAcls: number;
  /** The offset that no element may reach beyond. */
  readonly #maxOffset: number;
  readonly #maxLength: number;
  readonly #input: BinaryInputArchive;
  readonly #splitter: ElementSplitter;

  #next: NextElement = "session count";
  /** The offset of the next element. */
  #offset: number;
  #sessionsLeft = 0;
  #aclsLeft = 0;
  #aclId = 0n;
  #aclOffset = 0;
  #aclEntriesLeft = 0;
  #acl: ACL[] = [];
  #hasRoot = false;
  #path = "";
  #failure: Error | undefined;

  constructor(visitor: SnapshotVisitor, options?: SnapshotBodyOptions) {
    const maxBuffer = options?.maxBuffer ?? DEFAULT_MAX_BUFFER;
    this.#visitor = visitor;
    this.#maxSessions = options?.maxSessions ?? Infinity;
    this.#maxAcls = options?.maxAcls ?? Infinity;
    this.#offset = options?.startOffset ?? 0;
    this.#maxOffset = this.#offset + (options?.maxBytes ?? Infinity);
    this.#maxLength = Math.min(maxBuffer + Math.max(maxBuffer, LEAST_EXTRA), MOST_LENGTH);
    this.#input = new BinaryInputArchive(undefined, {
      maxBuffer,
      buffers: options?.buffers ?? "copy",
    });
    this.#splitter = new ElementSplitter({
      sizeAt: (bytes, at, available) => this.#sizeAt(bytes, at, available),
      take: (bytes, at, size) => this.#take(bytes, at, size),
    });
  }

  /** Whether the end of the nodes has been read. */
  get done(): boolean {
    return this.#next === "nothing";
  }

  /** The offset after the last element that was read. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Reads the elements that end in these bytes, which are borrowed for the call unless
   * `buffers: "borrow"` lends the data of nodes for longer. Returns how many bytes were
   * used: all, unless the body ended inside. Throws SnapshotFormatError for
   * malformed bytes, for bytes after the end, and again at every later call.
   */
  push(bytes: Uint8Array): number {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.done && bytes.length > 0) {
      throw new SnapshotFormatError("trailing", this.#offset, "more bytes follow the last znode");
    }
    try {
      return this.#splitter.push(bytes);
    } catch (error) {
      this.#failure = this.#explain(error);
      throw this.#failure;
    } finally {
      this.#input.release();
    }
  }

  #sizeAt(bytes: Uint8Array, at: number, available: number): number {
    const size = this.#elementSize(bytes, at, available);
    if (this.#offset + size > this.#maxOffset) {
      this.#refuse(
        "limit",
        `an element of ${String(size)} bytes reaches beyond the limit in bytes`,
      );
    }
    return size;
  }

  #elementSize(bytes: Uint8Array, at: number, available: number): number {
    switch (this.#next) {
      case "session count":
      case "acl count":
        return COUNT_BYTES;
      case "session":
        return SESSION_BYTES;
      case "acl":
        return ACL_HEAD_BYTES;
      case "acl entry": {
        const schemeSize = this.#lengthPrefixed(bytes, at, available, PERMS_BYTES, "a scheme");
        return this.#lengthPrefixed(bytes, at, available, schemeSize, "an id");
      }
      case "path":
        return this.#lengthPrefixed(bytes, at, available, 0, "a path");
      case "node":
        return (
          this.#lengthPrefixed(bytes, at, available, 0, "the data of a znode") + NODE_REST_BYTES
        );
      case "nothing":
        return 0;
    }
  }

  /** The offset, from `at`, after a string or buffer that begins `start` bytes after `at`. */
  #lengthPrefixed(
    bytes: Uint8Array,
    at: number,
    available: number,
    start: number,
    what: string,
  ): number {
    const end = start + COUNT_BYTES;
    if (end > available) return end;
    const length = intAt(bytes, at + start);
    if (length < -1) this.#refuse("length", `${what} has a length of ${String(length)}`);
    if (length > this.#maxLength) {
      this.#refuse(
        "limit",
        `${what} has ${String(length)} bytes, above the limit of ${String(this.#maxLength)} (raise maxBuffer to allow it)`,
      );
    }
    return end + Math.max(length, 0);
  }

  #take(bytes: Uint8Array, at: number, size: number): boolean {
    const input = this.#input;
    input.bytes = bytes;
    input.setBounds(at, at + size);
    switch (this.#next) {
      case "session count":
        this.#sessionsLeft = this.#countAt(bytes, at, SESSION_BYTES, this.#maxSessions, "sessions");
        this.#next = this.#sessionsLeft > 0 ? "session" : "acl count";
        break;
      case "session":
        this.#visitor.session(longAt(bytes, at), intAt(bytes, at + 8));
        this.#next = --this.#sessionsLeft > 0 ? "session" : "acl count";
        break;
      case "acl count":
        this.#aclsLeft = this.#countAt(bytes, at, ACL_HEAD_BYTES, this.#maxAcls, "lists");
        this.#next = this.#aclsLeft > 0 ? "acl" : "path";
        break;
      case "acl":
        this.#startAcl(longAt(bytes, at), intAt(bytes, at + 8));
        break;
      case "acl entry":
        this.#takeAclEntry(input.readRecord(ACL), size);
        break;
      case "path":
        this.#takePath(input.readString());
        break;
      case "node":
        this.#visitor.node({
          path: this.#path,
          data: input.readBufferField(),
          aclId: input.readLong(),
          stat: input.readRecord(StatPersisted),
        });
        this.#next = "path";
        break;
      case "nothing":
        break;
    }
    this.#offset += size;
    return !this.done;
  }

  #countAt(
    bytes: Uint8Array,
    at: number,
    elementSize: number,
    limit: number,
    what: string,
  ): number {
    const count = intAt(bytes, at);
    if (count < 0) this.#refuse("count", `a count of ${String(count)} ${what} is negative`);
    const room = this.#maxOffset - this.#offset - COUNT_BYTES;
    if (count > limit || count * elementSize > room) {
      this.#refuse("limit", `${String(count)} ${what} are more than the limits allow`);
    }
    return count;
  }

  #startAcl(id: bigint, count: number): void {
    if (count < 0) {
      this.#refuse("count", `access control list ${String(id)} has ${String(count)} entries`);
    }
    this.#aclId = id;
    this.#acl = [];
    this.#aclOffset = this.#offset;
    this.#aclEntriesLeft = count;
    this.#next = "acl entry";
    if (count === 0) this.#endAcl();
  }

  #takeAclEntry(entry: ACL, size: number): void {
    // One request has set the whole list, so its bytes have the limit of one request.
    if (this.#offset + size - this.#aclOffset > this.#maxLength) {
      const limit = String(this.#maxLength);
      this.#refuse(
        "limit",
        `access control list ${String(this.#aclId)} has more than ${limit} bytes`,
      );
    }
    this.#acl.push(entry);
    if (--this.#aclEntriesLeft === 0) this.#endAcl();
  }

  #endAcl(): void {
    this.#visitor.acl(this.#aclId, this.#acl);
    this.#acl = [];
    this.#next = --this.#aclsLeft > 0 ? "acl" : "path";
  }

  #takePath(path: string | null): void {
    if (path === END_OF_NODES && this.#hasRoot) {
      this.#next = "nothing";
      this.#visitor.end();
      return;
    }
    if (path === null) this.#refuse("path", "a path is null");
    if ((path === "") === this.#hasRoot) {
      const shown = JSON.stringify(path.slice(0, SHOWN_CHARACTERS));
      this.#refuse(
        "path",
        this.#hasRoot ? "the root is there twice" : `${shown} is there before the root`,
      );
    }
    const flaw = pathFlaw(path);
    if (flaw !== undefined) {
      this.#refuse("path", `the path ${JSON.stringify(path.slice(0, SHOWN_CHARACTERS))} ${flaw}`);
    }
    this.#hasRoot = true;
    this.#path = path;
    this.#next = "node";
  }

  #refuse(kind: SnapshotFormatError["kind"], reason: string): never {
    throw new SnapshotFormatError(kind, this.#offset, reason);
  }

  /** Lengths were checked before the archive saw the bytes, so text is all that it refuses. */
  #explain(error: unknown): Error {
    if (error instanceof JuteDecodeError) {
      const offset = this.#offset + error.offset;
      return new SnapshotFormatError("text", offset, error.reason, { cause: error });
    }
    return error instanceof Error ? error : new Error("The visitor failed.", { cause: error });
  }
}

/** What comes next. An access control list comes entry by entry, a znode in two parts. */
type NextElement =
  "session count" | "session" | "acl count" | "acl" | "acl entry" | "path" | "node" | "nothing";

const COUNT_BYTES = 4;

/** A long and an int each. */
const SESSION_BYTES = 12;
const ACL_HEAD_BYTES = 12;
const PERMS_BYTES = 4;

/** What follows a node's data: the id of its access control list, and its stat. */
const NODE_REST_BYTES = 68;

/** `jute.maxbuffer` when nobody sets it, and the least that Java adds to it. */
const DEFAULT_MAX_BUFFER = 0xfffff;
const LEAST_EXTRA = 1024;
const MOST_LENGTH = 0x7fff_ffff;

/** How much of a path an error shows. */
const SHOWN_CHARACTERS = 100;
