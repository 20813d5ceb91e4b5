/** Connecting to a server: every address of every name is tried, as it is at that moment. */
import { createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import type { Member, MemberAddress } from "@jute-ts/quorum";
import { connectToMember } from "./connecting.js";
import { findFreePorts } from "../ensemble/free-ports.js";
import { type Lookup, NameLookup } from "./name-lookup.js";
import { type Destination, plainTransport, type Transport } from "./transport.js";

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some((entry) => entry.address === "::1"),
);
const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

describe("a connection to a server", () => {
  it.skipIf(!hasIPv6)(
    "is made to the address of a name that listens, whichever it is",
    async () => {
      for (const [listening, list] of [
        ["127.0.0.1", ["::1", "127.0.0.1"]],
        ["::1", ["127.0.0.1", "::1"]],
      ] as const) {
        const port = await listen(listening);
        const socket = await dial([address("both.test", port)], {
          lookup: () => Promise.resolve(list),
        });
        expect(socket.remoteAddress).toBe(listening);
      }
    },
  );

  it("is made to another address when the first does not answer, long before that is given up", async () => {
    const port = await listen("127.0.0.2");
    const addresses = [address("127.0.0.1", port), address("127.0.0.2", port)];
    const begin = performance.now();
    const transport = silentOn("127.0.0.1");
    const socket = await dial(addresses, { transport, timeoutMs: 60_000 });
    expect(socket.remoteAddress).toBe("127.0.0.2");
    expect(performance.now() - begin).toBeLessThan(5000);
    await expect.poll(() => transport.givenUp).toBe(1);
  });

  it("does not wait for a name server where another host has an address", async () => {
    const port = await listen("127.0.0.1");
    const never: Lookup = () => new Promise(() => undefined);
    const addresses = [address("slow.test", port), address("127.0.0.1", port)];
    const socket = await dial(addresses, { lookup: never, timeoutMs: 60_000 });
    expect(socket.remoteAddress).toBe("127.0.0.1");
  });

  it("fails with every address that was tried, and why", async () => {
    const [port = 0] = await findFreePorts(1);
    const lookup: Lookup = (host) =>
      host === "both.test" ? Promise.resolve(["::1", "127.0.0.1"]) : nobodyKnows(host);
    const addresses = [
      address("nowhere.test", port),
      address("both.test", port),
      address("127.0.0.9", port),
    ];
    const error: unknown = await dial(addresses, {
      lookup,
      transport: silentOn("127.0.0.9"),
      timeoutMs: 300,
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "ConnectError" });
    expect((error as Error).message.split("; ").sort()).toEqual([
      expect.stringMatching(/^127\.0\.0\.9:\d+: no answer within 300 ms$/u),
      expect.stringMatching(/^both\.test:\d+ \(127\.0\.0\.1\): connect ECONNREFUSED/u),
      expect.stringMatching(/^both\.test:\d+ \(::1\): connect E/u),
      expect.stringMatching(/^nowhere\.test:\d+: getaddrinfo ENOTFOUND/u),
    ]);
  });

  it("is made to the address that the name has now", async () => {
    const port = await listen("127.0.0.2");
    let addresses = ["127.0.0.1"];
    const names = new NameLookup(() => Promise.resolve(addresses));
    await expect(dial([address("moves.test", port)], { names })).rejects.toThrow("ECONNREFUSED");
    addresses = ["127.0.0.2"];
    const socket = await dial([address("moves.test", port)], { names });
    expect(socket.remoteAddress).toBe("127.0.0.2");
  });

  it("is made to the address that was last known when no name server answers", async () => {
    const port = await listen("127.0.0.1");
    let isUp = true;
    const names = new NameLookup((host) =>
      isUp ? Promise.resolve(["127.0.0.1"]) : nobodyKnows(host),
    );
    await dial([address("known.test", port)], { names });
    isUp = false;
    expect((await dial([address("known.test", port)], { names })).remoteAddress).toBe("127.0.0.1");
    await expect(dial([address("new.test", port)], { names })).rejects.toThrow("ENOTFOUND");
  });

  it("asks for a name once at a time", async () => {
    let asked = 0;
    const names = new NameLookup(() => {
      asked++;
      return Promise.resolve(["127.0.0.1"]);
    });
    await Promise.all([names.addressesOf("a.test"), names.addressesOf("a.test")]);
    expect(asked).toBe(1);
    await names.addressesOf("a.test");
    expect(asked).toBe(2);
  });
});

interface Circumstances {
  readonly lookup?: Lookup;
  readonly names?: NameLookup;
  readonly transport?: Transport;
  readonly timeoutMs?: number;
}

async function dial(
  addresses: readonly MemberAddress[],
  { lookup = nobodyKnows, names, transport, timeoutMs = 2000 }: Circumstances = {},
): Promise<Socket> {
  const member: Member = { sid: 1n, role: "participant", addresses, client: undefined };
  const socket = await connectToMember({
    transport: transport ?? plainTransport,
    names: names ?? new NameLookup(lookup),
    member,
    portOf: ({ electionPort }) => electionPort,
    timeoutMs,
  });
  sockets.push(socket);
  return socket;
}

/** Plain TCP, but for one address where nobody ever answers. Counts how often that was given up. */
function silentOn(silent: string): Transport & { readonly givenUp: number } {
  let givenUp = 0;
  return {
    ...plainTransport,
    connect: (to: Destination) =>
      to.address === silent
        ? new Promise((_resolve, reject) => {
            to.signal.addEventListener("abort", () => {
              givenUp++;
              reject(new Error("given up"));
            });
            setTimeout(() => {
              reject(new Error(`no answer within ${to.timeoutMs} ms`));
            }, to.timeoutMs).unref();
          })
        : plainTransport.connect(to),
    get givenUp() {
      return givenUp;
    },
  };
}

function address(host: string, port: number): MemberAddress {
  return { host, quorumPort: 1, electionPort: port };
}

const nobodyKnows: Lookup = (host) =>
  Promise.reject(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" }));

async function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  return await new Promise((resolve) => {
    server.listen(0, host, () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : 0);
    });
  });
}
