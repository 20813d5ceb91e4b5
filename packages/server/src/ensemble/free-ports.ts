/** Ports for the servers of an ensemble on this machine. */
import { createServer } from "node:net";

/** Different ports of loopback on which nobody listens. Throws when there are not so many. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempts = 0; ports.size < count; attempts++) {
    if (attempts > 100 * count) throw new Error(`there are no ${count} free ports`);
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

/**
 * Below the ports that systems give to outgoing connections: one of those could take
 * a port before the server that it is meant for opens it.
 */
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => {
      resolve(false);
    });
    server.listen({ host: LOOPBACK, port }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

const LOOPBACK = "127.0.0.1";
