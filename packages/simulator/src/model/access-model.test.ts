import { describe, expect, it } from "vitest";
import { addressBits, isPermitted } from "./access-model.js";
import { ANY_SASL_USER, LISTED_USERS, X509_SUPER_USER } from "./listed-users.js";

describe("the model of access", () => {
  it.each([
    ["10.0.0.0/8", "00001010"],
    ["10.0.0.1/0", ""],
    ["255.1.2.3", "11111111000000010000001000000011"],
    ["2001:db8::/32", "00100000000000010000110110111000"],
    ["::1", `${"0".repeat(127)}1`],
    ["1:0:0:0:0:0:0:0/17", "00000000000000010"],
    ["10.0.0", undefined],
    ["10.0.0.256", undefined],
    ["10.0.0.0/33", undefined],
    ["1::2::3", undefined],
    ["1:2:3:4:5:6:7", undefined],
    ["1:2:3:4::5:6:7:8", undefined],
    ["::/129", undefined],
    ["::10000", undefined],
  ])("takes %s for the bits %s", (text, bits) => {
    expect(addressBits(text)).toBe(bits);
  });

  it.each<[boolean, scheme: string, own: string, listed: string]>([
    [true, "ip", "2001:db8:0:0:0:0:0:1", "2001:db8::/32"],
    [false, "ip", "2001:db9::1", "2001:db8::/32"],
    [false, "ip", "10.0.0.1", "::/0"],
    [true, "sasl", "super", "ann"],
    [true, "sasl", "bob", ANY_SASL_USER],
    [false, "sasl", "bob", "ann"],
    [true, "x509", X509_SUPER_USER, "CN=ann"],
    [false, "x509", "CN=bob", "CN=ann"],
    [false, "digest", "super", "ann:x"],
  ])("says %s of %s:%s where %s may", (expected, scheme, own, listed) => {
    const list = [{ perms: 1, scheme, id: listed }];
    expect(isPermitted(list, 1, [{ scheme, id: own }])).toBe(expected);
  });

  it("knows each user by one name, of which some are none", () => {
    const names = LISTED_USERS.map(({ scheme, id }) => `${scheme}:${id}`);
    expect(new Set(names).size).toBe(names.length);
    for (const scheme of ["sasl", "x509"])
      for (const isStorable of [true, false])
        expect(LISTED_USERS).toContainEqual(expect.objectContaining({ scheme, isStorable }));
  });
});
