import { type Ensemble, startEnsemble } from "@jute-ts/server";
import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client } from "./client.js";
import { openGateway } from "./gateway.js";
import { fill, firstWrite, loadThrough } from "./load.js";

describe("a load through the gateway before a peer", () => {
  let ensemble: Ensemble;
  let server: Server;
  let address: string;

  beforeEach(async () => {
    ensemble = await startEnsemble({ size: 1 });
    const peer = await ensemble.ready();
    const port = await freePort();
    server = openGateway(peer, 1, port);
    address = `127.0.0.1:${String(port)}`;
  });

  afterEach(async () => {
    server.close();
    await ensemble.stop();
  });

  it("makes its znodes, writes to them, and closes its sessions", async () => {
    const { state } = ensemble.peer(1n);
    expect(await fill({ address, znodes: 20, bytes: 10 })).toBeGreaterThan(0);
    expect(state.getChildren("/bench")).toHaveLength(20);
    const load = { outstanding: 8, seconds: 0.3, warmSeconds: 0.1, znodes: 20, bytes: 50 };
    const { count, p50, max } = await loadThrough(address, load);
    expect(count).toBeGreaterThan(0);
    expect(p50).toBeLessThanOrEqual(max);
    expect(state.getNode("/bench/node-00000019")?.data).toHaveLength(50);
    expect(state.sessions.size).toBe(0);
  });

  it("begins as soon as anybody takes a write", async () => {
    await firstWrite(["127.0.0.1:1", address]);
    const made = ensemble.peer(1n).state.getChildren("/") ?? [];
    expect(made.some((name) => name.startsWith("probe-"))).toBe(true);
  });

  it("answers with the error of a request that fails", async () => {
    const client = await Client.open(address);
    const errors = new Promise<number[]>((resolve) => {
      const seen: number[] = [];
      for (let i = 0; i < 2; i++) {
        client.create("/once", new Uint8Array(0), (err) => {
          seen.push(err);
          if (seen.length === 2) resolve(seen);
        });
      }
      client.flush();
    });
    expect(await errors).toEqual([0, -110]);
    await client.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
