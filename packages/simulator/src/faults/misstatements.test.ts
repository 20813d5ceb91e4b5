/** Each thing that must not be said is said to real servers, which refuse it by the rule that it breaks. */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../../test/effort.js";
import { BrokenRules } from "../checkers/broken-rules.js";
import type { Checker } from "../checkers/checker.js";
import { HarmlessReports } from "../checkers/harmless-reports.js";
import { quorumKit } from "../world/quorum-kit.js";
import { calmSettings } from "../world/settings.js";
import { World } from "../world/world.js";
import { FaultRunner } from "./fault-runner.js";
import { MISSTATED_PACKETS } from "./breaking-packets.js";
import { isOfLearner, misstatementsBefore } from "./misstatements.js";

/** Those that a calm ensemble sends while it begins. */
const FIRST_PACKETS: readonly OutgoingPacket["kind"][] = [
  "FOLLOWERINFO",
  "OBSERVERINFO",
  "LEADERINFO",
  "ACKEPOCH",
  "DIFF",
  "NEWLEADER",
  "ACK",
  "UPTODATE",
  "PING",
  "PINGANSWER",
];

/** Which: so many parts of all that can be said there. */
const PARTS = 24;

const ROWS = FIRST_PACKETS.flatMap((packet) =>
  Array.from({ length: PARTS }, (_, part) => ({ packet, which: (part + 0.5) / PARTS })),
);

describe("what must not be said", () => {
  it.each(rowsOf(ROWS, 12))("before $packet ($which) is refused, and the ensemble works", (row) => {
    const settings = calmSettings(3, 1);
    let read = 0;
    const counter: Checker = {
      name: "counter",
      watches: ["misstated"],
      observe: () => {
        read += 1;
      },
    };
    const checkers = [counter, new BrokenRules(), new HarmlessReports()];
    const world = new World({ seed: 1, settings, kit: quorumKit, checkers });
    new FaultRunner(world, 1000).fire({ kind: "misstatement", nth: 1, ...row });
    for (const process of world.processes) process.start();
    world.runUntil(20_000);
    world.judgeEnd();
    expect(read).toBe(1);
    expect(world.processes.every(({ status }) => status?.serving === true)).toBe(true);
  });

  it("is there for each packet before which it may come, for whoever sends that", () => {
    const about = {
      leader: 1n,
      nobody: 4n,
      leadersEpoch: 2,
      learnersAcceptedEpoch: 2,
      learnersCurrentEpoch: 1,
      isLearnerServing: true,
    };
    const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };
    const claim = { kind: "FOLLOWERINFO", acceptedEpoch: 1, identity } as const;
    const rules = new Set(misstatementsBefore(claim, about).map(({ rule }) => rule));
    expect(rules).toEqual(
      new Set(["unexpected-packet", "identity", "malformed", "epoch", "limit"]),
    );
    expect(misstatementsBefore({ kind: "SNAPSHOTPIECE", bytes: new Uint8Array(1) }, about)).toEqual(
      [],
    );
    for (const kind of MISSTATED_PACKETS)
      expect(isOfLearner(kind), kind).toBe(
        /INFO$|^ACK|REQUEST|ANSWER|REVALIDATE$/.test(kind) && kind !== "LEADERINFO",
      );
  });
});
