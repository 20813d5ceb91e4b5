/** How each type looks on the wire, as both pages say it. */

/** Type, bytes, what they are. */
export const WIRE_FORMAT: readonly (readonly [type: string, bytes: string, meaning: string])[] = [
  ["byte", "1", "a signed integer"],
  ["boolean", "1", "0 for false, 1 for true"],
  ["int", "4", "a signed integer, the highest byte first"],
  ["long", "8", "a signed integer, the highest byte first"],
  ["float", "4", "IEEE 754, single precision"],
  ["double", "8", "IEEE 754, double precision"],
  ["ustring", "4 + n", "the number n of bytes as an int, then the text in UTF-8; -1 is null"],
  ["buffer", "4 + n", "the number n of bytes as an int, then the bytes; -1 is null"],
  ["vector", "4 + n", "the number of elements as an int, then the elements; -1 is null"],
  ["map", "4 + n", "the number of entries as an int, then each key with its value"],
  ["record", "", "its fields in their order, and nothing else"],
];

export const ABOUT_OFFSETS: string =
  "Offsets and sizes are in bytes. An offset counts from the first byte of the record; a plus says that it is the least one, because something before the field has no fixed size. A record ends with its last field; only an optional field may be missing, together with all that follow it.";
