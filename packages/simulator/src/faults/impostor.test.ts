/** Proven identities, as a simulated leader sees them: a program that has the certificate of one server and says that it is another. */
import type { Report } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { allCheckers } from "../checkers/all-checkers.js";
import type { Checker } from "../checkers/checker.js";
import { quorumKit } from "../world/quorum-kit.js";
import { calmSettings } from "../world/settings.js";
import { World } from "../world/world.js";

/** What the leader of a calm ensemble reports and sends after server 2's machine has claimed to be server 3. */
function claim(identifiesLearners: boolean, judges: boolean) {
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
  const checkers = judges ? [recorder, ...allCheckers(settings)] : [recorder];
  const world = new World({ seed: 1, settings, kit: quorumKit, checkers });
  for (const process of world.processes) process.start();
  world.runUntil(5000);
  const leader = world.processes.find(({ status }) => status?.role === "leading");
  const [machine, claimed] = world.processes.filter(({ sid }) => sid !== leader?.sid);
  if (machine === undefined || claimed === undefined) throw new Error("nobody leads");
  reports.length = 0;
  expect(world.impersonate(machine.sid, claimed.sid, 0)).toBe(true);
  world.runUntil(5500);
  return { reports, claimed };
}

describe("an impostor", () => {
  it("is refused where connections prove who they are, and costs nobody the connection", () => {
    const { reports, claimed } = claim(true, true);
    const rules = reports.flatMap((report) =>
      report.kind === "violation" ? [report.violation] : [],
    );
    expect(rules.map(({ rule }) => rule)).toEqual(["identity"]);
    expect(rules[0]?.message).toContain(`server ${claimed.sid}`);
    const lost = reports.filter((report) => report.kind === "learnerLost");
    expect(lost.filter(({ learner }) => learner !== undefined)).toEqual([]);
  });

  it("takes the place of the server that it claims to be where nothing is proven", () => {
    const { reports, claimed } = claim(false, false);
    expect(reports).toContainEqual(
      expect.objectContaining({ kind: "learnerLost", learner: claimed.sid }),
    );
  });

  it("that is answered is a violation, so a leader that believes it does not pass", () => {
    expect(() => claim(false, true)).toThrow("nobody has said who it is");
  });
});
