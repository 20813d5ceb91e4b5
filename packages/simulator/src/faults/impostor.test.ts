/** A stranger at the leader's port: with the certificate of one server it says that it is another. */
import type { Report } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { allCheckers } from "../checkers/all-checkers.js";
import type { Checker } from "../checkers/checker.js";
import { quorumKit } from "../world/quorum-kit.js";
import { calmSettings } from "../world/settings.js";
import { World } from "../world/world.js";

type Certificate = "of the other follower" | "of no member";

/** What the servers of a calm ensemble report after a stranger has claimed to be one of its followers. */
function claim(identifiesLearners: boolean, certificate: Certificate = "of the other follower") {
  const calm = calmSettings(3);
  const settings = { ...calm, quorum: { ...calm.quorum, identifiesLearners } };
  const reports: Report[] = [];
  const recorder: Checker = {
    name: "recorder",
    watches: ["reported"],
    observe: (observation) => {
      if (observation.kind !== "step") return;
      for (const effect of observation.effects)
        if (effect.kind === "report") reports.push(effect.report);
    },
  };
  const checkers = [recorder, ...allCheckers(settings)];
  const world = new World({ seed: 1, settings, kit: quorumKit, checkers });
  for (const process of world.processes) process.start();
  world.runUntil(5000);
  const leader = world.processes.find(({ status }) => status?.role === "leading");
  const [other, claimed] = world.processes.filter(({ sid }) => sid !== leader?.sid);
  if (leader === undefined || other === undefined || claimed === undefined)
    throw new Error("nobody leads");
  reports.length = 0;
  const identity = { sid: claimed.sid, protocolVersion: 0x10000, configVersion: 0n };
  const leave = world.pose({
    to: leader.sid,
    as: claimed.sid,
    certificate: certificate === "of no member" ? undefined : other.sid,
    packets: [{ kind: "FOLLOWERINFO", acceptedEpoch: 0, identity }],
  });
  expect(leave).toBeDefined();
  world.runUntil(5500);
  leave?.();
  world.runUntil(6000);
  return { reports, claimed, serving: world.processes.filter(({ status }) => status?.serving) };
}

describe("a stranger", () => {
  it.each(["of the other follower", "of no member"] as const)(
    "with the certificate %s is refused where connections prove who they are",
    (certificate) => {
      const { reports, claimed, serving } = claim(true, certificate);
      const rules = reports.flatMap((report) =>
        report.kind === "violation" ? [report.violation] : [],
      );
      expect(rules.map(({ rule }) => rule)).toEqual(["identity"]);
      expect(rules[0]?.message).toContain(`server ${claimed.sid}`);
      expect(serving).toHaveLength(3);
    },
  );

  it.each([true, false])("costs nobody the connection, proven identities: %s", (isProven) => {
    const { reports, serving } = claim(isProven);
    expect(reports.filter(({ kind }) => kind === "roleChanged")).toEqual([]);
    expect(serving).toHaveLength(3);
  });
});
