import type { ClientsView, ClientUpkeep } from "@jute-ts/server/clients";
import { expect, it } from "vitest";
import { FakeRun } from "../../checkers/fake-run.js";
import { ClientDoor } from "../../world/client-door.js";
import { CountedFigures } from "../../world/counted-figures.js";
import { USUAL_RULES } from "../../world/settings.js";
import { BoundedMemory } from "./bounded-memory.js";

/** A server that keeps lists of 100 bytes together remembers this much, and is owed two answers. */
function judge(upkeep: Partial<ClientUpkeep>): void {
  const run = new FakeRun([new BoundedMemory()]);
  run.peer(2n).clientRules = { ...USUAL_RULES, childLists: { leastNames: 3, maxBytes: 100 } };
  const none = { sessions: 0, idle: 0, idleTimes: 0, waiting: 0, sessionless: 0, unsent: 0 };
  const remembered = { ...none, listBytes: 100, countedListBytes: 100, audited: 2, ...upkeep };
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
  judge({ listBytes: 0, countedListBytes: 0, audited: 0 });
});

it.each<[string, Partial<ClientUpkeep>]>([
  ["3 connections, of which it audits what the quorum owes to 2", { audited: 3 }],
  ["101 bytes of lists", { listBytes: 101, countedListBytes: 101 }],
  ["100 bytes of lists of children than it counts", { countedListBytes: 99 }],
  ["100 counted bytes", { listBytes: 99 }],
  ["1 sessions, of the connections", { sessions: 1 }],
  ["1 connections that may be silent, of the connections", { idle: 1 }],
  ["1 times at which connections are due, of the connections", { idleTimes: 1 }],
  ["1 connections that wait for room, of the connections", { waiting: 1 }],
  ["1 connections without a session, of the connections", { sessionless: 1 }],
  ["1 connections of which something is to be sent", { unsent: 1 }],
])("refuses %s", (text, upkeep) => {
  expect(() => {
    judge(upkeep);
  }).toThrow(text);
});
