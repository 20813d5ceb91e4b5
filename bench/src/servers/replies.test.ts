import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Replies } from "./replies.js";

/** xid, error and the bytes after the header, of one reply. */
const reply = fc.record({
  xid: fc.integer({ min: -2, max: 1000 }),
  err: fc.integer({ min: -120, max: 0 }),
  body: fc.nat(60),
});

describe("the replies in what a server sends", () => {
  it("are seen once and in order, each with its last byte, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(reply, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (sent, sizes) => {
          const stream = Buffer.concat(sent.map(bytesOf));
          const seen: { xid: number; err: number }[] = [];
          const replies = new Replies((head, at) => {
            seen.push({ xid: head.getInt32(at + 4), err: head.getInt32(at + 16) });
          });
          let at = 0;
          for (let i = 0; at < stream.length; i++) {
            const part = stream.subarray(at, at + (sizes[i % sizes.length] ?? 1));
            at += part.length;
            // The memory is used again, as a socket's is.
            const memory = new Uint8Array(100).fill(0xee);
            memory.set(part);
            replies.push(new DataView(memory.buffer), part.length);
            memory.fill(0xee);
            expect(seen).toEqual(completeIn(sent, at));
          }
        },
      ),
    );
  });

  it("are told from what is none", () => {
    const replies = new Replies(() => undefined);
    const bytes = new DataView(new ArrayBuffer(20));
    bytes.setInt32(0, 15);
    expect(() => {
      replies.push(bytes, 20);
    }).toThrow("a frame of 15 bytes");
  });
});

interface Sent {
  readonly xid: number;
  readonly err: number;
  readonly body: number;
}

function bytesOf({ xid, err, body }: Sent): Buffer {
  const bytes = Buffer.alloc(20 + body, 0x77);
  bytes.writeInt32BE(16 + body, 0);
  bytes.writeInt32BE(xid, 4);
  bytes.writeInt32BE(err, 16);
  return bytes;
}

/** Those of which the last byte is among the first `length`. */
function completeIn(sent: readonly Sent[], length: number): { xid: number; err: number }[] {
  let end = 0;
  return sent
    .filter(({ body }) => (end += 20 + body) <= length)
    .map(({ xid, err }) => ({ xid, err }));
}
