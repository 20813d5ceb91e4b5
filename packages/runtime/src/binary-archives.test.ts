/** Each type's bytes, written by hand from the description of the format. */
import { describe, expect, it } from "vitest";
import { BinaryInputArchive } from "./binary-input-archive.js";
import { BinaryOutputArchive } from "./binary-output-archive.js";
import { JuteDecodeError, JuteEncodeError } from "./errors.js";

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function written(write: (output: BinaryOutputArchive) => void): string {
  const output = new BinaryOutputArchive({ initialCapacity: 1 });
  write(output);
  return hex(output.toBytes());
}

function refusal(read: (input: BinaryInputArchive) => unknown, data: string): [string, number] {
  try {
    read(new BinaryInputArchive(bytes(data)));
  } catch (error) {
    if (error instanceof JuteDecodeError) return [error.kind, error.offset];
    throw error;
  }
  throw new Error("The bytes were accepted.");
}

describe("a binary archive", () => {
  const longest = 0x7fff_ffff_ffff_ffffn;

  it.each([
    [
      "01",
      (o: BinaryOutputArchive) => {
        o.writeBool(true);
      },
      (i: BinaryInputArchive) => i.readBool(),
      true,
    ],
    [
      "00",
      (o: BinaryOutputArchive) => {
        o.writeBool(false);
      },
      (i: BinaryInputArchive) => i.readBool(),
      false,
    ],
    [
      "80",
      (o: BinaryOutputArchive) => {
        o.writeByte(-128);
      },
      (i: BinaryInputArchive) => i.readByte(),
      -128,
    ],
    [
      "7fffffff",
      (o: BinaryOutputArchive) => {
        o.writeInt(2147483647);
      },
      (i: BinaryInputArchive) => i.readInt(),
      2147483647,
    ],
    [
      "80000000",
      (o: BinaryOutputArchive) => {
        o.writeInt(-2147483648);
      },
      (i: BinaryInputArchive) => i.readInt(),
      -2147483648,
    ],
    [
      "7fffffffffffffff",
      (o: BinaryOutputArchive) => {
        o.writeLong(longest);
      },
      (i: BinaryInputArchive) => i.readLong(),
      longest,
    ],
    [
      "ffffffffffffffff",
      (o: BinaryOutputArchive) => {
        o.writeLong(-1n);
      },
      (i: BinaryInputArchive) => i.readLong(),
      -1n,
    ],
    [
      "0000000100000002",
      (o: BinaryOutputArchive) => {
        o.writeLong(0x1_0000_0002n);
      },
      (i: BinaryInputArchive) => i.readLong(),
      0x1_0000_0002n,
    ],
    [
      "3fc00000",
      (o: BinaryOutputArchive) => {
        o.writeFloat(1.5);
      },
      (i: BinaryInputArchive) => i.readFloat(),
      1.5,
    ],
    [
      "8000000000000000",
      (o: BinaryOutputArchive) => {
        o.writeDouble(-0);
      },
      (i: BinaryInputArchive) => i.readDouble(),
      -0,
    ],
    [
      "00000002 6869",
      (o: BinaryOutputArchive) => {
        o.writeString("hi");
      },
      (i: BinaryInputArchive) => i.readString(),
      "hi",
    ],
    [
      "00000000",
      (o: BinaryOutputArchive) => {
        o.writeString("");
      },
      (i: BinaryInputArchive) => i.readString(),
      "",
    ],
    [
      "ffffffff",
      (o: BinaryOutputArchive) => {
        o.writeString(null);
      },
      (i: BinaryInputArchive) => i.readString(),
      null,
    ],
    [
      "00000006 e4b8ade69687",
      (o: BinaryOutputArchive) => {
        o.writeString("中文");
      },
      (i: BinaryInputArchive) => i.readString(),
      "中文",
    ],
    [
      "00000003 eda0bd",
      (o: BinaryOutputArchive) => {
        o.writeString("\ud83d");
      },
      (i: BinaryInputArchive) => i.readString(),
      "\ud83d",
    ],
    [
      "ffffffff",
      (o: BinaryOutputArchive) => {
        o.writeBuffer(null);
      },
      (i: BinaryInputArchive) => i.readBuffer(),
      null,
    ],
    [
      "00000002 0102",
      (o: BinaryOutputArchive) => {
        o.writeBuffer(bytes("0102"));
      },
      (i: BinaryInputArchive) => i.readBuffer(),
      bytes("0102"),
    ],
    [
      "00000002 00000001 61 ffffffff",
      (o: BinaryOutputArchive) => {
        o.writeStrings(["a", null]);
      },
      (i: BinaryInputArchive) => i.readStrings(),
      ["a", null],
    ],
  ])("gives %s", (expected, write, read, value) => {
    expect(written(write)).toBe(expected.replaceAll(" ", ""));
    const input = new BinaryInputArchive(bytes(expected));
    expect(read(input)).toEqual(value);
    expect(input.remaining).toBe(0);
  });

  it("writes characters beyond U+FFFF in four bytes, or as Java does in six", () => {
    expect(
      written((output) => {
        output.writeString("😀");
      }),
    ).toBe("00000004f09f9880");
    const java = new BinaryOutputArchive({ strings: "java" });
    java.writeString("😀");
    expect(hex(java.toBytes())).toBe("00000006eda0bdedb880");
    for (const form of ["00000004f09f9880", "00000006eda0bdedb880"]) {
      expect(new BinaryInputArchive(bytes(form)).readString()).toBe("😀");
    }
  });

  it("reads any byte but 0 as true, and a null map as empty", () => {
    expect(new BinaryInputArchive(bytes("7f")).readBool()).toBe(true);
    expect(new BinaryInputArchive(bytes("ffffffff")).startMap()).toBe(0);
  });

  it.each<[string, (input: BinaryInputArchive) => unknown, string, number]>([
    ["000000", (i) => i.readInt(), "truncated", 0],
    ["00000001", (i) => i.readString(), "truncated", 0],
    ["fffffffe", (i) => i.readString(), "length", 0],
    ["7fffffff", (i) => i.readBuffer(), "length", 0],
    ["fffffffe", (i) => i.startVector(), "count", 0],
    ["00000003 0102", (i) => i.startVector(), "count", 0],
    ["00000002 00", (i) => i.startVector("", 4), "count", 0],
    ["00000002 c328", (i) => i.readString(), "utf8", 4],
    ["00000003 61c080", (i) => i.readString(), "utf8", 5],
    ["00000004 f4908080", (i) => i.readString(), "utf8", 4],
    [
      "00000001 61 62",
      (i) => {
        i.readString();
        i.finish();
      },
      "trailing",
      5,
    ],
  ])("refuses %s", (data, read, kind, offset) => {
    expect(refusal(read, data)).toEqual([kind, offset]);
  });

  it("puts U+FFFD for each bad part when it is asked to", () => {
    const input = new BinaryInputArchive(bytes("00000004 61c328f0"), { invalidUtf8: "replace" });
    expect(input.readString()).toBe("a\ufffd(\ufffd");
  });

  it("takes its limit from maxBuffer and extraSize as Java does", () => {
    const read = (length: number, maxBuffer: number, extraSize?: number): void => {
      const data = new Uint8Array(4 + length);
      new DataView(data.buffer).setInt32(0, length);
      new BinaryInputArchive(data, { maxBuffer, extraSize }).readBuffer();
    };
    read(20, 10, 1024); // The extra size counts on top.
    read(10 + 1024, 10, 5); // It is never below 1024.
    expect(() => {
      read(10 + 1025, 10, 5);
    }).toThrow(JuteDecodeError);
    expect(() => {
      read(6001, 3000);
    }).toThrow(/above the limit of 6000/);
  });

  it.each<[string, (output: BinaryOutputArchive) => void]>([
    [
      "an int beyond 32 bits",
      (o) => {
        o.writeInt(2 ** 31);
      },
    ],
    [
      "a fraction as an int",
      (o) => {
        o.writeInt(0.5);
      },
    ],
    [
      "NaN as an int",
      (o) => {
        o.writeInt(NaN);
      },
    ],
    [
      "a byte beyond 8 bits",
      (o) => {
        o.writeByte(128);
      },
    ],
    [
      "a long beyond 64 bits",
      (o) => {
        o.writeLong(2n ** 63n);
      },
    ],
    [
      "a long below 64 bits",
      (o) => {
        o.writeLong(-(2n ** 63n) - 1n);
      },
    ],
  ])("refuses to write %s", (_, write) => {
    expect(() => written(write)).toThrow(JuteEncodeError);
  });
});

