import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import type { Observation } from "../checkers/checker.js";
import { quorumKit } from "../world/quorum-kit.js";
import { Random } from "../world/random.js";
import { calmSettings } from "../world/settings.js";
import { World } from "../world/world.js";

import { drawClients } from "./draw-clients.js";

const observed = new Map<string, readonly Observation[]>();

/** What a seed's clients did, from the first time that somebody asked. */
function observe(seed: number, intensity: number): readonly Observation[] {
  const key = `${seed} ${intensity}`;
  const known = observed.get(key) ?? observeAgain(seed, intensity);
  observed.set(key, known);
  return known;
}

/** Ten simulated seconds of a calm ensemble with this seed's clients, and what they did. */
function observeAgain(seed: number, intensity: number): readonly Observation[] {
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
      observeAgain(seed, 1).map((each) => {
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

  it("use a number of a session again only when nothing is under way there", () => {
    const underWay = new Map<bigint, number>();
    const used = new Set<string>();
    let again = 0;
    for (const observation of [1, 2, 3, 4, 5, 6].flatMap((seed) => observe(seed, 2))) {
      if (observation.kind !== "invoke" && observation.kind !== "return") continue;
      if (observation.request.kind !== "submit") continue;
      const { sessionId, cxid, opCode } = observation.request.change;
      // Each run has its own sessions, and begins with these.
      if (opCode === OpCode.createSession) {
        for (const name of used) if (name.startsWith(`${sessionId} `)) used.delete(name);
        underWay.set(sessionId, 0);
        continue;
      }
      const count = underWay.get(sessionId) ?? 0;
      underWay.set(sessionId, count + (observation.kind === "invoke" ? 1 : -1));
      if (observation.kind === "return") continue;
      const name = `${sessionId} ${cxid}`;
      if (used.has(name)) again += 1;
      if (used.has(name) && cxid === 1) expect(count).toBe(0);
      used.add(name);
    }
    expect(used.size).toBeGreaterThan(100);
    expect(again).toBeGreaterThan(0);
  });

  it("come to every error that the tree knows", () => {
    const missing = new Set<number>([
      ...[ErrorCode.OK, ErrorCode.NONODE, ErrorCode.NOAUTH, ErrorCode.BADVERSION],
      ...[ErrorCode.NOCHILDRENFOREPHEMERALS, ErrorCode.NODEEXISTS, ErrorCode.NOTEMPTY],
      ...[ErrorCode.BADARGUMENTS, ErrorCode.INVALIDACL, ErrorCode.UNIMPLEMENTED],
      ErrorCode.RUNTIMEINCONSISTENCY,
    ]);
    for (let seed = 1; seed <= 6 && missing.size > 0; seed += 1)
      for (const observation of observe(seed, 4))
        if (observation.kind === "return" && observation.answer.kind === "applied") {
          const { err, parts } = observation.answer.result;
          for (const each of [err, ...(parts ?? []).map((part) => part.err)]) missing.delete(each);
        }
    expect([...missing]).toEqual([]);
  });
});
