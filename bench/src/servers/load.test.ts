import { type Ensemble, startEnsemble } from "@jute-ts/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client } from "./client.js";
import { fill, firstWrite, type Load, loadThrough, openAll } from "./load.js";
import { timeFanOut, timeManyWatches } from "./watches.js";

describe("a load on a server", () => {
  let ensemble: Ensemble;
  let address: string;

  beforeEach(async () => {
    ensemble = await startEnsemble({ size: 1, storage: "memory" });
    await ensemble.ready();
    address = ensemble.connectString;
  });

  afterEach(async () => {
    await ensemble.stop();
  });

  const parent = "/bench";
  const load: Load = {
    ...{ operation: "setData", parent, znodes: 20, bytes: 50, outstanding: 8, connections: 1 },
    ...{ seconds: 0.3, warmSeconds: 0.1 },
  };

  it("makes its znodes, writes to them, and closes its sessions", async () => {
    const { state } = ensemble.peer(1n);
    expect(await fill({ address, parent, znodes: 20, bytes: 10 })).toBeGreaterThan(0);
    expect(state.getChildren("/bench")).toHaveLength(20);
    const { count, p50, max } = await loadThrough(address, load);
    expect(count).toBeGreaterThan(0);
    expect(p50).toBeLessThanOrEqual(max);
    expect(state.getNode("/bench/node-00000019")?.data).toHaveLength(50);
    expect(state.sessions.size).toBe(0);
  });

  it("reads on many connections and changes nothing, and one time in ten in a mix", async () => {
    const { state } = ensemble.peer(1n);
    await fill({ address, parent, znodes: 20, bytes: 10 });
    for (const operation of ["getData", "exists", "getChildren"] as const) {
      const { count } = await loadThrough(address, { ...load, operation, connections: 5 });
      expect(count).toBeGreaterThan(0);
    }
    const version = () =>
      (state.getChildren(parent) ?? []).reduce(
        (sum, name) => sum + (state.getNode(`${parent}/${name}`)?.stat.version ?? 0),
        0,
      );
    expect(version()).toBe(0);
    const { count } = await loadThrough(address, { ...load, operation: "mixed", warmSeconds: 0 });
    expect(version()).toBeGreaterThanOrEqual(Math.floor(count / 10) - 1);
    expect(version()).toBeLessThanOrEqual(count / 10 + load.outstanding);
  });

  it("sees every event of its watches", async () => {
    await fill({ address, parent, znodes: 20, bytes: 10 });
    expect(await timeFanOut({ address, parent, count: 7 })).toBeGreaterThan(0);
    expect(await timeManyWatches({ address, parent, count: 20 })).toBeGreaterThan(0);
    // As many events as znodes that are there: there is no event of another.
    await expect(timeManyWatches({ address, parent, count: 21 })).rejects.toThrow("-101");
  });

  it("opens as many sessions as it is asked to", async () => {
    const clients = await openAll(address, 50);
    expect(ensemble.peer(1n).state.sessions.size).toBe(50);
    await Promise.all(
      clients.map(async (client) => {
        await client.close();
      }),
    );
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
