import { describe, expect, test } from "vitest";
import { addressMatches, isAddressRange } from "./ip-address.js";

describe("an access control list may hold", () => {
  test.each([
    "10.0.0.1",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "1.2.3.4/32",
    "::",
    "::1",
    "2001:db8::/32",
    "1:2:3:4:5:6:7:8",
    "1::8/128",
    // Java reads numbers, however they are written.
    "+10.0.0010.-0/+8",
    "1.2.3.4/0000000008",
  ])("%s", (range) => {
    expect(isAddressRange(range)).toBe(true);
  });
});

describe("an access control list may not hold", () => {
  test.each([
    ...[
      "",
      "10.0.0",
      "10.0.0.0.0",
      "10.0.0.256",
      "10.0.0.-1",
      "10.0.0.1/33",
      "10.0.0.0x1",
      "10.0.0.++1",
      "10.0.0.1/8/9",
      "10.0.0.1/-1",
      "10.0.0.1/",
      "a.b.c.d",
    ],
    ...[
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4::5:6:7:8",
      "12345::",
      "g::",
      ":1",
      "::1/129",
    ],
  ])("%j", (range) => {
    expect(isAddressRange(range)).toBe(false);
    expect(addressMatches("10.0.0.1", range)).toBe(false);
  });
});

test.each([
  ["10.1.2.3", "10.0.0.0/8", true],
  ["11.1.2.3", "10.0.0.0/8", false],
  ["10.127.0.1", "10.0.0.0/9", true],
  ["10.128.0.1", "10.0.0.0/9", false],
  ["10.1.2.3", "10.1.2.3", true],
  ["10.1.2.3", "+10.001.0.-0/+016", true],
  ["10.2.2.3", "+10.001.0.-0/+016", false],
  ["10.1.2.4", "10.1.2.3", false],
  ["1.2.3.4", "0.0.0.0/0", true],
  ["2001:db8:ffff::1", "2001:db8::/32", true],
  ["2001:db9::1", "2001:db8::/32", false],
  ["::1", "0:0:0:0:0:0:0:1", true],
  ["0.0.0.1", "::/0", false],
  ["nonsense", "0.0.0.0/0", false],
])("%s in %s is %s", (address, range, expected) => {
  expect(addressMatches(address, range)).toBe(expected);
});
