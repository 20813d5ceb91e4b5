import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readAtOnce } from "./transport.js";

/** Both ends of a connection. */
async function setUp(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const far = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [near] = (await once(server, "connection")) as [Socket];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

describe("a socket that is read at once", () => {
  it("gives all bytes in order, paused now and then, and ends", async () => {
    const { near, far } = await setUp();
    readAtOnce(near);
    const received: Buffer[] = [];
    let pauses = 0;
    near.on("data", (bytes) => {
      received.push(bytes);
      if (received.length % 3 !== 0) return;
      pauses++;
      near.pause();
      setTimeout(() => near.resume(), 1);
    });
    const sent = Array.from({ length: 200 }, (_, index) => Buffer.alloc(1 + index * 97, index));
    for (const bytes of sent) {
      far.write(bytes);
      if (bytes.length % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    far.end();
    await once(near, "end");
    expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
    expect(pauses).toBeGreaterThan(0);
  });

  it("gives nothing while it is paused, and nothing before what came then", async () => {
    const socket = new Socket();
    onTestFinished(() => {
      socket.destroy();
    });
    readAtOnce(socket);
    let received = "";
    socket.on("data", (bytes: Buffer) => (received += bytes.toString()));
    await new Promise((resolve) => setImmediate(resolve));
    socket.push("a");
    expect(received).toBe("a");
    socket.pause();
    socket.push("b");
    expect(received).toBe("a");
    socket.resume();
    socket.push("c");
    await expect.poll(() => received).toBe("abc");
    socket.push("d");
    expect(received).toBe("abcd");
  });

  it("takes no turn of its own to look for more", async () => {
    const { near, far } = await setUp();
    readAtOnce(near);
    const asked = vi.spyOn(process, "nextTick");
    onTestFinished(() => {
      asked.mockRestore();
    });
    const turns = await new Promise((resolve) => {
      near.on("data", () => {
        asked.mockClear();
        // When all listeners have returned, and what called them.
        void Promise.resolve().then(() => {
          resolve(asked.mock.calls.length);
        });
      });
      far.write("x");
    });
    expect(turns).toBe(0);
  });
});
