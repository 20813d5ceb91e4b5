/** The text between servers: what is printed is read back, and what is wrong is refused in its line. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testSeed } from "../../../../test/seed.js";
import {
  ConfigurationTextError,
  parseConfigurationText,
  printConfigurationText,
} from "./configuration-text.js";
import { sameEnsemble } from "./equality.js";
import { HierarchicalVerifier, MAX_WEIGHT } from "./hierarchical.js";
import { MajorityVerifier } from "./majority.js";
import type { Member, MemberAddress, QuorumVerifier } from "./quorum-verifier.js";

const hosts = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.domain(),
  fc.constantFrom("zk_1", "localhost", "fe80::1%eth0"),
);
const versions = fc.bigInt(0n, 0x7fff_ffff_ffff_ffffn);
const addresses: fc.Arbitrary<MemberAddress[]> = fc
  .array(fc.tuple(hosts, fc.integer({ min: 0, max: 9999 })), { minLength: 1, maxLength: 3 })
  .map((list) =>
    list.map(([host, port], index) => ({
      host,
      quorumPort: 10_000 + index * 10_000 + port,
      electionPort: 40_000 + index * 1000 + (port % 1000),
    })),
  );
const memberLists: fc.Arbitrary<Member[]> = fc
  .uniqueArray(
    fc.record({
      sid: fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 0x7fff_ffff_ffff_ffffn)),
      role: fc.constantFrom<Member["role"]>("participant", "observer"),
      addresses,
      client: fc.option(fc.record({ host: hosts, port: fc.integer({ min: 0, max: 65_535 }) }), {
        nil: undefined,
      }),
    }),
    { minLength: 1, maxLength: 8, selector: ({ sid }) => sid },
  )
  .filter((members) => members.some(({ role }) => role === "participant"));
const majorities = fc
  .tuple(memberLists, versions)
  .map(([members, version]) => new MajorityVerifier(members, version));
const hierarchies = fc
  .tuple(memberLists, versions, fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }), fc.nat(9))
  .map(([members, version, groupNumbers, weight]) => {
    const groups = new Map<bigint, bigint[]>();
    const weights = new Map<bigint, number>();
    for (const [index, { sid, role }] of members.entries()) {
      const group = BigInt(groupNumbers[index] ?? 0);
      if (role === "participant") groups.set(group, [...(groups.get(group) ?? []), sid]);
      if (index % 2 === 1) weights.set(sid, index === 1 ? weight : MAX_WEIGHT);
    }
    return new HierarchicalVerifier(members, { groups, weights }, version);
  })
  .filter((verifier) => verifier.containsQuorum(verifier.voters));
const verifiers: fc.Arbitrary<QuorumVerifier> = fc.oneof(majorities, hierarchies);

describe("a configuration's text", () => {
  it("is read back as it was printed", () => {
    fc.assert(
      fc.property(verifiers, (verifier) => {
        const text = printConfigurationText(verifier);
        const again = parseConfigurationText(text);
        expect(printConfigurationText(again)).toBe(text);
        expect(again.constructor).toBe(verifier.constructor);
        expect(again.version).toBe(verifier.version);
        expect([...again.members]).toEqual([...verifier.members]);
        expect(sameEnsemble(again, parseConfigurationText(text.replace(/version=.*/, "")))).toBe(
          true,
        );
      }),
      { seed: testSeed(), numRuns: 300 },
    );
  });

  it("looks as Apache's servers print it", () => {
    const text =
      "server.1=zk1:2888:3888:participant;0.0.0.0:2181\n" +
      "server.2=[2001:db8::2]:2888:3888:observer;[::]:2181\n" +
      "version=10000000a";
    expect(parseConfigurationText(text).toString()).toBe(text);
  });

  const good = "server.1=h1:2888:3888";
  it.each([
    ["nothing", "", 1],
    ["another key", `${good}\ntickTime=2000`, 2],
    ["a line without =", `${good}\nversion`, 2],
    ["an empty line", `${good}\n\nversion=0`, 2],
    ["a line without a key", `=${good}`, 1],
    ["a comment", `# who we are\n${good}`, 1],
    ["only a version", "version=1", 0],
    ["only observers", "server.1=h1:2888:3888:observer", 1],
    ["a sid twice", `${good}\nserver.2=h2:2888:3888\n${good}`, 3],
    ["a sid twice in two spellings", `${good}\nserver.001=h2:2888:3888`, 2],
    ["a negative sid", "server.-1=h1:2888:3888", 1],
    ["a sid that is too large", "server.9223372036854775808=h1:2888:3888", 1],
    ["two versions", `${good}\nversion=1\nversion=1`, 3],
    ["a version that is too large", `${good}\nversion=8000000000000000`, 2],
    ["a version that is much too large", `${good}\nversion=${"f".repeat(100)}`, 2],
    ["a negative version", `${good}\nversion=-1`, 2],
    ["a version that is no number", `${good}\nversion=0x1`, 2],
    ["port 0", "server.1=h1:0:3888", 1],
    ["port 65536", "server.1=h1:2888:65536", 1],
    ["a bracket that stays open", "server.1=[::1:2888:3888", 1],
    ["an empty host", "server.1=:2888:3888", 1],
    ["an empty address", "server.1=h1:2888:3888||h2:2888:3888", 1],
    [
      "a hundred addresses",
      `server.1=${Array.from({ length: 100 }, (_, i) => `h${String(i)}:1:2`).join("|")}`,
      1,
    ],
    ["a group without servers", `${good}\ngroup.1=1\ngroup.2=`, 3],
    ["a group of strangers", `${good}\ngroup.1=1:2`, 2],
    ["a participant without a group", `${good}\nserver.2=h2:2888:3888\ngroup.1=1`, 2],
    ["a weight of a stranger", `${good}\ngroup.1=1\nweight.2=1`, 3],
    ["a weight twice", `${good}\ngroup.1=1\nweight.1=1\nweight.1=1`, 4],
    ["weights of 0 alone", `${good}\ngroup.1=1\nweight.1=0`, 0],
    ["too many lines", `${good}\n${"version=0\n".repeat(1_000_000 / 20)}`, 4097],
    ["a text that is too long", "x".repeat(524_289), 0],
  ])("is refused with %s", (_, text, line) => {
    let thrown: unknown;
    try {
      parseConfigurationText(text);
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof ConfigurationTextError)) expect.fail("it was accepted");
    expect(thrown.line).toBe(line);
    // A message goes into a log: hostile texts must not fill it.
    expect(thrown.message.length).toBeLessThan(400);
  });

  it("never makes the reader throw anything else, whatever is changed in it", () => {
    fc.assert(
      fc.property(
        verifiers,
        fc.nat(),
        fc.nat(9),
        fc.string({ maxLength: 5 }),
        (verifier, at, cut, put) => {
          const text = verifier.toString();
          const index = at % (text.length + 1);
          const changed = text.slice(0, index) + put + text.slice(index + cut);
          try {
            const read = parseConfigurationText(changed);
            expect(parseConfigurationText(read.toString()).toString()).toBe(read.toString());
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigurationTextError);
          }
        },
      ),
      { seed: testSeed(), numRuns: 1000 },
    );
  });
});
