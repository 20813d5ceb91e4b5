/**
 * Settings that decide about requests of clients: the same requests get the same
 * answers, whether Apache's server leads or ours, which is started as users start it.
 */
import { CreateMode } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import type { CreateOptions, Session } from "./kit/apache-client.js";
import { ClientError } from "./kit/command-process.js";
import type { Java } from "./kit/java.js";
import { type MixedEnsemble, withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { bytesOf } from "./kit/requests.js";
import { describeWithApache } from "./kit/test-with-apache.js";
import { until } from "./kit/waiting.js";
import type { Settings } from "./kit/zoo-cfg.js";

const AUTH = "org.apache.zookeeper.server.auth";
const RAISED = 8_388_608;

/** What the servers are set to, all of them. */
const CASES: Readonly<Record<string, Settings>> = {
  "the defaults": { extendedTypesEnabled: false },
  "extended types": { extendedTypesEnabled: true },
  "skipACL and local sessions that are upgraded": {
    skipACL: "yes",
    localSessionsEnabled: true,
    localSessionsUpgradingEnabled: true,
  },
  "local sessions that are not upgraded": { localSessionsEnabled: true },
  "schemes of SASL and TLS, and hard quotas": {
    "authProvider.1": `${AUTH}.SASLAuthenticationProvider`,
    "authProvider.2": `${AUTH}.X509AuthenticationProvider`,
    enforceQuota: true,
  },
  "one more scheme, and a superuser of it": {
    "authProvider.x": `${AUTH}.X509AuthenticationProvider`,
    "X509AuthenticationProvider.superUser": "CN=boss",
  },
  "no digests of trees, and no lists of what ends with a session": {
    "digest.enabled": false,
    "closeSessionTxn.enabled": false,
  },
  "jute.maxbuffer raised": { "jute.maxbuffer": RAISED },
};

describeWithApache("clients get the same answers from our leader as from Apache's", (java) => {
  for (const [name, settings] of Object.entries(CASES)) {
    it(`with ${name}`, async () => {
      const [fromApache, fromOurs] = [
        await answers(java, ["ownCommand", "apache", "apache"], settings),
        await answers(java, ["apache", "apache", "ownCommand"], settings),
      ];
      expect(fromOurs).toEqual(fromApache);
      // They tell something only if requests of both kinds are among them.
      const failed = fromApache.filter((answer) => /: -\d+$/.test(answer)).length;
      expect(failed).toBeGreaterThan(3);
      expect(fromApache.length - failed).toBeGreaterThan(20);
    });
  }
});

describeWithApache("limits of length that differ between the servers", (java) => {
  it("let ours follow an Apache leader with a higher one, and start again", async () => {
    const options = {
      java,
      servers: ["ownCommand", "apache", "apache"] as const,
      apacheProperties: { "jute.maxbuffer": String(RAISED) },
    };
    await withMixedEnsemble(options, async (ensemble) => {
      await ensemble.start(2, 3);
      expect(await ensemble.ready()).toBe(3n);
      await ensemble.start(1);
      await ensemble.ready();
      const session = await ensemble.connect(2);
      await session.create("/long", { data: new Uint8Array(3_000_000).fill(1) });
      await session.multi([
        { kind: "create", path: "/long/a", data: new Uint8Array(3_000_000).fill(2) },
        { kind: "set", path: "/long", data: new Uint8Array(2_500_000).fill(3) },
      ]);
      await expectSameDigest(ensemble);

      // From its own log.
      await ensemble.server(1).stop();
      expect(ensemble.ownCommand(1).exitCode).toBe(0);
      await ensemble.start(1);
      await ensemble.ready();
      await session.set("/long/a", new Uint8Array(3_100_000).fill(4));
      await expectSameDigest(ensemble);

      // After a crash, by a DIFF of what it missed.
      await ensemble.server(1).kill();
      await session.create("/long/b", { data: new Uint8Array(3_000_000).fill(5) });
      await ensemble.start(1);
      await ensemble.ready();
      await expectSameDigest(ensemble);
    });
  });

  it("let ours take the snapshot of an Apache leader with a higher one, and lead with it", async () => {
    const options = {
      java,
      servers: ["apache", "apache", "ownCommand"] as const,
      apache: { snapshotSizeFactor: -1, snapCount: 10 },
      apacheProperties: { "jute.maxbuffer": String(RAISED) },
    };
    await withMixedEnsemble(options, async (ensemble) => {
      await ensemble.start(1, 2);
      await ensemble.ready();
      const session = await ensemble.connect(1);
      await session.create("/long", { data: new Uint8Array(5_000_000).fill(1) });
      for (let i = 0; i < 600; i++) await session.create(`/short${i}`);
      await ensemble.start(3);
      expect(await ensemble.ready()).toBe(2n);
      await session.create("/after");
      await expectSameDigest(ensemble, 3);

      await ensemble.server(2).stop();
      expect(await ensemble.ready()).toBe(3n);
      await session.create("/led-by-ours");
      // Apache's server comes back, and has missed what ours leads it through.
      await ensemble.start(2);
      await ensemble.ready();
      expect((await session.exists("/long"))?.[8]).toBe(5_000_000n);
      // What strangers may send is limited all the same: as under Java's leader, the server that forwards too much is sent away.
      const tooLong = session.set("/long", new Uint8Array(4_000_000));
      await expect(tooLong).rejects.toMatchObject({ code: -4 });
      await ensemble.ready();
      await ensemble.converged();
      expect(await ensemble.apache(2).digestMismatches()).toBe(0);
    });
  });
});

describeWithApache("znodes with a time to live", (java) => {
  it("of an Apache leader's log expire under ours, unless they have children", async () => {
    const options = {
      java,
      servers: ["apache", "apache", "ownCommand"] as const,
      own: { "znode.container.checkIntervalMs": 500 },
    };
    await withMixedEnsemble(options, async (ensemble) => {
      await ensemble.start(1, 2, 3);
      await ensemble.ready();
      await ensemble.server(3).stop();
      expect(await ensemble.ready()).toBe(2n);
      const session = await ensemble.connect(1);
      const mode = CreateMode.PERSISTENT_WITH_TTL;
      await session.create("/short-lived", { mode, ttlMs: 1000 });
      await session.create("/parent", { mode, ttlMs: 1000 });
      await session.create("/parent/child");
      await session.create("/never-used", { mode: CreateMode.CONTAINER });

      await ensemble.start(3);
      await ensemble.ready();
      await ensemble.server(2).stop();
      expect(await ensemble.ready()).toBe(3n);
      await session.sync();
      await until(
        async () => (await session.exists("/short-lived")) === undefined,
        10_000,
        () => "the znode to expire",
      );
      expect(await session.exists("/parent")).toBeDefined();
      await session.create("/parent/other");
      expect(await session.exists("/never-used")).toBeDefined();
    });
  });
});

/** What two sessions are answered by an ensemble of these servers, of which the last leads. */
async function answers(
  java: Java,
  servers: readonly ("apache" | "ownCommand")[],
  settings: Settings,
): Promise<readonly string[]> {
  const length = settings["jute.maxbuffer"];
  const options = {
    java,
    servers,
    apache: settings,
    ...(length !== undefined && { apacheProperties: { "jute.maxbuffer": String(length) } }),
    own: settings,
  };
  return await withMixedEnsemble(options, async (ensemble) => {
    await ensemble.start(2, 3);
    expect(await ensemble.ready()).toBe(3n);
    await ensemble.start(1);
    await ensemble.ready();
    const log = new AnswerLog();
    const sessions = [await ensemble.connect(2), await ensemble.connect(2)] as const;
    await requests(log, ...sessions, length !== undefined);
    await sessions[1].close();
    await log.ask("ephemeral of the closed session", async () => {
      await sessions[0].sync();
      return (await sessions[0].exists("/e1")) !== undefined;
    });
    await ensemble.converged();
    const own = servers.indexOf("ownCommand") + 1;
    expect(await ensemble.ownCommand(own).figure("digest_mismatches_count")).toBe("0");
    expect(await ensemble.apache(2).digestMismatches()).toBe(0);
    return log.answers;
  });
}

class AnswerLog {
  readonly answers: string[] = [];

  async ask(what: string, request: () => Promise<unknown>): Promise<void> {
    try {
      this.answers.push(`${what}: ${String(await request())}`);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.answers.push(`${what}: ${error.code}`);
    }
  }
}

async function requests(
  log: AnswerLog,
  session: Session,
  other: Session,
  hasLongData: boolean,
): Promise<void> {
  const create = (path: string, options?: CreateOptions): Promise<void> =>
    log.ask(`create ${path} ${JSON.stringify({ ...options, data: undefined })}`, () =>
      session.create(path, options),
    );
  const set = (path: string, data = bytesOf("x")): Promise<void> =>
    log.ask(`set ${path}`, async () => (await session.set(path, data))[8]);

  await create("/a");
  await create("/a/s", { mode: CreateMode.PERSISTENT_SEQUENTIAL });
  await create("/a/s", { mode: CreateMode.PERSISTENT_SEQUENTIAL });
  await set("/a");
  await set("/nowhere");
  await create("/e", { mode: CreateMode.EPHEMERAL });
  await create("/e/child");
  await create("/a/e", { mode: CreateMode.EPHEMERAL_SEQUENTIAL });
  await log.ask("multi with an ephemeral", () =>
    session.multi([
      { kind: "create", path: "/m1" },
      { kind: "create", path: "/m2", mode: CreateMode.EPHEMERAL },
    ]),
  );
  await log.ask("ephemeral of another session", () =>
    other.create("/e1", { mode: CreateMode.EPHEMERAL }),
  );
  await log.ask("delete by another session", () => other.delete("/a/s0000000000"));

  const ttl = { mode: CreateMode.PERSISTENT_WITH_TTL, ttlMs: 100_000 };
  await create("/t", ttl);
  await create("/t/child");
  await create("/c", { mode: CreateMode.CONTAINER });
  await create("/c/child");

  for (const acl of ACLS) await create(`/acl${ACLS.indexOf(acl)}`, { acl });
  for (const acl of ACLS) {
    const path = `/acl${ACLS.indexOf(acl)}`;
    await set(path);
    await create(`${path}/child`);
    await log.ask(`set the list of ${path}`, async () =>
      (await session.setAcl(path, acl)).slice(4, 7),
    );
    await log.ask(`delete below ${path}`, () => session.delete(`${path}/child`));
  }

  await create("/q", { data: bytesOf("12345") });
  await create("/zookeeper/quota/q");
  const limits = "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2";
  await create("/zookeeper/quota/q/zookeeper_limits", { data: bytesOf(limits) });
  await create("/zookeeper/quota/q/zookeeper_stats", { data: bytesOf("count=1,bytes=5") });
  await set("/q", bytesOf("12345678901"));
  await create("/q/a");
  await create("/q/b");
  await set("/q", bytesOf("1234567890"));
  await log.ask("multi above the quota", () =>
    session.multi([
      { kind: "create", path: "/m3" },
      { kind: "create", path: "/q/c" },
    ]),
  );
  await set("/a", new Uint8Array(1_000_000));
  if (!hasLongData) return;
  const long = new Uint8Array(3_000_000).fill(1);
  await create("/long", { data: long });
  await set("/long", new Uint8Array(5_000_000));
  await log.ask("long multi", () =>
    session.multi([
      { kind: "create", path: "/long/a", data: long },
      { kind: "create", path: "/long/b", data: long },
    ]),
  );
}

/** Lists that are stored everywhere, by some settings, and nowhere. */
const ACLS = [
  "31:world:anyone",
  "31:auth:",
  "31:digest:somebody:hash",
  "31:digest:nonsense",
  "1:world:anyone|31:ip:127.0.0.0/8",
  "31:ip:10.0.0.0/8",
  "31:ip:10.0.0.0/33",
  "31:sasl:kim",
  "31:sasl:kim/host@EXAMPLE.COM",
  "31:sasl:a/b/c@EXAMPLE.COM",
  "31:sasl:anybody|1:world:anyone",
  "31:x509:CN=kim,OU=test,O=example",
  "31:x509:kim",
  "31:world:someone",
  "31:super:",
];

/** The trees are the same, by what the servers found out about each other's digests. */
async function expectSameDigest(ensemble: MixedEnsemble, own = 1): Promise<void> {
  await ensemble.converged();
  expect(await ensemble.ownCommand(own).figure("digest_mismatches_count")).toBe("0");
}
