import { describe, expect, it } from "vitest";
import { isPasswordOf, sessionPassword } from "./session-password.js";

describe("the password of a session", () => {
  // From a port of java.util.Random; Java's servers accept these, as the tests with Apache's show.
  it.each([
    [0x1n, "054cc74a37327db215e702e20c73f005"],
    [0x100000000000000n, "f22acd4a97e69d6d20a49bb638eadb38"],
    [0x200001a2b3c40000n, "fe1290e3b37b25e80c491d70b42acb60"],
    [BigInt.asIntN(64, 0xff00012345670001n), "5e058fd21c1319ff96668b75f9a288e2"],
  ])("of %i is Java's", (sessionId, hex) => {
    const password = sessionPassword(sessionId);
    expect(Buffer.from(password).toString("hex")).toBe(hex);
    expect(isPasswordOf(sessionId, password)).toBe(true);
    expect(isPasswordOf(sessionId + 1n, password)).toBe(false);
    expect(isPasswordOf(sessionId, password.subarray(1))).toBe(false);
    expect(isPasswordOf(sessionId, null)).toBe(false);
  });

  it("of no session is always wrong", () => {
    expect(isPasswordOf(0n, sessionPassword(0n))).toBe(false);
  });
});
