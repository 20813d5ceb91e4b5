/** Listening on every address that a server is said to have, in every family that the machine has. */
import { connect, createServer, Server } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { findFreePorts } from "../ensemble/free-ports.js";
import { type Lookup, NameLookup } from "./name-lookup.js";
import { type ListenError, type ListenTarget, OpenPorts, probePorts } from "./open-ports.js";

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === "::1"),
);
const opened: OpenPorts[] = [];
const others: Server[] = [];

afterEach(() => {
  for (const ports of opened.splice(0)) void ports.close();
  for (const server of others.splice(0)) server.close();
});

describe("a port", () => {
  it.skipIf(!hasIPv6)("is opened on every address of a name, in both families", async () => {
    const [port = 0] = await findFreePorts(1);
    await open([{ host: "both.test", port }], { lookup: bothFamilies }).ports.open();
    expect(await answers("127.0.0.1", port)).toBe(true);
    expect(await answers("::1", port)).toBe(true);
    expect(await answers("127.0.0.2", port)).toBe(false);
  });

  it.skipIf(!hasIPv6).each(["0.0.0.0", "::", "0:0::0"])(
    "on %s is opened on all addresses of both families",
    async (host) => {
      const [port = 0] = await findFreePorts(1);
      await open([{ host, port }]).ports.open();
      expect(await answers("127.0.0.1", port)).toBe(true);
      expect(await answers("127.0.0.2", port)).toBe(true);
      expect(await answers("::1", port)).toBe(true);
    },
  );

  it.each(["EAFNOSUPPORT", "EADDRNOTAVAIL"])(
    "on all addresses of a machine without IPv6 (%s) is opened on those of IPv4",
    async (code) => {
      const [port = 0] = await findFreePorts(1);
      const { ports, problems } = open([{ host: "::", port }], { withoutIPv6: code });
      await ports.open();
      expect(await answers("127.0.0.2", port)).toBe(true);
      expect(problems).toEqual([]);
    },
  );

  it("of localhost on a machine without IPv6 is opened on 127.0.0.1, and nobody is bothered", async () => {
    const [port = 0] = await findFreePorts(1);
    const options = { lookup: bothFamilies, withoutIPv6: "EADDRNOTAVAIL" };
    const { ports, problems } = open([{ host: "localhost", port }], options);
    await ports.open();
    expect(await answers("127.0.0.1", port)).toBe(true);
    expect(problems).toEqual([]);
  });

  it("of a link-local address is opened with its zone", async (context) => {
    const [name, address] =
      Object.entries(networkInterfaces())
        .flatMap(([each, list]) => (list ?? []).map((entry) => [each, entry.address] as const))
        .find(([, each]) => each.startsWith("fe80:")) ?? [];
    if (name === undefined) context.skip();
    const host = `${address}%${name}`;
    await open([{ host, port: 0 }]).ports.open();
    expect(await answers(host, opened[0]?.port ?? 0)).toBe(true);
  });

  it("of several hosts is opened on each with its own number", async () => {
    const [one = 0, other = 0] = await findFreePorts(2);
    const targets = [
      { host: "127.0.0.1", port: one },
      { host: "127.0.0.2", port: other },
    ];
    await open(targets).ports.open();
    expect(await answers("127.0.0.1", one)).toBe(true);
    expect(await answers("127.0.0.2", other)).toBe(true);
    expect(await answers("127.0.0.1", other)).toBe(false);
  });

  it("is open when one of several hosts is, as in Java, and tells of the others", async () => {
    const [port = 0] = await findFreePorts(1);
    const { ports, problems } = open([
      { host: "203.0.113.1", port },
      { host: "nowhere.test", port },
      { host: "127.0.0.1", port },
    ]);
    await ports.open();
    expect(await answers("127.0.0.1", port)).toBe(true);
    expect(problems.map(({ code }) => code)).toEqual(["EADDRNOTAVAIL", "ENOTFOUND"]);
    expect(problems[1]?.message).toMatch(/nowhere\.test:\d+: this machine does not know the name/u);
  });

  it.skipIf(!hasIPv6)(
    "that another process has on one address of a name is taken, and left alone on the others",
    async () => {
      const [port = 0] = await findFreePorts(1);
      await occupy("127.0.0.1", port);
      const { ports } = open([{ host: "both.test", port }], { lookup: bothFamilies });
      await expect(ports.open()).rejects.toMatchObject({
        name: "ListenError",
        code: "EADDRINUSE",
        address: `both.test:${port} (127.0.0.1)`,
        message: expect.stringMatching(
          /another process has this port \(EADDRINUSE\); stop that process/u,
        ) as string,
      });
      expect(await answers("::1", port)).toBe(false);
    },
  );

  it("follows a name to the address that it gets", async () => {
    const [port = 0] = await findFreePorts(1);
    let addresses = ["127.0.0.1"];
    const lookup: Lookup = () => Promise.resolve(addresses);
    await open([{ host: "moves.test", port }], { lookup, refreshMs: 20 }).ports.open();
    expect(await answers("127.0.0.2", port)).toBe(false);
    addresses = ["127.0.0.2"];
    await expect.poll(() => answers("127.0.0.2", port)).toBe(true);
  });

  it("that could not be opened on one of its hosts is opened there as soon as that is possible", async () => {
    const [port = 0] = await findFreePorts(1);
    const taken = await occupy("127.0.0.1", port);
    const targets = [
      { host: "127.0.0.1", port },
      { host: "127.0.0.2", port },
    ];
    const { ports, problems } = open(targets, { refreshMs: 20 });
    await ports.open();
    expect(problems[0]?.code).toBe("EADDRINUSE");
    taken.close();
    await expect
      .poll(async () => (await probePorts(probe("127.0.0.1", port)).catch(codeOf)) ?? "free")
      .toBe("EADDRINUSE");
    expect(await answers("127.0.0.1", port)).toBe(true);
  });

  it("that is closed while it is being opened stays closed", async () => {
    const [port = 0] = await findFreePorts(1);
    const { ports } = open([{ host: "both.test", port }], { lookup: bothFamilies });
    const opening = ports.open();
    void ports.close();
    await opening;
    await expect.poll(() => answers("127.0.0.1", port)).toBe(false);
  });
});

