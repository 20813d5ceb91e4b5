/** Our peers take no part in reconfigurations. Those of Apache must not be kept from going on by that. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { reconfigure } from "./kit/reconfiguration.js";
import { createOf } from "./kit/requests.js";
import { describeWithApache } from "./kit/test-with-apache.js";
import { until } from "./kit/waiting.js";

/** Ours has the largest id: with equal histories it would win every election. */
const OURS = 3;
const LEADER = 2;
const SERVERS = ["apache", "apache", "own"] as const;
const APACHE = { reconfigEnabled: "true", standaloneEnabled: "false", skipACL: "yes" };

describeWithApache("after a reconfiguration by Apache's leader", (java) => {
  it("ours does not stand when others decide by it, and follows Apache's next leader", async () => {
    await withMixedEnsemble({ java, servers: SERVERS, apache: APACHE }, async (ensemble) => {
      await ensemble.start(1, LEADER);
      expect(await ensemble.ready()).toBe(BigInt(LEADER));
      await ensemble.start(OURS);
      await ensemble.ready();
      const [first] = ensemble.members;
      const [address] = first?.addresses ?? [];
      if (address === undefined || first?.client === undefined) throw new Error("no server 1");
      const { host, quorumPort, electionPort } = address;
      const line = `server.1=${host}:${quorumPort}:${electionPort}:observer;${host}:${first.client.port}`;
      await reconfigure(ensemble.apache(LEADER).clientAddress, line);
      await ensemble.converged();

      // The leader is lost for so long that there is another election.
      await ensemble.apache(LEADER).pause();
      const { peer } = ensemble.own(OURS);
      await peer.waitFor(({ role }) => role === "looking");
      await delay(500);
      ensemble.apache(LEADER).resume();
      expect(await ensemble.ready()).toBe(BigInt(LEADER));
      await peer.proposeRaw(createOf("/afterwards"));
      await ensemble.converged();
      expect(ensemble.own(OURS).reported("newerConfiguration")[0]).toMatchObject({
        ownVersion: 0n,
      });
      const leaders = ensemble.own(OURS).reported("elected");
      expect(leaders.filter(({ leader }) => leader === BigInt(OURS))).toEqual([]);
    });
  });

  it("ours leads on when the same servers decide by it", async () => {
    await withMixedEnsemble({ java, servers: SERVERS, apache: APACHE }, async (ensemble) => {
      await ensemble.start(1, LEADER);
      expect(await ensemble.ready()).toBe(BigInt(LEADER));
      await ensemble.start(OURS);
      await ensemble.ready();
      const line = "server.4=127.0.0.1:1:2:observer;127.0.0.1:3";
      await reconfigure(ensemble.apache(LEADER).clientAddress, line);
      await ensemble.converged();
      await ensemble.server(LEADER).kill();
      await until(
        async () => (await ensemble.modes()).get(BigInt(OURS)) === "leader",
        30_000,
        () => "ours to lead",
      );
      expect(await ensemble.ready()).toBe(BigInt(OURS));
      const session = await ensemble.connect(1);
      await session.create("/afterwards");
      await ensemble.converged();
      expect(ensemble.own(OURS).tree.getNode("/afterwards")).toBeDefined();
    });
  });
});
