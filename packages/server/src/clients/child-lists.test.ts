/** Lists of children that are kept: never older than the znode, and never more than allowed. */
import type { DataTree } from "@jute-ts/data-tree";
import { GetChildrenResponse, OpCode, Stat } from "@jute-ts/zookeeper";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { node, openClient } from "../../test/client-of.js";
import type { RawClient } from "../../test/raw-client.js";
import { type Ensemble, startEnsemble } from "../index.js";
import { ChildLists } from "./child-lists.js";

describe("a long list of children", () => {
  let ensemble: Ensemble;
  beforeAll(async () => {
    ensemble = await startEnsemble({ size: 1, storage: "memory" });
    await ensemble.ready();
  });
  afterAll(async () => {
    await ensemble.stop();
  });

  /** What both requests for children say. */
  async function childrenOf(client: RawClient, path: string): Promise<(string | null)[]> {
    const plain = await client.ask(OpCode.getChildren, { path, watch: false });
    const withStat = await client.ask(OpCode.getChildren2, { path, watch: false });
    if (!plain.ok || !withStat.ok) throw new Error("no children");
    const children = [...plain.body.children].sort();
    expect([...withStat.body.children].sort()).toEqual(children);
    expect(withStat.body.stat.numChildren).toBe(children.length);
    return children;
  }

  it("is what was created and not deleted, after each change and when nothing has changed", async () => {
    const client = await openClient(ensemble, 0, 20_000);
    for (const parent of ["/list", "/other"]) {
      await client.ask(OpCode.create, node(parent));
      const names = Array.from({ length: 40 }, (_, index) => `node-${index}`);
      for (const name of names) await client.ask(OpCode.create, node(`${parent}/${name}`));
      const expected = new Set(names);
      for (const name of ["node-3", "new", "node-7", "node-3", "späte"]) {
        expect(await childrenOf(client, parent)).toEqual([...expected].sort());
        expect(await childrenOf(client, parent)).toEqual([...expected].sort());
        const path = `${parent}/${name}`;
        if (expected.delete(name)) await client.ask(OpCode.delete, { path, version: -1 });
        else {
          expected.add(name);
          await client.ask(OpCode.create, node(path));
        }
      }
      expect(await childrenOf(client, parent)).toEqual([...expected].sort());
    }
  });

  it("is that of the new znode when its parent was deleted and made again", async () => {
    const client = await openClient(ensemble, 0, 20_000);
    for (const prefix of ["a", "b"]) {
      await client.ask(OpCode.create, node("/again"));
      const names = Array.from({ length: 40 }, (_, index) => `${prefix}${index}`).sort();
      for (const name of names) await client.ask(OpCode.create, node(`/again/${name}`));
      expect(await childrenOf(client, "/again")).toEqual(names);
      for (const name of names) {
        await client.ask(OpCode.delete, { path: `/again/${name}`, version: -1 });
      }
      await client.ask(OpCode.delete, { path: "/again", version: -1 });
    }
  });
});

describe("the lists that are kept", () => {
  const names = Array.from({ length: 50 }, (_, index) => `child-${index + 10}`);
  const length = GetChildrenResponse.encode({ children: names }).length;
  /** With a path of two characters. */
  const size = length + 4;
  const stat = new Stat({ numChildren: names.length, pzxid: 5n, czxid: 1n, cversion: 50 });
  let encoded = 0;
  const tree: Pick<DataTree, "getChildren"> = {
    getChildren: () => {
      encoded++;
      return names;
    },
  };

  it("are encoded once, and have no more than they may together", () => {
    const lists = new ChildLists({ maxBytes: 2 * size });
    for (const path of ["/a", "/b", "/a", "/b"]) lists.of(tree, path, stat);
    expect(encoded).toBe(2);
    lists.of(tree, "/a", stat);
    // Takes the place of /b, which nobody asked for for longest.
    lists.of(tree, "/c", stat);
    expect(lists.bytes).toBe(2 * size);
    lists.of(tree, "/a", stat);
    expect(encoded).toBe(3);
    lists.of(tree, "/b", stat);
    expect(encoded).toBe(4);
    lists.clear();
    expect(lists.bytes).toBe(0);
  });

  it("are none where one alone is too long", () => {
    const lists = new ChildLists({ maxBytes: size - 1 });
    expect(lists.of(tree, "/a", stat)).toHaveLength(length);
    expect(lists.bytes).toBe(0);
  });

  it("keep no more memory than their own, however short they are", () => {
    const lists = new ChildLists();
    for (let index = 10; index < 60; index++) lists.of(tree, `/${index}`, stat);
    const kept = Array.from({ length: 50 }, (_, index) => lists.of(tree, `/${index + 10}`, stat));
    const buffers = new Set(kept.map((bytes) => bytes?.buffer));
    const memory = [...buffers].reduce((sum, buffer) => sum + (buffer?.byteLength ?? 0), 0);
    expect(memory).toBeLessThanOrEqual(lists.bytes);
  });

  it("count long paths, which may be those of znodes that are gone", () => {
    const lists = new ChildLists({ maxBytes: 100_000 });
    for (let index = 10; index < 60; index++) {
      lists.of(tree, `/${"x".repeat(20_000)}${index}`, stat);
    }
    expect(lists.bytes).toBeGreaterThan(40_000);
    expect(lists.bytes).toBeLessThanOrEqual(100_000);
  });
});
