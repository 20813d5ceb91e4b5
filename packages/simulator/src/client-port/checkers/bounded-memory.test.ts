import type { ClientsView, ClientUpkeep } from "@jute-ts/server/clients";
import { expect, it } from "vitest";
import { FakeRun } from "../../checkers/fake-run.js";
import { ClientDoor } from "../../world/client-door.js";
import { CountedFigures } from "../../world/counted-figures.js";
import { USUAL_RULES } from "../../world/settings.js";
import { BoundedMemory } from "./bounded-memory.js";

/** A server that keeps lists of 3 names at least, of 100 bytes together, remembers this much, and is owed two answers. */
function judge(upkeep: Partial<ClientUpkeep>): void {
  const run = new FakeRun([new BoundedMemory()]);
  run.peer(2n).clientRules = { ...USUAL_RULES, childLists: { leastNames: 3, maxBytes: 100 } };
  const remembered = { lists: 2, listBytes: 100, audited: 2, ...upkeep };
  run.observe({
    kind: "counted",
    sid: 2n,
    seen: new ClientDoor(),
    shown: {} as unknown as ClientsView,
    measured: new CountedFigures(),
    upkeep: remembered,
    owed: 2,
  });
}

it("accepts what is within bounds", () => {
  judge({});
  judge({ lists: 0, listBytes: 0, audited: 0 });
});

it.each<[string, Partial<ClientUpkeep>]>([
  ["3 connections, of which it audits what the quorum owes to 2", { audited: 3 }],
  ["101 bytes of lists", { listBytes: 101 }],
  // A length, three names with theirs, and the path of the root: 21 bytes for each at least.
  ["105 bytes at least", { lists: 5 }],
])("refuses %s", (text, upkeep) => {
  expect(() => {
    judge(upkeep);
  }).toThrow(text);
});
