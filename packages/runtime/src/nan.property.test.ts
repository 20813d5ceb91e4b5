/** Java writes every NaN with the same bits, so a NaN that came in with others must not go out with them. */
import { expect, it } from "vitest";
import { BinaryInputArchive, BinaryOutputArchive } from "./index.js";

const doubles = [
  0x7ff8_0000_0000_0000n,
  0x7ff8_0000_0000_0001n,
  0x7ff0_0000_0000_0001n,
  0x7fff_ffff_ffff_ffffn,
  0xfff8_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];
const floats = [0x7fc0_0000, 0x7fc0_0001, 0x7f80_0001, 0x7fff_ffff, 0xffc0_0000, 0xffff_ffff];

it("writes NaN with Java's bits, whatever bits it was read with, before and after optimization", () => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  const output = new BinaryOutputArchive();
  for (let round = 0; round < 20_000; round++) {
    view.setBigUint64(0, doubles[round % doubles.length] ?? 0n);
    output.reset();
    output.writeDouble(new BinaryInputArchive(bytes).readDouble());
    expect(output.view.getBigUint64(0)).toBe(0x7ff8_0000_0000_0000n);

    view.setUint32(0, floats[round % floats.length] ?? 0);
    output.reset();
    output.writeFloat(new BinaryInputArchive(bytes).readFloat());
    expect(output.view.getUint32(0)).toBe(0x7fc0_0000);
  }
});
