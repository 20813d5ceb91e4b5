/**
 * What the host offers beyond ECMAScript, looked up once at load. The package
 * is compiled without Node or DOM types, so the few members that it uses are
 * declared here; where the host lacks one, the plain JavaScript path serves.
 */

/** Node's native string methods. They work on any Uint8Array, not only on a Buffer. */
export interface NativeStrings {
  /** Decodes bytes, invalid sequences as U+FFFD. */
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
  /** Decodes bytes as one character each. */
  readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string;
  /** Encodes a well-formed string and returns the number of bytes written. */
  readonly utf8Write: (this: Uint8Array, text: string, at: number, length: number) => number;
}

interface Encoder {
  encodeInto(text: string, to: Uint8Array): { readonly written: number };
}
interface Decoder {
  decode(bytes: Uint8Array): string;
}

interface Host {
  readonly Buffer?: { readonly prototype: Partial<NativeStrings> };
  readonly TextEncoder?: new () => Encoder;
  readonly TextDecoder?: new (label: string, options: { ignoreBOM: boolean }) => Decoder;
}

const host = globalThis as Host;

const prototype = host.Buffer?.prototype;

/** Undefined outside Node, where TextEncoder and TextDecoder do the work. */
export const native: NativeStrings | undefined =
  prototype?.utf8Slice !== undefined &&
  prototype.latin1Slice !== undefined &&
  prototype.utf8Write !== undefined
    ? {
        utf8Slice: prototype.utf8Slice,
        latin1Slice: prototype.latin1Slice,
        utf8Write: prototype.utf8Write,
      }
    : undefined;

export const textEncoder: Encoder | undefined =
  host.TextEncoder === undefined ? undefined : new host.TextEncoder();

/** Keeps a byte order mark, because U+FEFF is a character like any other in a Jute string. */
export const textDecoder: Decoder | undefined =
  host.TextDecoder === undefined ? undefined : new host.TextDecoder("utf-8", { ignoreBOM: true });
