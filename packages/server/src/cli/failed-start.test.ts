/** Servers that cannot start, run as users run them: one line says which file, line, key or port is to blame. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../../test/effort.js";
import { SpawnedCommand, STACK_TRACE } from "../../test/spawned-command.js";
import { findFreePorts } from "../ensemble/free-ports.js";

let command: SpawnedCommand;
let root: string;

beforeAll(async () => {
  command = await SpawnedCommand.bundle();
  root = mkdtempSync(join(tmpdir(), "jute-ts-failed-start-"));
  chmodSync(root, 0o755);
});

afterAll(() => {
  command.remove();
  rmSync(root, { recursive: true, force: true });
});

const tls = new URL("../../../../test/tls/", import.meta.url);
const pem = (name: string): string => readFileSync(new URL(name, tls), "utf8");

/** A server of its own, alone in its ensemble: what a case changes about it. */
interface Setting {
  readonly home: string;
  readonly dataDir: string;
  readonly ports: readonly [client: number, quorum: number, election: number];
  /** Lines by key, in the order of zoo.cfg. */
  readonly lines: Map<string, string>;
  readonly write: (name: string, text: string) => string;
  readonly takePort: (port: number) => Promise<void>;
}

interface Case {
  readonly name: string;
  readonly change: (setting: Setting) => unknown;
  /** Whose line of zoo.cfg must be named; undefined where another file is to blame. */
  readonly key?: string;
  readonly says: RegExp;
  readonly code: 1 | 2;
}

function withTls(setting: Setting, key: string, trust: string): void {
  setting.lines.set("sslQuorum", "true");
  setting.lines.set("ssl.quorum.keyStore.location", setting.write("key.pem", key));
  setting.lines.set("ssl.quorum.trustStore.location", setting.write("trust.pem", trust));
}

