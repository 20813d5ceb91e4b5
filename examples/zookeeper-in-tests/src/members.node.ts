/** With node:test: a server for each test, which ends with it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { startServer } from "@jute-ts/server";
import { Members } from "./members.js";

await test("a member that leaves is missed", async (t) => {
  const zk = await startServer({ storage: "memory" });
  t.after(() => zk.stop());
  const anna = await Members.connect(zk.connectString);
  const bob = await Members.connect(zk.connectString);
  await anna.join("anna");
  await bob.join("bob");
  assert.deepEqual(await anna.list(), ["anna", "bob"]);

  const changed = once(anna, "changed");
  bob.close();
  await changed;
  assert.deepEqual(await anna.list(), ["anna"]);
  anna.close();
});
