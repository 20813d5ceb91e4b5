/** Hosts against Node's own judgement of addresses, which the core itself cannot ask. */
import { isIPv6 as nodeIsIPv6, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testSeed } from "../../../../test/seed.js";
import { canonicalHost, isHostName, isIPv6 } from "./host-name.js";

const options = { seed: testSeed(), numRuns: 2000 };

describe("IPv6 addresses", () => {
  it("are those that Node takes for such", () => {
    const pieces = fc.constantFrom(
      "0",
      "1",
      "ffff",
      "10000",
      "g",
      ":",
      "::",
      ".",
      "1.2.3.4",
      "256.1.1.1",
    );
    const texts = fc.oneof(
      fc.ipV6(),
      fc.array(pieces, { maxLength: 17 }).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(isIPv6(text), text).toBe(nodeIsIPv6(text));
      }),
      options,
    );
  });

  it.each([
    ["fe80::1%eth0", true],
    ["fe80::1%", false],
    ["fe80::1%a b", false],
    ["fe80::1%a:1", false],
  ])("may have a zone that fits between brackets: %s", (text, expected) => {
    expect(isIPv6(text)).toBe(expected);
  });

  it("have one canonical spelling for all that mean the same", () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const shortest = new SocketAddress({ address: text, family: "ipv6" }).address;
        expect(canonicalHost(text)).toBe(canonicalHost(shortest));
      }),
      options,
    );
  });

  it.each([
    ["::1", "0:0:0:0:0:0:0:1"],
    ["2001:DB8::00a", "2001:db8:0:0:0:0:0:a"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1%eth0"],
    ["ZK1.Example", "zk1.example"],
    ["10.0.0.1", "10.0.0.1"],
  ])("and names: %s is %s", (text, canonical) => {
    expect(canonicalHost(text)).toBe(canonical);
  });
});

describe("host names", () => {
  it.each(["h", "zk-1.example.org", "zk_1", "10.0.0.1", "a".repeat(253)])("can be %s", (text) => {
    expect(isHostName(text)).toBe(true);
  });

  it.each([
    "",
    " ",
    "zk 1",
    "zk\n1",
    "a:b",
    "[a]",
    "a;b",
    "a|b",
    "a=b",
    "zk\u00e4",
    "a".repeat(254),
  ])("cannot be %j", (text) => {
    expect(isHostName(text)).toBe(false);
  });
});
