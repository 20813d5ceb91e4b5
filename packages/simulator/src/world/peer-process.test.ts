import {
  CreateMode,
  encodeConnectRequest,
  encodeRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
} from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import type { Checker } from "../checkers/checker.js";
import { clientPortKit } from "../client-port/client-port-kit.js";
import { withLength } from "../client-port/frame-connection.js";
import { quorumKit } from "./quorum-kit.js";
import { calmSettings } from "./settings.js";
import { World } from "./world.js";

const KILL = { loss: { kind: "process" }, silently: false } as const;
const SID = 1n;
const CONNECT = {
  protocolVersion: 0,
  lastZxidSeen: 0n,
  timeOut: 10_000,
  sessionId: 0n,
  passwd: new Uint8Array(16),
};

function create(xid: number): Uint8Array {
  const body = {
    path: `/${xid}`,
    data: new Uint8Array(0),
    acl: OPEN_ACL_UNSAFE,
    flags: CreateMode.PERSISTENT,
  };
  return withLength(encodeRequest(OpCode.create, xid, body));
}

describe("a process that crashes and begins again at once", () => {
  it("leaves the next one nothing of what its clients have asked", () => {
    const happened: string[] = [];
    const listener: Checker = {
      name: "listener",
      watches: ["restart", "step"],
      observe: (observation) => {
        if (observation.kind === "restart") happened.push("restart");
        if (observation.kind !== "step") return;
        const { kind } = observation.event;
        if (kind === "start" || kind === "submit") happened.push(kind);
      },
    };
    const settings = calmSettings(1);
    const world = new World({ seed: 1, settings, kit: clientPortKit, checkers: [listener] });
    const process = world.process(SID);
    process.start();
    world.runUntil(5000);
    const connection = world.clientNetwork.connect("client", "10.0.0.1", SID, {
      onOpen: () => {
        world.clientNetwork.sendUp(connection, withLength(encodeConnectRequest(CONNECT)));
      },
      onBytes: () => undefined,
      onEnd: () => undefined,
    });
    world.runUntil(6000);
    expect(happened).toEqual(["restart", "start", "submit"]);

    process.setTrap({ kind: "beforeEffect", effect: "file", nth: 1 }, KILL, () => {
      process.start();
    });
    const both = Buffer.concat([create(1), create(2)]);
    world.clientNetwork.sendUp(connection, both);
    world.runUntil(7000);
    expect(happened.slice(3)).toEqual(["submit", "restart", "start"]);
  });
});

describe("a machine that sleeps", () => {
  it("fires no timer before its time, however often it has slept", () => {
    let sleptMs = 0;
    const early: number[] = [];
    let count = 0;
    const listener: Checker = {
      name: "listener",
      watches: ["step"],
      observe: (observation, { nowMs }) => {
        if (observation.kind !== "step") return;
        count += 1;
        early.push(observation.event.nowMs - (nowMs - sleptMs));
      },
    };
    const settings = calmSettings(3);
    const world = new World({ seed: 1, settings, kit: quorumKit, checkers: [listener] });
    const process = world.process(SID);
    process.start();
    world.runUntil(5300);
    for (const forMs of [90, 900, 30]) {
      process.pause("stands");
      world.runUntil(world.nowMs + forMs);
      sleptMs += forMs;
      process.resume();
      world.runUntil(world.nowMs + 5300);
    }
    expect(Math.max(...early)).toBeLessThan(1e-6);
    expect(count).toBeGreaterThan(20);
  });
});
