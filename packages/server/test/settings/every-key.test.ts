/**
 * Every key of zoo.cfg that is said to be used, with its effect: on a running
 * server, or, where one server alone cannot show it, on the options that its peer
 * is made with. A key without a row fails the test.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
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

it("shows how a server that stands alone was configured, but for what opens doors", async () => {
  const secrets = [
    "DigestAuthenticationProvider.superDigest=super:xyz",
    "ssl.quorum.keyStore.p\\u0061ssword=xy\\",
    "  z",
  ];
  const rest = ["# A remark", "snapCount: 77", ...ADMIN];
  const alone = await serving([...secrets, ...rest, "standaloneEnabled=true"]);
  const whole = readFileSync(`${alone.place.directory}/zoo.cfg`, "utf8");
  const shown = JSON.parse(await alone.admin("icfg")) as Record<string, unknown>;
  expect(shown["initial_configuration"]).toBe(whole.replace(`${secrets.join("\n")}\n`, ""));
  const member = await serving(rest);
  expect(await member.admin("icfg")).toContain('"initial_configuration" : null');
});

it("answers commands that are asked for by a whole address, as proxies do", async () => {
  const { configured } = await serving(ADMIN);
  const socket = connect(configured.adminPort ?? 0, "127.0.0.1");
  onTestFinished(() => {
    socket.destroy();
  });
  const lines = ["GET http://zk.example/commands/ruok HTTP/1.1", "Host: zk.example"];
  socket.end([...lines, "Connection: close", "", ""].join("\r\n"));
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /u);
  expect(answer).toContain('"command" : "ruok"');
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
