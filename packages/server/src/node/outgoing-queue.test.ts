import { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { OutgoingQueue } from "./outgoing-queue.js";

/** A queue before a socket that keeps what it is given until `leave` lets the oldest go. */
function setUp() {
  const socket = new Socket();
  const written: { readonly bytes: Uint8Array; readonly left: () => void }[] = [];
  vi.spyOn(socket, "write").mockImplementation((bytes: unknown, left: unknown) => {
    written.push({ bytes: bytes as Uint8Array, left: left as () => void });
    return true;
  });
  const onDrained = vi.fn();
  const queue = new OutgoingQueue(socket, onDrained);
  const leave = (): void => {
    written.shift()?.left();
  };
  return { queue, written, leave, onDrained };
}

describe("the queue before a socket", () => {
  it("sends nothing before it is flushed, and then small chunks as one", () => {
    const { queue, written } = setUp();
    queue.write(Uint8Array.of(1, 2));
    queue.write(Uint8Array.of(3));
    expect(written).toHaveLength(0);
    queue.flush();
    expect(written.map(({ bytes }) => [...bytes])).toEqual([[1, 2, 3]]);
    queue.flush();
    expect(written).toHaveLength(1);
  });

  it("does not copy large chunks", () => {
    const { queue, written } = setUp();
    const pieces = [new Uint8Array(65_536), new Uint8Array(65_536)];
    for (const piece of pieces) queue.write(piece);
    queue.flush();
    expect(written).toHaveLength(pieces.length);
    expect(written.every(({ bytes }, index) => bytes === pieces[index])).toBe(true);
  });

  it("tells that all has left when nothing is on its way and nothing waits", () => {
    const { queue, leave, onDrained } = setUp();
    queue.write(Uint8Array.of(1));
    queue.flush();
    queue.write(Uint8Array.of(2));
    leave();
    expect(onDrained).not.toHaveBeenCalled();
    queue.flush();
    leave();
    expect(onDrained).toHaveBeenCalledTimes(1);
  });
});
