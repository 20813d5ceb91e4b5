/** How soon watches tell of changes: many watchers of one znode, and one watcher of many. */
import { OpCode } from "@jute-ts/zookeeper";
import { Client } from "./client.js";
import { expectOk, openAll, pathOf } from "./load.js";

export interface Watching {
  readonly address: string;
  readonly parent: string;
  /** Watchers of one znode, or watched znodes of one client. */
  readonly count: number;
}

/** One znode is watched by many connections: milliseconds from its change to the last one's event. */
export async function timeFanOut({ address, parent, count }: Watching): Promise<number> {
  const path = pathOf(parent, 0);
  const watchers = await openAll(address, count);
  const writer = await Client.open(address);
  try {
    await Promise.all(
      watchers.map(async (watcher) => {
        await watch(watcher, path);
      }),
    );
    const events = countEvents(watchers, count);
    const beganMs = performance.now();
    writer.setData(path, new Uint8Array(100), () => undefined);
    writer.flush();
    await events;
    return performance.now() - beganMs;
  } finally {
    await Promise.all(
      [writer, ...watchers].map(async (each) => {
        await each.close();
      }),
    );
  }
}

/** One client watches many znodes: milliseconds from the first of their changes to the last event. */
export async function timeManyWatches({ address, parent, count }: Watching): Promise<number> {
  const [watcher, writer] = [await Client.open(address), await Client.open(address)];
  try {
    const paths = Array.from({ length: count }, (_, index) => pathOf(parent, index));
    await Promise.all(
      paths.map(async (path) => {
        await watch(watcher, path);
      }),
    );
    const events = countEvents([watcher], count);
    const beganMs = performance.now();
    let begun = 0;
    const next = (): void => {
      const path = paths[begun++];
      if (path !== undefined) writer.setData(path, new Uint8Array(100), next);
    };
    for (let i = 0; i < WRITES_OUTSTANDING; i++) next();
    writer.flush();
    await events;
    return performance.now() - beganMs;
  } finally {
    await Promise.all(
      [writer, watcher].map(async (each) => {
        await each.close();
      }),
    );
  }
}

async function watch(client: Client, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.read(OpCode.getData, path, expectOk(resolve, reject), true);
    client.flush();
  });
}

/** Resolves after so many events. Rejects when a connection is lost before that. */
async function countEvents(clients: readonly Client[], count: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let seen = 0;
    for (const client of clients) {
      client.onLost(reject);
      client.onEvent(() => {
        if (++seen === count) resolve();
      });
    }
  });
}

const WRITES_OUTSTANDING = 128;