const cases: readonly Case[] = [
  {
    name: "a client port that is taken",
    change: ({ ports, takePort }) => takePort(ports[0]),
    key: "clientPort",
    says: /The client port \d+ is taken: .*choose another port/u,
    code: 1,
  },
  {
    name: "an election port that is taken",
    change: ({ ports, takePort }) => takePort(ports[2]),
    key: "server.1",
    says: /The election port \d+ is taken: .*choose another port/u,
    code: 1,
  },
  {
    name: "a client address of another machine",
    change: ({ lines }) => lines.set("clientPortAddress", "198.51.100.7"),
    key: "clientPort",
    says: /198\.51\.100\.7 is no address of this machine/u,
    code: 2,
  },
  {
    name: "a server's address of another machine",
    change: ({ lines, ports }) => lines.set("server.1", `198.51.100.7:${ports[1]}:${ports[2]}`),
    key: "server.1",
    says: /198\.51\.100\.7 is no address of this machine/u,
    code: 2,
  },
  {
    name: "a client address that no name server knows",
    change: ({ lines }) => lines.set("clientPortAddress", "nowhere.invalid"),
    key: "clientPort",
    says: /nowhere\.invalid cannot be looked up/u,
    code: 2,
  },
  {
    name: "a dataDir that is a file",
    change: ({ lines, write }) => lines.set("dataDir", write("file", "x")),
    key: "dataDir",
    says: /dataDir names \S*\/file, which is a file\. Name a directory/u,
    code: 2,
  },
  {
    name: "a dataDir below a file",
    change: ({ lines, write }) => lines.set("dataDir", `${write("file", "x")}/data`),
    key: "dataDir",
    says: /dataDir names \S*\/file\/data, which .*a part of its path is a file\. Name a directory/u,
    code: 2,
  },
  {
    name: "a dataDir where none can be made",
    // Linux's processes; elsewhere, the root of the system, in which this user may make nothing.
    change: ({ lines }) => lines.set("dataDir", "/proc/no-such-directory"),
    key: "dataDir",
    says: /dataDir names \/proc\/no-such-directory, which (cannot be made there|.*may not be)/u,
    code: 2,
  },
  {
    name: "a dataLogDir that is a file",
    change: ({ lines, write }) => lines.set("dataLogDir", write("file", "x")),
    key: "dataLogDir",
    says: /dataLogDir names .*file, which is not a directory/u,
    code: 2,
  },
  {
    name: "a dataDir that may not be entered",
    change: ({ dataDir }) => {
      chmodSync(dataDir, 0o000);
    },
    key: "dataDir",
    says: /may not be used by the user/u,
    code: 2,
  },
  {
    name: "a dataDir that may not be written to",
    change: ({ dataDir }) => {
      chmodSync(dataDir, 0o555);
    },
    key: "dataDir",
    says: /may not be used by the user/u,
    code: 2,
  },
  {
    name: "a dataDir that may not be made",
    change: ({ lines, home }) => {
      chmodSync(home, 0o555);
      lines.set("dataLogDir", join(home, "logs", "deep"));
    },
    key: "dataLogDir",
    says: /may not be used by the user/u,
    code: 2,
  },
  {
    name: "a version-2 that is a file",
    change: ({ dataDir }) => {
      writeFileSync(join(dataDir, "version-2"), "x");
    },
    key: "dataDir",
    says: /version-2.*not a directory/u,
    code: 2,
  },
  {
    name: "a version-2 that may not be written to",
    change: ({ dataDir }) => {
      mkdirSync(join(dataDir, "version-2"));
      chmodSync(join(dataDir, "version-2"), 0o000);
    },
    key: "dataDir",
    says: /version-2.*may not be used by the user/u,
    code: 2,
  },
  {
    name: "a dataDir that is missing and must not be made",
    change: ({ lines, home }) => {
      lines.set("dataLogDir", join(home, "logs")).set("datadir.autocreate", "false");
    },
    key: "dataLogDir",
    says: /does not exist, and datadir\.autocreate is false/u,
    code: 2,
  },
  {
    name: "a myid that is a directory",
    change: ({ dataDir }) => {
      rmSync(join(dataDir, "myid"));
      mkdirSync(join(dataDir, "myid"));
    },
    key: "dataDir",
    says: /myid, which is a directory/u,
    code: 2,
  },
  {
    name: "a myid that may not be read",
    change: ({ dataDir }) => {
      chmodSync(join(dataDir, "myid"), 0o000);
    },
    key: "dataDir",
    says: /myid, which may not be used by the user/u,
    code: 2,
  },
  {
    name: "a myid of nobody",
    change: ({ dataDir }) => {
      writeFileSync(join(dataDir, "myid"), "7");
    },
    says: /myid:1: There is no server\.7/u,
    code: 2,
  },
  {
    name: "a myid that is missing among several servers",
    change: ({ dataDir, lines }) => {
      rmSync(join(dataDir, "myid"));
      lines.set("server.2", "h2:1:2").set("server.3", "h3:1:2");
    },
    says: /myid: myid is missing/u,
    code: 2,
  },
  {
    name: "a dynamic file that is missing",
    change: ({ lines, home }) => {
      lines.delete("server.1");
      lines.set("dynamicConfigFile", join(home, "zoo.cfg.dynamic"));
    },
    key: "dynamicConfigFile",
    says: /zoo\.cfg\.dynamic" is missing/u,
    code: 2,
  },
  {
    name: "a dynamic file that is a directory",
    change: ({ lines, home }) => {
      lines.delete("server.1");
      lines.set("dynamicConfigFile", home);
    },
    key: "dynamicConfigFile",
    says: /which is a directory/u,
    code: 2,
  },
  {
    name: "a certificate that is missing",
    change: (setting) => {
      withTls(setting, pem("server1.pem"), pem("authority.pem"));
      rmSync(join(setting.home, "key.pem"));
    },
    key: "ssl.quorum.keyStore.location",
    says: /key\.pem, which does not exist/u,
    code: 2,
  },
  {
    name: "a certificate that may not be read",
    change: (setting) => {
      withTls(setting, pem("server1.pem"), pem("authority.pem"));
      chmodSync(join(setting.home, "key.pem"), 0o000);
    },
    key: "ssl.quorum.keyStore.location",
    says: /key\.pem, which may not be used by the user/u,
    code: 2,
  },
  {
    name: "a certificate that is none",
    change: (setting) => {
      withTls(setting, "this is no certificate", pem("authority.pem"));
    },
    key: "ssl.quorum.keyStore.location",
    says: /key\.pem, which cannot be read/u,
    code: 2,
  },
  {
    name: "a key of another certificate",
    change: (setting) => {
      const [certificate = ""] =
        /-+BEGIN CERT[^]*?-+END CERTIFICATE-+/u.exec(pem("server1.pem")) ?? [];
      const [key = ""] =
        /-+BEGIN [A-Z ]*PRIVATE KEY[^]*?PRIVATE KEY-+/u.exec(pem("server2.pem")) ?? [];
      withTls(setting, `${certificate}\n${key}\n`, pem("authority.pem"));
    },
    key: "ssl.quorum.keyStore.location",
    says: /do not belong together/u,
    code: 2,
  },
  {
    name: "certificates of authorities that are none",
    change: (setting) => {
      withTls(setting, pem("server1.pem"), "nothing");
    },
    key: "ssl.quorum.trustStore.location",
    says: /trust\.pem, which cannot be read: there is no certificate in it/u,
    code: 2,
  },
  {
    name: "a file of a password that is missing",
    change: (setting) => {
      withTls(setting, pem("server1.pem"), pem("authority.pem"));
      setting.lines.set("ssl.quorum.keyStore.passwordPath", join(setting.home, "password"));
    },
    key: "ssl.quorum.keyStore.passwordPath",
    says: /password, which does not exist/u,
    code: 2,
  },
  {
    name: "data that no server must start from",
    change: ({ dataDir }) => {
      mkdirSync(join(dataDir, "version-2"), { mode: 0o777 });
      chmodSync(join(dataDir, "version-2"), 0o777);
      writeFileSync(join(dataDir, "version-2", "currentEpoch"), "no number");
    },
    key: "dataDir",
    says: /server\.1 does not start: .*currentEpoch/u,
    code: 1,
  },
];

