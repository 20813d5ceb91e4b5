/**
 * What the JavaScript engine and its host offer beyond ECMAScript, looked up once at load. The package
 * is compiled without Node or DOM types, so the few members that it uses are
 * declared here; where the host lacks one, the plain JavaScript path serves.
 */

/** What Node's Buffer offers. Its string methods work on any Uint8Array, not only on a Buffer. */
export interface NativeBuffer {
  /** Decodes bytes, invalid sequences as U+FFFD. */
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
  /** Decodes pairs of bytes as UTF-16, low byte first. */
  readonly ucs2Slice: (this: Uint8Array, start: number, end: number) => string;
  /** The encoder over the first `size` bytes of this memory. */
  readonly textOver: (memory: ArrayBuffer, size: number) => NativeText;
  /** Memory whose first contents are arbitrary. */
  readonly newUncleared: (size: number) => ArrayBuffer;
}

/**
 * Memory that the host's encoder writes to. A method of what it writes to, as in a
 * Buffer, takes a fifth less time than the same function taken off and `call`ed.
 */
export interface NativeText {
  /** Encodes a string, lone surrogates as U+FFFD, and returns the number of bytes written. */
  utf8Write(text: string, at: number, length: number): number;
}

interface Encoder {
  encodeInto(text: string, to: Uint8Array): { readonly written: number };
}
interface Decoder {
  decode(bytes: Uint8Array): string;
}

interface Globals {
  readonly Buffer?: {
    readonly prototype: Partial<NativeText> &
      Partial<Pick<NativeBuffer, "utf8Slice" | "ucs2Slice">>;
    from(memory: ArrayBuffer, start: number, size: number): unknown;
    allocUnsafeSlow(size: number): { readonly buffer: ArrayBuffer };
  };
  readonly TextEncoder?: new () => Encoder;
  readonly TextDecoder?: new (label: string, options: { ignoreBOM: boolean }) => Decoder;
  readonly process?: { readonly versions?: { readonly v8?: string } };
}

const globals = globalThis as Globals;

const { Buffer } = globals;
const prototype = Buffer?.prototype;

/** Undefined outside Node, where TextEncoder and TextDecoder do the work. */
export const native: NativeBuffer | undefined =
  Buffer !== undefined &&
  prototype?.utf8Slice !== undefined &&
  prototype.ucs2Slice !== undefined &&
  prototype.utf8Write !== undefined
    ? {
        utf8Slice: prototype.utf8Slice,
        ucs2Slice: prototype.ucs2Slice,
        textOver: (memory, size) => Buffer.from(memory, 0, size) as NativeText,
        newUncleared: (size) => Buffer.allocUnsafeSlow(size).buffer,
      }
    : undefined;

export const textEncoder: Encoder | undefined =
  globals.TextEncoder === undefined ? undefined : new globals.TextEncoder();

/** Keeps a byte order mark, because U+FEFF is a character like any other in a Jute string. */
export const utf8Decoder: Decoder | undefined =
  globals.TextDecoder === undefined
    ? undefined
    : new globals.TextDecoder("utf-8", { ignoreBOM: true });

/** For units without lone surrogates, which it would replace. */
export const utf16Decoder: Decoder | undefined =
  globals.TextDecoder === undefined
    ? undefined
    : new globals.TextDecoder("utf-16le", { ignoreBOM: true });

const v8Major = parseInt(globals.process?.versions?.v8 ?? "", 10);

// What is quick differs from one V8 to the next (bench/primitives). An engine that does not tell its
// version is taken for the newest.

/**
 * V8 12 (Node 22) or later: to call the host's encoder costs little, and typed arrays tell where they
 * start without a call. V8 11 (Node 20) is better served by loops.
 */
export const SINCE_V8_12: boolean = !(v8Major < 12);

/** V8 13 (Node 24) or later: DataView's 64-bit stores and the host's UTF-8 decoder are quick. */
export const SINCE_V8_13: boolean = !(v8Major < 13);

/** Whether the low byte of a number comes first in typed arrays. */
export const LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
