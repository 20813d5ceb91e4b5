import { describe, expect, it } from "vitest";
import type { Report } from "../report.js";
import { majorityOf, observer, participant } from "../membership/ensemble.js";
import { HierarchicalVerifier } from "../membership/hierarchical.js";
import { KnownConfigurations } from "./known-configurations.js";
import type { Member } from "../membership/quorum-verifier.js";

const PORTS = { quorumPort: 2888, electionPort: 3888 };
const VERSION = 0x1_0000_0003n;

function voters(...sids: bigint[]): Member[] {
  return sids.map((sid) => participant(sid, `host${sid}`, PORTS));
}

/** Servers 1, 2 and 3 decide, by a configuration of version 5. */
function known(reports: Report[] = []): KnownConfigurations {
  return new KnownConfigurations(majorityOf(voters(1n, 2n, 3n), 5n), (report) => {
    reports.push(report);
  });
}

function aheadOf(text: string): boolean {
  const configurations = known();
  configurations.hear(2n, text);
  expect(configurations.hasNewer(3n)).toBe(false);
  expect(configurations.anyNewer).toBe(configurations.hasNewer(2n));
  return configurations.hasNewer(2n);
}

describe("a configuration is newer than ours", () => {
  const groups = new Map([[1n, [1n, 2n, 3n]]]);
  it.each<[string, string, boolean]>([
    ["later, one voter less", majorityOf(voters(1n, 2n), VERSION).toString(), true],
    ["later, one voter more", majorityOf(voters(1n, 2n, 3n, 4n), VERSION).toString(), true],
    ["later, another voter", majorityOf(voters(1n, 2n, 4n), VERSION).toString(), true],
    [
      "later, with a voter that only observes now",
      majorityOf([...voters(1n, 2n), observer(3n, "host3", PORTS)], VERSION).toString(),
      true,
    ],
    [
      "later, with groups",
      new HierarchicalVerifier(
        voters(1n, 2n, 3n),
        { groups, weights: new Map() },
        VERSION,
      ).toString(),
      true,
    ],
    ["later, and not to be understood", "server.1=?\nversion=100000003", true],
    ["later, and the same", majorityOf(voters(1n, 2n, 3n), VERSION).toString(), false],
    [
      "later, with one more observer",
      majorityOf([...voters(1n, 2n, 3n), observer(4n, "host4", PORTS)], VERSION).toString(),
      false,
    ],
    ["as old", majorityOf(voters(1n), 5n).toString(), false],
    ["older", majorityOf(voters(1n), 4n).toString(), false],
    ["without a version", "server.1=host1:1:2:participant", false],
    ["not a configuration", "version=", false],
  ])("%s: %#", (_, text, isNewer) => {
    expect(aheadOf(text)).toBe(isNewer);
  });

  it("until that server says otherwise, and others keep what they said", () => {
    const configurations = known();
    const text = majorityOf(voters(1n, 2n), VERSION).toString();
    configurations.hear(2n, text);
    configurations.hear(3n, text);
    configurations.hear(2n, majorityOf(voters(1n, 2n, 3n), 5n).toString());
    expect([2n, 3n].map((sid) => configurations.hasNewer(sid))).toEqual([false, true]);
    configurations.hear(3n, "");
    configurations.hear(3n, undefined);
    expect(configurations.hasNewer(3n)).toBe(true);
  });
});

describe("reports", () => {
  it("come once for each server and election, and once for our own data", () => {
    const reports: Report[] = [];
    const configurations = known(reports);
    for (let version = VERSION; version < VERSION + 5n; version++) {
      configurations.hear(2n, majorityOf(voters(1n, 2n), version).toString());
    }
    const expected = { kind: "newerConfiguration", from: 2n, version: VERSION, ownVersion: 5n };
    expect(reports).toEqual([expected]);
    configurations.beginElection();
    const text = majorityOf(voters(1n, 2n), VERSION).toString();
    configurations.hear(2n, text);
    configurations.beginElection();
    configurations.hear(2n, text);
    expect(configurations.isOutdatedBy(text)).toBe(true);
    expect(configurations.isOutdatedBy(text)).toBe(true);
    expect(configurations.isOutdatedBy("")).toBe(false);
    expect(reports).toEqual([expected, expected, expected, { ...expected, from: undefined }]);
  });
});

describe("a learner may be led", () => {
  it("when its version is not later than ours, or known to be as good", () => {
    const configurations = known();
    const asGood = majorityOf(voters(1n, 2n, 3n), VERSION).toString();
    expect(configurations.isAccepted(2n, 5n)).toBe(true);
    expect(configurations.isAccepted(2n, VERSION)).toBe(false);
    configurations.hear(2n, asGood);
    expect(configurations.isAccepted(2n, VERSION)).toBe(true);
    expect(configurations.isAccepted(2n, VERSION + 1n)).toBe(false);
    expect(configurations.isAccepted(3n, VERSION)).toBe(false);
    configurations.hear(3n, majorityOf(voters(1n, 2n), VERSION).toString());
    expect(configurations.isAccepted(3n, VERSION)).toBe(false);
  });
});
