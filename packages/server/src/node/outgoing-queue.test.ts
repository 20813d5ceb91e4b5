import { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { OutgoingQueue } from "./outgoing-queue.js";

/** A queue before a socket that keeps what it is given until `leave` lets the oldest go. */
function setUp({ untoldBytes = 0 } = {}) {
  const socket = new Socket();
  const written: { readonly bytes: Uint8Array; readonly left: (() => void) | undefined }[] = [];
  vi.spyOn(socket, "write").mockImplementation((bytes: unknown, left: unknown) => {
    written.push({ bytes: bytes as Uint8Array, left: left as (() => void) | undefined });
    return true;
  });
  vi.spyOn(socket, "writableLength", "get").mockImplementation(() =>
    written.reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
  const onDrained = vi.fn();
  const queue = new OutgoingQueue(socket, onDrained, untoldBytes);
  const leave = (): void => {
    written.shift()?.left?.();
  };
  return { socket, queue, written, leave, onDrained };
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

  it("tells nothing of a socket that is closed: what was on its way is lost", () => {
    const { socket, queue, leave, onDrained } = setUp();
    queue.write(Uint8Array.of(1));
    queue.flush();
    socket.destroy();
    leave();
    queue.tell();
    expect(onDrained).not.toHaveBeenCalled();
  });

  it("is silent about a few bytes, unless it is asked", () => {
    const { queue, leave, onDrained } = setUp({ untoldBytes: 10 });
    queue.write(new Uint8Array(10));
    queue.flush();
    queue.tell();
    expect(onDrained).not.toHaveBeenCalled();
    leave();
    expect(onDrained).not.toHaveBeenCalled();
    queue.tell();
    queue.tell();
    expect(onDrained).toHaveBeenCalledTimes(1);
  });

  it("tells after more than that, and begins to count again", () => {
    const { queue, leave, onDrained } = setUp({ untoldBytes: 10 });
    const send = (bytes: number): void => {
      queue.write(new Uint8Array(bytes));
      queue.flush();
      leave();
    };
    send(10);
    send(1);
    expect(onDrained).toHaveBeenCalledTimes(1);
    send(10);
    expect(onDrained).toHaveBeenCalledTimes(1);
    send(1);
    expect(onDrained).toHaveBeenCalledTimes(2);
  });

  it("tells when what is awaited has left, and what was written after it", () => {
    const { queue, leave, onDrained } = setUp({ untoldBytes: 10 });
    queue.write(Uint8Array.of(1), true);
    queue.flush();
    queue.write(Uint8Array.of(2));
    queue.flush();
    leave();
    expect(onDrained).not.toHaveBeenCalled();
    leave();
    expect(onDrained).toHaveBeenCalledTimes(1);
    queue.write(Uint8Array.of(3));
    queue.flush();
    leave();
    expect(onDrained).toHaveBeenCalledTimes(1);
  });
});
