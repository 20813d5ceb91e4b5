import { OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import type { Observation } from "../checkers/checker.js";
import { quorumKit } from "../world/quorum-kit.js";
import { Random } from "../world/random.js";
import { calmSettings } from "../world/settings.js";
import { World } from "../world/world.js";

import { drawClients } from "./draw-clients.js";

/** Ten simulated seconds of a calm ensemble with this seed's clients, and what they did. */
function observe(seed: number, intensity: number): Observation[] {
  const seen: Observation[] = [];
  const settings = calmSettings(3);
  const world = new World({
    seed,
    settings,
    kit: quorumKit,
    checkers: [
      {
        name: "recorder",
        watches: ["invoke", "return"],
        observe: (observation) => seen.push({ ...observation }),
      },
    ],
  });
  for (const process of world.processes) process.start();
  for (const client of drawClients(Random.named(seed, "clients"), settings, intensity))
    world.join(client);
  world.runUntil(10_000);
  return seen;
}

function opCodes(observations: readonly Observation[]): Set<number> {
  const codes = new Set<number>();
  for (const observation of observations)
    if (observation.kind === "return" && observation.answer.kind === "applied")
      if (observation.answer.result.err === 0) codes.add(observation.answer.result.type);
  return codes;
}

describe("the clients of a run", () => {
  it("do the same for the same seed, and something else for another", () => {
    const story = (seed: number): string[] =>
      observe(seed, 1).map((each) => {
        if (each.kind !== "invoke") return each.kind;
        return `${each.client} asks ${each.sid} for ${each.request.kind}`;
      });
    expect(story(1)).toEqual(story(1));
    expect(story(1)).not.toEqual(story(2));
  });

  it("succeed with every kind of write over a few seeds", () => {
    const codes = new Set([1, 2, 3, 4].flatMap((seed) => [...opCodes(observe(seed, 2))]));
    for (const code of [
      OpCode.createSession,
      OpCode.create2,
      OpCode.setData,
      OpCode.delete,
      OpCode.multi,
      OpCode.createContainer,
    ])
      expect(codes).toContain(code);
  });

  it("ask more often when they are told to", () => {
    expect(observe(3, 4).length).toBeGreaterThan(2 * observe(3, 1).length);
  });

  it("never use a number of a session twice", () => {
    const numbers = new Set<string>();
    for (const observation of observe(5, 2)) {
      if (observation.kind !== "invoke" || observation.request.kind !== "submit") continue;
      const { sessionId, cxid } = observation.request.change;
      const name = `${sessionId} ${cxid}`;
      expect(numbers).not.toContain(name);
      numbers.add(name);
    }
    expect(numbers.size).toBeGreaterThan(20);
  });
});
