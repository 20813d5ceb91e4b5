/**
 * The memory behind a Uint8Array and where it starts in it: `buffer` and `byteOffset`. On V8 11 both
 * are calls into the host. To ask for the two by their getters saves a look-up each and a third of the
 * time of borrowing a buffer (bench/primitives). Later engines see through `byteOffset`.
 */
import { SINCE_V8_12 } from "./engine.js";

type Getter<T> = (this: Uint8Array) => T;

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const bufferGetter = getter<ArrayBufferLike>("buffer");
const offsetGetter = getter<number>("byteOffset");

function getter<T>(name: "buffer" | "byteOffset"): Getter<T> {
  return (Object.getOwnPropertyDescriptor(typedArray, name) as { readonly get: Getter<T> }).get;
}

/** `bytes.buffer`. */
export function memoryOf(bytes: Uint8Array): ArrayBufferLike {
  return bufferGetter.call(bytes);
}

/** `bytes.byteOffset`. */
export const offsetOf: (bytes: Uint8Array) => number = SINCE_V8_12
  ? (bytes) => bytes.byteOffset
  : (bytes) => offsetGetter.call(bytes);
