/**
 * Every key of zoo.cfg that is said to be used, with its effect: on a running
 * server, or, where one server alone cannot show it, on the options that its peer
 * is made with. A key without a row fails the test.
 */
import { afterEach, describe, expect, it } from "vitest";
import { usedKeys } from "../../src/configuration/used-keys.js";
import { endServers, serving } from "./configured-server.js";
import type { Effects } from "./effects.js";
import { requestEffects } from "./request-keys.js";
import { serverEffects } from "./server-keys.js";
import { tlsEffects } from "./tls-keys.js";

const EFFECTS: Effects = { ...serverEffects, ...requestEffects, ...tlsEffects };

afterEach(endServers);

describe("every key that is said to be used", () => {
  it("has a row", () => {
    expect(Object.keys(EFFECTS).sort()).toEqual(usedKeys.map(([name]) => name).sort());
  });

  for (const [name, showEffect] of Object.entries(EFFECTS)) {
    it(`has its effect: ${name}`, showEffect);
  }
});

it("hides what opens doors from the command conf", async () => {
  const server = await serving([
    "DigestAuthenticationProvider.superDigest=super:xyz",
    "snapCount=77",
  ]);
  const shown = await server.command("conf");
  expect(shown).toContain("snapCount=77");
  expect(shown).not.toContain("xyz");
});
