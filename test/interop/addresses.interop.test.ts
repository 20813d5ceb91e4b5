import { networkInterfaces } from "node:os";
import { connect } from "node:net";
import { expect, it } from "vitest";
import type { Java } from "./kit/java.js";
import {
  type Maker,
  type MixedEnsemble,
  type MixedEnsembleOptions,
  withMixedEnsemble,
} from "./kit/mixed-ensemble.js";
import { createOf } from "./kit/requests.js";
import { describeWithApache } from "./kit/test-with-apache.js";

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === "::1"),
);

/** Server 3 leads when histories are equal. */
const MAKERS: readonly (readonly [string, readonly Maker[], number])[] = [
  ["our follower of an Apache leader", ["own", "apache", "apache"], 1],
  ["Apache's followers of our leader", ["apache", "apache", "own"], 3],
];

/** As most machines have `localhost`. */
const NAMES = { "both.test": ["::1", "127.0.0.1"], "other.test": ["127.0.0.1", "::1"] };

describeWithApache("ensembles of Apache's servers and ours", (java) => {
  for (const [who, servers, own] of MAKERS) {
    it.skipIf(!hasIPv6).each([
      ["IPv4", {}],
      ["IPv6", { "java.net.preferIPv6Addresses": "true" }],
    ])(
      `on a name with two families of addresses have ${who}, with Apache's on %s`,
      async (family, apacheProperties) => {
        const hosts = ["both.test", "other.test", "both.test"];
        await withEnsemble(
          { java, servers, hosts, names: NAMES, apacheProperties },
          async (ensemble) => {
            await expectWrites(ensemble, own);
            // Apache's listen on one address of the name, ours on both.
            const apache = ensemble.members[1]?.addresses[0]?.electionPort ?? 0;
            const ours = ensemble.members[own - 1]?.addresses[0]?.electionPort ?? 0;
            expect(await answers("127.0.0.1", apache)).toBe(family === "IPv4");
            expect(await answers("::1", apache)).toBe(family === "IPv6");
            expect(await answers("127.0.0.1", ours)).toBe(true);
            expect(await answers("::1", ours)).toBe(true);
          },
        );
      },
    );

    it(`with several addresses each have ${who}`, async () => {
      const hosts = [1, 2, 3].map(() => ["127.0.0.1", "127.0.0.2"]);
      // The line of zoo.cfg comes too late for 3.8: the servers' lines are read by the property alone.
      const apache = { "multiAddress.enabled": "true" };
      const apacheProperties = { "zookeeper.multiAddress.enabled": "true" };
      await withEnsemble(
        { java, servers, hosts, apache, own: apache, apacheProperties },
        async (ensemble) => {
          await expectWrites(ensemble, own);
          for (const { host, electionPort } of ensemble.members[own - 1]?.addresses ?? []) {
            expect(await answers(host, electionPort)).toBe(true);
          }
        },
      );
    });

    it(`whose own lines say 0.0.0.0 have ${who}`, async () => {
      await withEnsemble({ java, servers, ownHost: "0.0.0.0" }, async (ensemble) => {
        await expectWrites(ensemble, own);
      });
    });
  }
});

async function withEnsemble(
  options: MixedEnsembleOptions & { readonly java: Java },
  work: (ensemble: MixedEnsemble) => Promise<void>,
): Promise<void> {
  await withMixedEnsemble(options, async (ensemble) => {
    await ensemble.start(1, 2, 3);
    await ensemble.ready();
    await work(ensemble);
  });
}

async function expectWrites(ensemble: MixedEnsemble, own: number): Promise<void> {
  const session = await ensemble.connect(2);
  await session.create("/by-a-client");
  expect((await ensemble.own(own).peer.proposeRaw(createOf("/by-ours"))).result.err).toBe(0);
  await ensemble.converged();
  expect(ensemble.own(own).tree.nodes()).toEqual(await session.nodes());
  await session.close();
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