interface Circumstances {
  readonly lookup?: Lookup;
  readonly refreshMs?: number;
  /** What the system says to whoever wants to listen on an address of IPv6. */
  readonly withoutIPv6?: string;
}

function open(
  targets: readonly ListenTarget[],
  { lookup = nobodyKnows, refreshMs, withoutIPv6 }: Circumstances = {},
): { ports: OpenPorts; problems: ListenError[] } {
  const problems: ListenError[] = [];
  const ports = new OpenPorts({
    port: "election",
    targets,
    names: new NameLookup(lookup),
    createServer: () =>
      withoutIPv6 === undefined ? createServer(end) : new ServerWithoutIPv6(withoutIPv6),
    onProblem: (error) => problems.push(error),
    refreshMs,
  });
  opened.push(ports);
  return { ports, problems };
}

function probe(host: string, port: number): ConstructorParameters<typeof OpenPorts>[0] {
  return {
    port: "quorum",
    targets: [{ host, port }],
    names: new NameLookup(nobodyKnows),
    createServer: () => createServer(),
    onProblem: () => undefined,
  };
}

function codeOf(error: unknown): string {
  return (error as ListenError).code;
}

/** As `createServer`, on a machine whose system knows no IPv6. */
class ServerWithoutIPv6 extends Server {
  readonly #code: string;

  constructor(code: string) {
    super(end);
    this.#code = code;
  }

  override listen(...args: unknown[]): this {
    const [options] = args as [{ host: string }, () => void];
    if (!options.host.includes(":")) return super.listen(...(args as [{ host: string }]));
    process.nextTick(() => {
      const error = Object.assign(new Error(`listen ${this.#code} ${options.host}`), {
        code: this.#code,
        address: options.host,
      });
      this.emit("error", error);
    });
    return this;
  }
}

const bothFamilies: Lookup = () => Promise.resolve(["::1", "127.0.0.1"]);

const nobodyKnows: Lookup = (host) =>
  Promise.reject(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" }));

function end(socket: { end(): void }): void {
  socket.end();
}

async function occupy(host: string, port: number): Promise<Server> {
  const server = createServer();
  others.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return server;
}

async function answers(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on("error", () => {
      resolve(false);
    });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
