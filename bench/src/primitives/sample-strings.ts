/** Strings for the primitive benchmarks: flat, distinct, sixteen of each kind and length. */
export const TEXT_KINDS = ["ASCII", "Latin-1", "Chinese"] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

export const STRING_LENGTHS: readonly number[] = [
  1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96, 128, 256,
];

export function sampleStrings(kind: TextKind, length: number): readonly string[] {
  return Array.from({ length: 16 }, (_, seed) => {
    const units = Array.from({ length }, (_unit, index) => sampleUnit(kind, seed * 31 + index * 7));
    return String.fromCharCode(...units);
  });
}

function sampleUnit(kind: TextKind, noise: number): number {
  switch (kind) {
    case "ASCII":
      return 0x61 + (noise % 26);
    case "Latin-1":
      // Every third character is accented, as in a French or German word at its worst.
      return noise % 3 === 0 ? 0xe0 + (noise % 24) : 0x61 + (noise % 26);
    case "Chinese":
      return 0x4e00 + ((noise * 97) % 0x5000);
  }
}