/** Makes the files of a case, readable for everyone where the case does not say otherwise. */
async function makeSetting(servers: Server[]): Promise<Setting> {
  const home = mkdtempSync(join(root, "case-"));
  const dataDir = join(home, "data");
  mkdirSync(dataDir);
  chmodSync(home, 0o777);
  chmodSync(dataDir, 0o777);
  writeFileSync(join(dataDir, "myid"), "1\n");
  const [client = 0, quorum = 0, election = 0] = await findFreePorts(3);
  return {
    home,
    dataDir,
    ports: [client, quorum, election],
    lines: new Map([
      ["dataDir", dataDir],
      ["initLimit", "10"],
      ["syncLimit", "5"],
      ["electionPortBindRetry", "1"],
      ["standaloneEnabled", "false"],
      ["clientPort", String(client)],
      ["clientPortAddress", "127.0.0.1"],
      ["server.1", `127.0.0.1:${quorum}:${election}`],
    ]),
    write: (name, text) => {
      writeFileSync(join(home, name), text);
      return join(home, name);
    },
    takePort: async (port) => {
      const server = createServer();
      servers.push(server);
      await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port }, resolve));
    },
  };
}

describe("a server does not start", () => {
  const all = cases.flatMap((each, index) => [
    [each, "text"] as const,
    // Both forms are made of the same: some of each kind are enough.
    ...(index % 4 === 0 ? [[each, "json"] as const] : []),
  ]);
  it.concurrent.each(rowsOf(all, 10).map(([each, format]) => [each.name, format, each] as const))(
    "with %s, and says so (%s)",
    async (_, format, { change, key, says, code }) => {
      const servers: Server[] = [];
      const setting = await makeSetting(servers);
      await change(setting);
      const lines = [...setting.lines].map(([name, value]) => `${name}=${value}`);
      const path = join(setting.home, "zoo.cfg");
      writeFileSync(path, `${lines.join("\n")}\n`);
      const finished = await command.run(["start", path, "--output", format], NOBODY);
      for (const server of servers) server.close();
      const at = key === undefined ? undefined : [...setting.lines.keys()].indexOf(key) + 1;
      const errors = finished.stderr
        .trimEnd()
        .split("\n")
        .filter((line) => !/warning/u.test(line));
      expect(errors, finished.stderr).toHaveLength(1);
      const [error = ""] = errors;
      if (format === "json") {
        const told = JSON.parse(error) as {
          file: string;
          line: number;
          text: string;
          level: string;
        };
        expect(`${told.file}:${told.line || ""}: ${told.text}`.replace("::", ":")).toMatch(says);
        expect(told.level).toBe("error");
        if (at !== undefined) expect([told.file, told.line]).toEqual([path, at]);
      } else {
        expect(error).toMatch(says);
        if (at !== undefined) expect(error.startsWith(`${path}:${at}: `), error).toBe(true);
      }
      // While a port is taken, every attempt to open it is told.
      expect(finished.stdout.replaceAll(/^.* cannot listen on .*\n/gmu, "")).toBe("");
      expect(finished.stderr).not.toMatch(STACK_TRACE);
      expect(finished.code).toBe(code);
    },
  );
});

/** Root may do everything, so that nothing would fail. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534 } : {};

describe("a server that no client can reach", () => {
  it("says so when it starts", async () => {
    const home = mkdtempSync(join(root, "unreachable-"));
    writeFileSync(join(home, "zoo.cfg"), `dataDir=${join(home, "data")}\nclientport=2181\n`);
    const child = command.spawn(["start", join(home, "zoo.cfg")]);
    let stderr = "";
    child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
    const closed = new Promise((resolve) => child.once("close", resolve));
    try {
      await expect.poll(() => stderr, { timeout: 10_000 }).toContain("no client can connect");
      expect(stderr).toMatch(/Is it clientPort\?.*\n.*zoo\.cfg: warning: .*Write clientPort=2181/u);
    } finally {
      child.kill("SIGTERM");
      await closed;
    }
  });
});
