/** What settings, notes and messages a zoo.cfg leads to; the verdicts are compared with Java's in test/java/configuration. */
import { getHeapStatistics } from "node:v8";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FOUR_LETTER_WORDS } from "../admin/four-letter-words.js";
import { testSeed } from "../../../../test/seed.js";
import { ConfigurationError } from "./configuration-error.js";
import type { PeerSettings } from "./peer-settings.js";
import { filesNamedIn, parseZooCfg } from "./zoo-cfg.js";

const base = [
  "dataDir=/d",
  "initLimit=10",
  "syncLimit=5",
  "server.1=h1:2888:3888",
  "server.2=h2:2888:3888",
  "server.3=h3:2888:3888",
];

const fileName = "zoo.cfg";

/** Own lines begin at line 7. */
function settingsOf(...lines: string[]): PeerSettings {
  return parseZooCfg([...base, ...lines].join("\n"), { fileName, myid: "1" }).settings;
}

function notesOf(...lines: string[]): readonly string[] {
  const { notes } = parseZooCfg([...base, ...lines].join("\n"), { fileName, myid: "1" });
  return notes.map(({ kind, line, message }) => `${String(line)} ${kind}: ${message}`);
}

function problemsOf(...lines: string[]): readonly string[] {
  try {
    settingsOf(...lines);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("settings", () => {
  it("have defaults", () => {
    expect({ ...settingsOf(), ensemble: undefined }).toEqual({
      sid: 1n,
      ensemble: undefined,
      isStandalone: false,
      role: "participant",
      dataDir: "/d",
      dataLogDir: "/d",
      dynamicConfigFile: undefined,
      createsDirectories: true,
      tickTimeMs: 3000,
      initLimitTicks: 10,
      syncLimitTicks: 5,
      connectToLearnerMasterLimitTicks: 10,
      minSessionTimeoutMs: 6000,
      maxSessionTimeoutMs: 60_000,
      listensOnAllAddresses: false,
      client: undefined,
      secureClient: undefined,
      serving: {
        checksAclsEagerly: false,
        leaderServes: true,
        upgradesLocalSessions: false,
        readOnlyAfterMs: undefined,
        maxRequestBytes: 1_048_575,
        maxOutstandingRequests: 500,
        listenBacklog: undefined,
        keepsConnectionsAlive: false,
        maxConnectionsPerAddress: 60,
        authentication: {
          digest: { algorithm: "SHA1", superDigest: undefined },
          x509: false,
          x509SuperUser: undefined,
          ensembleNames: undefined,
          sasl: undefined,
          requiredSchemes: new Set(),
          allowsFailedSasl: false,
        },
        limits: {
          maxConnections: 0,
          sessionlessTimeoutMs: 10_000,
          maxRequests: 0,
          connectionThrottle: undefined,
          largeRequests: undefined,
        },
      },
      election: {
        dialTimeoutMs: 5000,
        helloTimeoutMs: 1000,
        bindRetries: 3,
        minNotificationIntervalMs: 200,
        maxNotificationIntervalMs: 60_000,
      },
      storage: {
        snapCount: 100_000,
        preAllocSizeBytes: 65_536 * 1024,
        syncsInPlace: true,
        maxBatchTxns: 1000,
        retainSnapshots: undefined,
        purgeIntervalMs: undefined,
        digestInSnapshots: true,
        lastZxidInSnapshots: true,
        autocreate: true,
        trustEmptySnapshot: false,
      },
      requests: {
        skipsAcls: false,
        authSchemes: new Set(["ip", "digest"]),
        anySaslUser: undefined,
        x509SuperUser: undefined,
        enforcesQuotas: false,
        localSessions: false,
        digests: true,
        listsClosedEphemerals: true,
      },
      znodes: {
        extendedTypes: false,
        emulates353Ttls: false,
        overdueIntervalMs: 60_000,
        maxOverduePerMinute: 10_000,
        maxNeverUsedMs: 0,
      },
      maxPacketBytes: 2 * 1_048_575,
      admin: undefined,
      metrics: undefined,
      // As Apache's server passes them on.
      properties: new Map([
        ["server.1", "h1:2888:3888"],
        ["server.2", "h2:2888:3888"],
        ["server.3", "h3:2888:3888"],
      ]),
      commitLogCount: 500,
      tls: undefined,
    });
  });

  it.each<[string, (settings: PeerSettings) => unknown, unknown]>([
    ["dataLogDir=/l", (s) => s.dataLogDir, "/l"],
    ["connectToLearnerMasterLimit=2", (s) => s.connectToLearnerMasterLimitTicks, 2],
    ["quorumListenOnAllIPs=true", (s) => s.listensOnAllAddresses, true],
    ["datadir.autocreate=false", (s) => s.createsDirectories, false],
    ["db.autocreate=false", (s) => s.storage.autocreate, false],
    ["snapshot.trust.empty=true", (s) => s.storage.trustEmptySnapshot, true],
    ["snapCount=5000", (s) => s.storage.snapCount, 5000],
    ["preAllocSize=64", (s) => s.storage.preAllocSizeBytes, 65_536],
    ["maxBatchSize=7", (s) => s.storage.maxBatchTxns, 7],
    ["digest.enabled=false", (s) => s.storage.digestInSnapshots, false],
    ["serializeLastProcessedZxid.enabled=false", (s) => s.storage.lastZxidInSnapshots, false],
    ["autopurge.purgeInterval=2", (s) => s.storage.purgeIntervalMs, 7_200_000],
    ["autopurge.purgeInterval=2", (s) => s.storage.retainSnapshots, 3],
    ["autopurge.purgeInterval=-1", (s) => s.storage.purgeIntervalMs, undefined],
    ["commitLogCount=600", (s) => s.commitLogCount, 600],
    ["jute.maxbuffer=4096", (s) => s.maxPacketBytes, 8192],
    ["jute.maxbuffer=100", (s) => s.maxPacketBytes, 1124],
    ["jute.maxbuffer=2147483647", (s) => s.maxPacketBytes, 0x7fff_ffff],
    ["jute.maxbuffer.extrasize=2048", (s) => s.maxPacketBytes, 1_048_575 + 2048],
    ["cnxTimeout=100", (s) => s.election.dialTimeoutMs, 100],
    ["quorumCnxnTimeoutMs=100", (s) => s.election.helloTimeoutMs, 100],
    ["electionPortBindRetry=0", (s) => s.election.bindRetries, Infinity],
    ["fastleader.minNotificationInterval=50", (s) => s.election.minNotificationIntervalMs, 50],
    ["fastleader.maxNotificationInterval=50", (s) => s.election.maxNotificationIntervalMs, 50],
    ["clientPort=2181", (s) => s.client?.host, "0.0.0.0"],
    ["clientPort=0", (s) => s.client?.port, 0],
    ["clientPort=2181\nclientPortAddress=[::1]", (s) => s.client?.host, "::1"],
    ["clientPort=2181\nmaxClientCnxns=0", (s) => s.serving.maxConnectionsPerAddress, 0],
    ["clientPort=2181", (s) => s.client?.commands, new Set(["srvr"])],
    [
      "clientPort=1\n4lw.commands.whitelist=mntr, ruok,",
      (s) => s.client?.commands,
      new Set(["mntr", "ruok", "srvr"]),
    ],
    ["clientPort=1\n4lw.commands.whitelist=ruok,*", (s) => s.client?.commands, "all"],
  ])("follow %s", (line, get, expected) => {
    expect(get(settingsOf(line))).toEqual(expected);
  });

  it("of an ensemble with addresses on two networks", () => {
    const { ensemble } = settingsOf(
      "server.4=h4:2888:3888|[2001:db8::4]:2889:3889:observer;2181",
      "multiAddress.enabled=true",
    );
    expect(ensemble.members.get(4n)).toEqual({
      sid: 4n,
      role: "observer",
      addresses: [
        { host: "h4", quorumPort: 2888, electionPort: 3888 },
        { host: "2001:db8::4", quorumPort: 2889, electionPort: 3889 },
      ],
      client: { host: "0.0.0.0", port: 2181 },
    });
  });

  it("are the same for a text that begins with a byte order mark", () => {
    const text = `\uFEFF${base.join("\n")}`;
    expect(parseZooCfg(text, { fileName, myid: "1" }).settings.dataDir).toBe("/d");
  });

  it("take the ensemble's version from the dynamic file's name", () => {
    const text = [...base.slice(0, 3), "dynamicConfigFile=/c.v1/zoo.cfg.dynamic.2a"].join("\n");
    expect(filesNamedIn(text)).toEqual({
      dataDir: "/d",
      dynamicConfigFile: "/c.v1/zoo.cfg.dynamic.2a",
    });
    const dynamic = { fileName: "/c.v1/zoo.cfg.dynamic.2a", text: base.slice(3).join("\n") };
    const { settings } = parseZooCfg(text, { fileName, dynamic, myid: "2" });
    expect(settings.ensemble.version).toBe(0x2an);
    expect(settings.sid).toBe(2n);
  });
});

describe("a server that stands alone", () => {
  const read = (...lines: string[]): PeerSettings =>
    parseZooCfg(["dataDir=/d", "clientPort=2181", ...lines].join("\n"), { fileName, myid: "7" })
      .settings;

  it("has no server lines, and takes itself for 1 whatever myid says", () => {
    const { isStandalone, sid, role, ensemble } = read();
    expect({ isStandalone, sid, role }).toEqual({
      isStandalone: true,
      sid: 1n,
      role: "participant",
    });
    expect(String(ensemble)).toBe("version=0");
    expect(ensemble.containsQuorum([1n])).toBe(true);
    expect(ensemble.containsQuorum([2n, 3n])).toBe(false);
  });

  it("may be the only participant, unless standaloneEnabled says otherwise", () => {
    const only = ["server.7=h:2888:3888", "initLimit=10", "syncLimit=5"];
    expect(read(...only)).toMatchObject({ isStandalone: true, sid: 7n });
    expect(read(...only, "standaloneEnabled=false").isStandalone).toBe(false);
  });
});

describe("an ensemble that was printed", () => {
  it("is the same when zoo.cfg holds it", () => {
    const groups = fc.array(fc.nat(2), { minLength: 3, maxLength: 9 });
    fc.assert(
      fc.property(
        groups,
        fc.array(fc.nat(5)),
        fc.bigInt(0n, 2n ** 63n - 1n),
        (list, weights, version) => {
          const lines = list.map(
            (_, i) => `server.${String(i)}=h${String(i)}:2888:3888:participant`,
          );
          for (const group of new Set(list)) {
            const sids = [...list.keys()].filter((i) => list[i] === group);
            lines.push(`group.${String(group)}=${sids.join(":")}`);
          }
          weights
            .slice(0, list.length)
            .forEach((w, i) => lines.push(`weight.${String(i)}=${String(w + 1)}`));
          const text = [...base.slice(0, 3), ...lines, `version=${version.toString(16)}`].join(
            "\n",
          );
          const first = parseZooCfg(text, { fileName, myid: "0" }).settings.ensemble;
          const again = [...base.slice(0, 3), first.toString()].join("\n");
          const second = parseZooCfg(again, { fileName, myid: "0" }).settings.ensemble;
          expect(second).toEqual(first);
          expect(second.toString()).toBe(first.toString());
        },
      ),
      { seed: testSeed(), numRuns: 100 },
    );
  });
});

describe("notes", () => {
  it.each([
    [
      ["tickTime=1", "tickTime=2"],
      ["7 overridden: tickTime is set again in line 8, which counts."],
    ],
    [["ticktime=1"], ["7 unknown: ticktime is no key that is known here. Is it tickTime?"]],
    [
      ["zookeeper.snapCount=1"],
      ["7 unknown: zookeeper.snapCount is no key that is known here. Is it snapCount?"],
    ],
    [["nonsense=1"], ["7 unknown: nonsense is no key that is known here."]],
    [["dataDirLog=/l"], ["7 unknown: dataDirLog is no key that is known here. Is it dataLogDir?"]],
    [
      ["data_log_dir=/l"],
      ["7 unknown: data_log_dir is no key that is known here. Is it dataLogDir?"],
    ],
    [["port.client=1"], ["7 unknown: port.client is no key that is known here. Is it clientPort?"]],
    [["sever.4=h4:1:2"], ["7 unknown: sever.4 is no key that is known here. Is it server.4?"]],
    [["Server.4=h4:1:2"], ["7 unknown: Server.4 is no key that is known here. Is it server.4?"]],
    [
      ["dataLogDir=/l # logs"],
      [
        '7 advice: The value of dataLogDir goes on to the end of the line, "#" included. A comment needs a line of its own.',
      ],
    ],
    [
      ["server.4=H1:2888:3889:observer"],
      [
        "7 advice: The quorum port 2888 of server.4 is the quorum port of server.1 too, on H1. Give each its own port.",
      ],
    ],
    [
      ["server.4=h1:2889:2888:observer"],
      [
        "7 advice: The election port 2888 of server.4 is the quorum port of server.1 too, on h1. Give each its own port.",
      ],
    ],
    [
      ["server.4=h4:2888:3888:observer;3888"],
      [
        "7 advice: The client port 3888 of server.4 is its own election port too, on h4. Give each its own port.",
      ],
    ],
    [["server.4=h4:2888:3888:observer;0", "server.5=h5:2888:3888:observer;0"], []],
    [["snapCount=1"], ["7 adjusted: snapCount=1 is too small: 2 is used."]],
    [["commitLogCount=10"], ["7 adjusted: commitLogCount=10 is too small: 500 is used."]],
    [
      ["dataLogDir=logs"],
      [
        "7 advice: dataLogDir=logs depends on where the peer is started. Write ./ before it if that is meant.",
      ],
    ],
    [["dataLogDir=./logs"], []],
    [["dataLogDir=C:\\\\logs"], []],
    [
      ["peerType=observer"],
      ["7 advice: peerType is observer, but this server's line says participant, which counts."],
    ],
    [["peerType=Participant"], []],
    [
      ["server.4=h4:2888:3888"],
      ["0 advice: There are 4 participants, which bear no more failures than 3."],
    ],
    [
      ["flushDelay=5"],
      ["7 ignored: flushDelay has no effect. An fsync begins as soon as the one before is done."],
    ],
    [["flushDelay=0", "syncEnabled=TRUE"], []],
    [
      ["syncEnabled=false"],
      [
        "7 ignored: syncEnabled has no effect. An observer keeps log and snapshots like every server, and comes back with what it had.",
      ],
    ],
    [
      ["ssl.quorum.keyStore.location=/k.pem"],
      [
        "7 advice: ssl.quorum.keyStore.location has no effect without sslQuorum=true: the ports of the ensemble are open to everybody.",
      ],
    ],
    [
      ["clientPort=1", "4lw.commands.whitelist=ruokk, mntr, *, nonsense"],
      [
        "8 advice: 4lw.commands.whitelist has ruokk, which is no command. Is it ruok?",
        "8 advice: 4lw.commands.whitelist has nonsense, which is no command.",
      ],
    ],
    [["clientPort=1", `4lw.commands.whitelist=${FOUR_LETTER_WORDS.join(",")}`], []],
  ])("for %j are %j", (lines, expected) => {
    expect(notesOf(...lines)).toEqual(expected);
  });
});

describe("problems", () => {
  it("are listed all at once, with file and line", () => {
    expect(problemsOf("tickTime=0", "clientPort=x", "server.4=h4:2888", "forceSync=no")).toEqual([
      'zoo.cfg:7: tickTime is "0". Write a whole number of ms from 1 to 2147483647.',
      'zoo.cfg:8: clientPort is "x". Write a whole number from 0 to 65535.',
      'zoo.cfg:9: server.4 has 2 parts in "h4:2888". Write host:quorumPort:electionPort[:participant|:observer][;clientPort]; IPv6 addresses need brackets.',
      "zoo.cfg:10: forceSync=no is not supported. What is acknowledged without an fsync is lost with the power. Remove the line or write forceSync=yes.",
    ]);
  });

  it("say so when a value ends in what was meant as a comment", () => {
    for (const line of [
      "tickTime=2000 # ms",
      "quorumListenOnAllIPs=true # all",
      "server.4=h4:2888:3888 # a new one",
      "server.4=h4:2888:3888;2181 # a new one",
    ]) {
      expect(problemsOf(line).join("\n"), line).toMatch(/A comment needs a line of its own\.$/u);
    }
    expect(problemsOf("tickTime=x#y").join("\n")).not.toContain("comment");
  });

  it("come with the notes that may explain them", () => {
    try {
      parseZooCfg([...base.slice(1), "dirData=/d"].join("\n"), { fileName, myid: "1" });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      const { problems, notes } = error as ConfigurationError;
      expect(problems.map(({ message }) => message).join()).toContain("dataDir is not set");
      expect(notes.map(({ message }) => message)).toEqual([
        "dirData is no key that is known here. Is it dataDir?",
      ]);
    }
  });

  it("never echo more than a line of a hostile value", () => {
    const huge = "x".repeat(1_000_000);
    for (const line of [
      `tickTime=${huge}`,
      `server.${huge}=1`,
      `server.4=${huge}`,
      `forceSync=${huge}`,
      `group.1=${huge}`,
      `peerType=${huge}`,
      `clientPort=1\nclientPortAddress=${huge}`,
      `dynamicConfigFile=${huge}`,
      `ssl.quorum.enabledProtocols=${huge}\nsslQuorum=true`,
    ]) {
      for (const problem of problemsOf(line)) expect(problem.length).toBeLessThan(400);
    }
  });

  it("are never anything but ConfigurationError, for any text", () => {
    const pieces = fc.constantFrom(
      "server.",
      "group.",
      "weight.",
      "1",
      "2",
      "=",
      ":",
      "\n",
      "\\",
      "h:1:2",
      ";",
      "|",
      "[",
      "]",
      "dataDir=/d\n",
      "initLimit=5\n",
      "syncLimit=5\n",
      "version=",
      "-",
      " ",
      "dynamicConfigFile=x\n",
      "\u0000",
      "observer",
    );
    const texts = fc.array(pieces, { maxLength: 40 }).map((list) => list.join(""));
    fc.assert(
      fc.property(texts, texts, fc.option(fc.string(), { nil: undefined }), (text, more, myid) => {
        try {
          parseZooCfg(text, { fileName, dynamic: { fileName: "x", text: more }, myid });
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
        }
      }),
      { seed: testSeed(), numRuns: 2000 },
    );
  });
});

describe("TLS", () => {
  const stores = [
    "sslQuorum=true",
    "ssl.quorum.keyStore.location=/k.pem",
    "ssl.quorum.trustStore.location=/t.pem",
  ];

  it("has safe defaults", () => {
    expect(settingsOf(...stores).tls).toEqual({
      keyStore: { location: "/k.pem", format: "pem", password: { kind: "none" } },
      trustStoreLocation: "/t.pem",
      reloads: false,
      verifiesServerHosts: true,
      verifiesClientHosts: true,
      protocols: ["TLSv1.2", "TLSv1.3"],
      handshakeTimeoutMs: 5000,
    });
  });

  it("follows its keys", () => {
    const tls = settingsOf(
      "sslQuorum=true",
      "ssl.quorum.keyStore.location=/k",
      "ssl.quorum.keyStore.type=pkcs12",
      "ssl.quorum.keyStore.password=secret",
      "ssl.quorum.keyStore.passwordPath=/p",
      "ssl.quorum.trustStore.location=/t",
      "ssl.quorum.trustStore.type=PEM",
      "ssl.quorum.hostnameVerification=false",
      "ssl.quorum.enabledProtocols=TLSv1.3",
      "ssl.quorum.handshakeDetectionTimeoutMillis=100",
    ).tls;
    expect(tls).toEqual({
      keyStore: { location: "/k", format: "pkcs12", password: { kind: "file", location: "/p" } },
      trustStoreLocation: "/t",
      reloads: false,
      verifiesServerHosts: false,
      verifiesClientHosts: false,
      protocols: ["TLSv1.3"],
      handshakeTimeoutMs: 100,
    });
  });

  it("can check servers' hosts alone", () => {
    const tls = settingsOf(...stores, "ssl.quorum.clientHostnameVerification=false").tls;
    expect([tls?.verifiesServerHosts, tls?.verifiesClientHosts]).toEqual([true, false]);
  });

  it.each([
    [["sslQuorum=true"], [7, 7]],
    [
      [
        "sslQuorum=true",
        "ssl.quorum.keyStore.location=/k.jks",
        "ssl.quorum.trustStore.location=/t.p12",
      ],
      [8, 9],
    ],
    [[...stores, "ssl.quorum.keyStore.type=JKS"], [10]],
    [[...stores, "ssl.quorum.enabledProtocols=TLSv1.1,TLSv1.3"], [10]],
    [[...stores, "ssl.quorum.clientAuth=none"], [10]],
  ])("refuses %j", (lines, expected) => {
    const positions = problemsOf(...lines).map((problem) => Number(problem.split(":")[1]));
    expect(positions).toEqual(expected);
  });

  it("never shows a password", () => {
    const problems = problemsOf(
      "sslQuorum=true",
      "ssl.quorum.keyStore.password=secret",
      "sslQuorum=maybe",
    );
    expect(problems.join("\n")).not.toContain("secret");
  });
});

describe("hostile files", () => {
  /** What reading a text allocates, whatever becomes of it. The least of some: a collection may come in between. */
  function allocated(text: string): number {
    const once = (): number => {
      const before = getHeapStatistics().used_heap_size;
      problemsOf(text);
      const bytes = getHeapStatistics().used_heap_size - before;
      return bytes >= 0 ? bytes : Infinity;
    };
    return Math.min(...Array.from({ length: 10 }, once));
  }

  it.each([
    // Found by the fuzzer: looking for a similar key made a table of letters for every key that there is.
    ["an unknown key", "\0\0\0\0t\0\0\0\x80\0\0\0\0/\0\0\0\0z\0\0\0\0", 64],
    ["blank lines", "\n".repeat(100_000), 512],
    ["keys without values", "a\n".repeat(50_000), 1024],
    ["backslashes", "\\\n".repeat(50_000), 512],
    ["broken escapes", "\\u\n".repeat(30_000), 1024],
    ["servers without addresses", "server.1\n".repeat(10_000), 1024],
    ["a group of very many", `group.1=${"1:".repeat(50_000)}`, 1024],
  ])("cost little with %s", (_, text, kibibytes) => {
    expect(allocated(text)).toBeLessThan(kibibytes * 1024 + 4 * text.length);
  });

  it("are read up to a number of settings, and not told all their problems", () => {
    const problems = problemsOf(...Array.from({ length: 1000 }, (_, i) => `tickTime${i}=1`));
    expect(problems).toEqual([
      "zoo.cfg:301: There are more than 300 settings. The rest is not read: remove what is not needed.",
    ]);
    const servers = problemsOf(...Array.from({ length: 100 }, (_, i) => `server.${i + 4}=x`));
    expect(servers).toHaveLength(51);
    expect(servers.at(-1)).toMatch(/There are more than 50 problems\./);
  });
});
