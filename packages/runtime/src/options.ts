/** How records are read and written: the options of all that encodes and decodes. */
/** How characters beyond U+FFFF are written: four bytes, or Java's three plus three. */
export type StringEncoding = "utf8" | "java";

export interface ReadOptions {
  /** Whether buffers point into the input (`borrow`, the default) or are copied out of it. */
  readonly buffers?: "borrow" | "copy" | undefined;
  /** What becomes of strings that are not UTF-8: an error (the default), or U+FFFD for each bad part, as in Java. */
  readonly invalidUtf8?: "error" | "replace" | undefined;
  /** What becomes of bytes after the record: an error (the default), or nothing, as in Java. */
  readonly trailing?: "error" | "ignore" | undefined;
  /** `jute.maxbuffer`, in bytes. Default 1048575. Strings and buffers may have `maxBuffer + extraSize` bytes. */
  readonly maxBuffer?: number | undefined;
  /** `zookeeper.jute.maxbuffer.extrasize`, in bytes. Default `maxBuffer`, at least 1024. */
  readonly extraSize?: number | undefined;
  /** How deep recursive records may nest. Default 64. */
  readonly maxDepth?: number | undefined;
}

export interface WriteOptions {
  /** How characters beyond U+FFFF are written. Default `utf8`; `java` gives Apache's own bytes (CESU-8). */
  readonly strings?: StringEncoding | undefined;
  /** How deep recursive records may nest. Default 64. */
  readonly maxDepth?: number | undefined;
}

export interface OutputArchiveOptions extends WriteOptions {
  /** The least size of a buffer, in bytes, of which eight stay empty. Default 1024. Buffers double as needed. */
  readonly initialCapacity?: number | undefined;
  /**
   * Whether vectors of strings are joined to longer texts before they are encoded,
   * which takes half the time and allocates those texts. Default false: an
   * archive that is reused allocates nothing.
   */
  readonly joinStrings?: boolean | undefined;
  /** Buffers of at least this many bytes are not copied but left in place, for `parts`. Default: none. */
  readonly gatherFrom?: number | undefined;
}

export interface GatherOptions extends WriteOptions {
  /** Buffers of at least this many bytes are not copied. Default 4096. */
  readonly gatherFrom?: number | undefined;
}
