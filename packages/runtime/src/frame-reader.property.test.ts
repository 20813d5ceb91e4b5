/** Frames come out as they went in, however TCP cuts the stream, and nothing that was borrowed is written again. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import { BinaryOutputArchive, FrameReader, JuteDecodeError } from "./index.js";

/** Contents of frames, the empty one and some larger than any chunk included. */
const frames = fc.array(
  fc.oneof(
    { arbitrary: fc.uint8Array({ maxLength: 12 }), weight: 4 },
    { arbitrary: fc.uint8Array({ minLength: 100, maxLength: 300 }), weight: 1 },
  ),
  { maxLength: 8 },
);

/** Sizes of chunks, used again and again until the stream ends; many cut right through a length. */
const chunkSizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200 })),
  { minLength: 1, maxLength: 12 },
);

describe("FrameReader", () => {
  it("gives the frames that were written, for every way to cut the stream", () => {
    fc.assert(
      fc.property(frames, chunkSizes, fc.nat(7), (contents, sizes, offset) => {
        const reader = new FrameReader();
        const received: number[][] = [];
        for (const chunk of cut(streamOf(contents), sizes, offset)) {
          reader.push(chunk);
          for (let input = reader.next(); input !== undefined; input = reader.next()) {
            received.push(Array.from({ length: input.remaining }, () => input.readByte() & 0xff));
            expect(input.atEnd()).toBe(true);
          }
        }
        expect(received).toEqual(contents.map((content) => [...content]));
        expect(reader.idle).toBe(true);
        expect(reader.next()).toBeUndefined();
      }),
      { numRuns: effort(1000, 166) },
    );
  });

  it("is idle only between frames", () => {
    fc.assert(
      fc.property(frames, chunkSizes, (contents, sizes) => {
        const ends = new Set([0]);
        let end = 0;
        for (const { length } of contents) ends.add((end += 4 + length));
        const reader = new FrameReader();
        let pushed = 0;
        for (const chunk of cut(streamOf(contents), sizes, 0)) {
          reader.push(chunk);
          while (reader.next() !== undefined);
          pushed += chunk.length;
          expect(reader.idle).toBe(ends.has(pushed));
        }
      }),
      { numRuns: effort(300, 50) },
    );
  });

  it("keeps what was borrowed from earlier frames intact", () => {
    fc.assert(
      fc.property(frames, chunkSizes, (contents, sizes) => {
        const reader = new FrameReader();
        const borrowed: (Uint8Array | null)[] = [];
        const messages = contents.map((content) => {
          const archive = new BinaryOutputArchive();
          archive.writeBuffer(content);
          return archive.toBytes();
        });
        for (const chunk of cut(streamOf(messages), sizes, 0)) {
          reader.push(chunk);
          for (let input = reader.next(); input !== undefined; input = reader.next()) {
            borrowed.push(input.readBufferView());
          }
        }
        expect(borrowed.map((view) => [...(view ?? [])])).toEqual(contents.map((c) => [...c]));
      }),
      { numRuns: effort(300, 50) },
    );
  });

  it("borrows from the chunk itself when a frame lies whole in it, and copies when told to", () => {
    const message = new BinaryOutputArchive();
    const mark = message.startFrame();
    message.writeBuffer(Uint8Array.of(1, 2, 3));
    message.endFrame(mark);
    const chunk = message.toBytes();

    const borrowing = new FrameReader();
    borrowing.push(chunk);
    expect(borrowing.next()?.readBufferField()?.buffer).toBe(chunk.buffer);

    const copying = new FrameReader({ buffers: "copy" });
    copying.push(chunk);
    expect(copying.next()?.readBufferField()?.buffer).not.toBe(chunk.buffer);
  });

  it("refuses a bad length with its place in the stream, and stays refused", () => {
    fc.assert(
      fc.property(
        frames,
        chunkSizes,
        fc.oneof(fc.integer({ min: -0x8000_0000, max: -1 }), fc.integer({ min: 301 })),
        (contents, sizes, length) => {
          const good = streamOf(contents);
          const bad = new DataView(new ArrayBuffer(4));
          bad.setInt32(0, length);
          const reader = new FrameReader({ maxFrame: 300 });
          const chunks = cut(
            Uint8Array.from([...good, ...new Uint8Array(bad.buffer), 1, 2, 3]),
            sizes,
            0,
          );
          let received = 0;
          const feed = () => {
            for (const chunk of chunks) {
              reader.push(chunk);
              while (reader.next() !== undefined) received++;
            }
          };
          const error = caught(feed);
          expect(error).toMatchObject({ kind: "frame", offset: good.length });
          expect(received).toBe(contents.length);
          expect(caught(() => reader.next())).toBe(error);
          expect(
            caught(() => {
              reader.push(good);
            }),
          ).toBe(error);
        },
      ),
      { numRuns: effort(300, 50) },
    );
  });

  it("reserves memory for what has arrived, not for what a length promises", () => {
    const reader = new FrameReader({ maxFrame: 0x7fff_ffff });
    const before = process.memoryUsage().arrayBuffers;
    reader.push(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1));
    expect(reader.next()).toBeUndefined();
    for (let i = 0; i < 100; i++) {
      reader.push(new Uint8Array(10));
      expect(reader.next()).toBeUndefined();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});

/** The frames as one stream, built by hand. */
function streamOf(contents: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    contents.flatMap((content) => {
      const length = new DataView(new ArrayBuffer(4));
      length.setInt32(0, content.length);
      return [...new Uint8Array(length.buffer), ...content];
    }),
  );
}

/** Chunks of these sizes, each `offset` bytes into memory of its own. */
function cut(stream: Uint8Array, sizes: readonly number[], offset: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    const part = stream.subarray(at, at + size);
    const memory = new Uint8Array(offset + part.length + 3).fill(0xee);
    memory.set(part, offset);
    chunks.push(memory.subarray(offset, offset + part.length));
    at += size;
  }
  return chunks;
}

function caught(step: () => void): JuteDecodeError {
  try {
    step();
  } catch (error) {
    if (error instanceof JuteDecodeError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