describe("ownership", () => {
  it("lends its buffer until the next write, and copies on request", () => {
    const output = new BinaryOutputArchive();
    output.writeInt(1);
    const lent = output.bytesView();
    const own = output.toBytes();
    expect(lent.buffer).toBe(output.bytes.buffer);
    expect(own.buffer).not.toBe(output.bytes.buffer);
    output.reset();
    output.writeInt(2);
    expect(hex(lent)).toBe("00000002");
    expect(hex(own)).toBe("00000001");
  });

  it("points into the input where buffers are borrowed, also when the message is small", () => {
    const data = bytes("ffff 00000002 0102").subarray(2);
    const view = new BinaryInputArchive(data).readBufferView();
    expect(view?.buffer).toBe(data.buffer);
    expect(view?.byteOffset).toBe(6);
    data[4] = 9;
    expect(view?.[0]).toBe(9);
    const copy = new BinaryInputArchive(data, { buffers: "copy" }).readBufferField();
    expect(copy?.buffer).not.toBe(data.buffer);
  });

  it.each(["borrow", "copy"] as const)(
    "hands out plain Uint8Arrays of a Node Buffer (%s)",
    (buffers) => {
      const data = Buffer.from("00000002010200000000ffffffff", "hex");
      const input = new BinaryInputArchive(data, { buffers });
      const own = input.readBufferField();
      expect(own?.constructor).toBe(Uint8Array);
      expect([...(own ?? [])]).toEqual([1, 2]);
      expect(own?.buffer === data.buffer).toBe(buffers === "borrow");
      expect(buffers === "borrow" || own?.buffer.byteLength === 2).toBe(true);
      expect(input.readBufferField()).toEqual(new Uint8Array(0));
      expect(input.readBufferField()).toBeNull();
      expect(input.remaining).toBe(0);
    },
  );

  it("lends the rest of the input, and nothing of what lies around it", () => {
    const around = Uint8Array.of(9, 9, 0, 0, 0, 7, 1, 2, 3, 9);
    const input = new BinaryInputArchive(around.subarray(2, 9));
    expect(input.readInt()).toBe(7);
    const rest = input.readRest();
    expect(rest).toEqual(Uint8Array.of(1, 2, 3));
    around[6] = 8;
    expect(rest[0]).toBe(8);
    expect(input.remaining).toBe(0);
    expect(input.readRest()).toEqual(new Uint8Array(0));
    // Of a message in larger bytes, up to the end of the message.
    input.reset(around);
    input.setBounds(1, 3);
    expect(input.readRest()).toEqual(Uint8Array.of(9, 0));
  });

  it("leaves large buffers in place for writev, frames included", () => {
    const output = new BinaryOutputArchive({ initialCapacity: 8, gatherFrom: 100 });
    const large = new Uint8Array(100).fill(7);
    const small = new Uint8Array(99).fill(8);
    const frames = [large, small, large].map((data) => {
      const frame = output.startFrame();
      output.writeInt(data.length);
      output.writeBuffer(data);
      output.endFrame(frame);
      return data;
    });
    const parts = output.parts();
    expect(parts.filter((part) => part === large)).toHaveLength(2);
    const expected = frames.map(
      (data) =>
        hex(bytes((data.length + 8).toString(16).padStart(8, "0"))) +
        `${data.length.toString(16).padStart(8, "0").repeat(2)}${hex(data)}`,
    );
    expect(parts.map(hex).join("")).toBe(expected.join(""));
    expect(hex(output.toBytes())).toBe(expected.join(""));
    expect(output.length).toBe(expected.join("").length / 2);
    expect(() => output.bytesView()).toThrow(/parts/);
  });

  it("claims no byte for a value that it refuses", () => {
    const output = new BinaryOutputArchive({ initialCapacity: 8 });
    output.writeInt(1);
    for (const write of [
      () => {
        output.writeBool(1 as never);
      },
      () => {
        output.writeByte(128);
      },
      () => {
        output.writeInt(1.5);
      },
      () => {
        output.writeLong(2n ** 63n);
      },
      () => {
        output.writeFloat("1" as never);
      },
      () => {
        output.writeDouble(null as never);
      },
    ]) {
      expect(write).toThrow(JuteEncodeError);
      expect(hex(output.bytesView())).toBe("00000001");
    }
  });

  it("has zero as the length of a frame that is still open", () => {
    const output = new BinaryOutputArchive({ initialCapacity: 8 });
    output.writeLong(-1n);
    output.reset();
    output.startFrame();
    expect(hex(output.bytesView())).toBe("00000000");
  });

  it("goes back to an earlier place, in depth and in buffers that were left in place as well", () => {
    const output = new BinaryOutputArchive({ initialCapacity: 8, gatherFrom: 4 });
    const [kept, dropped] = [Uint8Array.of(1, 2, 3, 4), new Uint8Array(50)];
    output.enter();
    output.writeBuffer(kept);
    const mark = output.position - output.origin;
    const { remainingDepth } = output;
    output.enter();
    output.writeString("so long that the archive grows");
    output.writeBuffer(dropped);
    output.restore(mark, remainingDepth);
    expect(output.remainingDepth).toBe(remainingDepth);
    expect(output.length).toBe(8);
    expect(hex(output.toBytes())).toBe("0000000401020304");
  });
});
