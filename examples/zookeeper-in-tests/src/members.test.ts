/** With Vitest: one server for the file, in the process of its tests. */
import { once } from "node:events";
import { type StandaloneServer, startServer } from "@jute-ts/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Members } from "./members.js";

let zk: StandaloneServer;
beforeAll(async () => {
  zk = await startServer({ storage: "memory" });
});
afterAll(() => zk.stop());

test("a member whose session expires is missed", async () => {
  const anna = await Members.connect(zk.connectString);
  const bob = await Members.connect(zk.connectString);
  await anna.join("anna");
  await bob.join("bob");
  expect(await anna.list()).toEqual(["anna", "bob"]);

  const changed = once(anna, "changed");
  await zk.expireSession(bob.sessionId);
  await changed;
  expect(await anna.list()).toEqual(["anna"]);
  expect(zk.tree.getChildren("/members")).toEqual(["anna"]);
  anna.close();
  bob.close();
});

test("members outlive a restart of the server", async () => {
  const carol = await Members.connect(zk.connectString);
  await carol.join("carol");
  await zk.restart();
  expect(zk.tree.getChildren("/members")).toContain("carol");
  expect(await carol.list()).toContain("carol");
  carol.close();
});
