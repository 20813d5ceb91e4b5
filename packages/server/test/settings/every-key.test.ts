/**
 * Every key of zoo.cfg that is said to be used, with its effect: on a running
 * server, or, where one server alone cannot show it, on the options that its peer
 * is made with. A key without a row fails the test.
 */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { configurationKeys } from "../../src/configuration/index.js";
import { clientKeys } from "../../src/configuration/client-keys.js";
import { endServers, serving } from "./configured-server.js";
import { clientEffects } from "./client-keys.js";
import type { Effects } from "./effects.js";
import { ADMIN } from "./admin-keys.js";
import { operatorEffects } from "./operator-keys.js";
import { requestEffects } from "./request-keys.js";
import { serverEffects } from "./server-keys.js";
import { tlsEffects } from "./tls-keys.js";

const EFFECTS: Effects = {
  ...serverEffects,
  ...clientEffects,
  ...requestEffects,
  ...tlsEffects,
  ...operatorEffects,
};

const USED = configurationKeys
  .filter(({ status }) => status === "used")
  .map(({ name }) => name)
  .sort();

afterEach(endServers);

const ofClients: ReadonlySet<string> = new Set(clientKeys.map(([name]) => name));

describe("every key that is said to be used", () => {
  it("has a row", () => {
    expect(Object.keys(EFFECTS).sort()).toEqual(USED.filter((name) => !ofClients.has(name)));
  });

  it("of clients occurs in the tests of their limits and of who they are", () => {
    const tests = ["client-limits", "client-authentication"].map((name) =>
      readFileSync(new URL(`../../src/node/${name}.test.ts`, import.meta.url), "utf8"),
    );
    const missing = [...ofClients]
      .map((name) => name.replace(/\*$/, ""))
      .filter((name) => !tests.some((text) => text.includes(name)));
    expect(missing).toEqual([]);
  });

  for (const [name, showEffect] of Object.entries(EFFECTS)) {
    it(`has its effect: ${name}`, showEffect);
  }
});

it("hides what opens doors from those who ask for the settings", async () => {
  const server = await serving([
    "DigestAuthenticationProvider.superDigest=super:xyz",
    "ssl.quorum.keyStore.password=xyz",
    "snapCount=77",
    ...ADMIN,
  ]);
  const shown = await server.admin("system_properties");
  expect(shown).toContain('"zookeeper.snapCount" : "77"');
  expect(shown + (await server.command("conf"))).not.toContain("xyz");
});
