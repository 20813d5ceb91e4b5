import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { saveBody } from "./request-body.js";

const BODY = new Uint8Array(3_000_000).map((_, index) => index % 251);

/** The port of a server that does this with each request, and answers what it throws. */
async function serve(use: (request: IncomingMessage) => Promise<void>): Promise<number> {
  const server = createServer((request, response) => {
    use(request).then(
      () => response.end("saved"),
      (error: unknown) => {
        response.writeHead(500, { Connection: "close" });
        response.end((error as NodeJS.ErrnoException).code);
      },
    );
  });
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function post(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: BODY });
  return await response.text();
}

function newPath(): string {
  const directory = mkdtempSync(join(tmpdir(), "jute-ts-body-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  return join(directory, "body");
}

it("is saved as it came", async () => {
  const path = newPath();
  expect(await post(await serve((request) => saveBody(request, path)))).toBe("saved");
  expect(Buffer.compare(readFileSync(path), BODY)).toBe(0);
});

it.runIf(existsSync("/dev/full"))(
  "leaves the connection for an answer where the disk is full",
  async () => {
    expect(await post(await serve((request) => saveBody(request, "/dev/full")))).toBe("ENOSPC");
  },
);

it("is not taken for whole when the connection is gone", async () => {
  const path = newPath();
  const outcomes: unknown[] = [];
  const port = await serve(async (request) => {
    outcomes.push(
      await saveBody(request, path).then(
        () => "saved",
        (error: unknown) => error,
      ),
    );
  });
  const socket = connect(port, "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  await expect.poll(() => existsSync(path) && readFileSync(path, "utf8")).toBe("half");
  socket.destroy();
  await expect.poll(() => outcomes).toEqual([expect.any(Error)]);
});
