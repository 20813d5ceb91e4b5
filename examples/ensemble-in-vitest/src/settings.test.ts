/** Settings against three real servers in this process: no JVM, no fixed ports, nothing left behind. */
import { type Ensemble, startEnsemble } from "@jute-ts/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Settings } from "./settings.js";

let ensemble: Ensemble;
beforeAll(async () => {
  ensemble = await startEnsemble({ size: 3 });
});
afterAll(async () => {
  await ensemble.stop();
});

test("a setting reaches every server", async () => {
  const settings = new Settings(ensemble);
  await settings.set("colour", "red");
  await settings.set("colour", "blue");
  await ensemble.converged();
  expect(ensemble.sids.map((sid) => settings.get("colour", sid))).toEqual(["blue", "blue", "blue"]);
});

test("a setting outlives the leader", async () => {
  const settings = new Settings(ensemble);
  await settings.set("size", "large");
  const leader = await ensemble.ready();
  const { sid } = leader.status();

  await ensemble.stopServer(sid);
  const next = await ensemble.ready(); // the other two have elected again
  expect(settings.get("size", next.status().sid)).toBe("large");
  await settings.set("size", "small");

  await ensemble.startServer(sid); // and comes back with what it missed
  await ensemble.ready();
  await ensemble.converged();
  expect(settings.get("size", sid)).toBe("small");
});
