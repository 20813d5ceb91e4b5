/**
 * What is taken for bytes and for a map. `instanceof` knows only the classes of
 * its own realm, but values come from others too: a test runner, an iframe or
 * `node:vm` has a Uint8Array and a Map of its own. Every check of the kind in this
 * project goes through here, so that no two parts of it disagree.
 */

type Getter = (this: unknown) => unknown;

// They look at what an object is made of, which neither its realm nor its prototype changes.
const typedArrayName = getter(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
);
const mapSize = getter(Map.prototype, "size");

function getter(of: object, name: PropertyKey): Getter {
  return (Object.getOwnPropertyDescriptor(of, name) as { readonly get: Getter }).get;
}

/** Whether this is a Uint8Array, of whatever realm. A Node Buffer is one. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || typedArrayName.call(value) === "Uint8Array";
}

/** Whether this is a Map, of whatever realm. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return value instanceof Map || isForeignMap(value);
}

function isForeignMap(value: unknown): boolean {
  // What it says of itself comes first: to ask what is no map for its size costs a microsecond.
  if (Object.prototype.toString.call(value) !== "[object Map]") {
    return false;
  }
  try {
    mapSize.call(value);
    return true;
  } catch {
    return false;
  }
}
