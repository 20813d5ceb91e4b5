/** What clients read in `/zookeeper/config`: the same from our server and Apache's, whose zoo.cfg is the same. */
import { OpCode } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { RawClient } from "../../packages/server/test/raw-client.js";
import { withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { describeWithApache } from "./kit/test-with-apache.js";

const PATH = "/zookeeper/config";

describeWithApache("the znode of the configuration", (java) => {
  it.each([
    ["of a majority, with an observer", {}],
    ["of groups and weights", { "group.1": "1:2:3", "weight.1": 2, "weight.2": 1, "weight.3": 0 }],
  ])("%s", async (_name, settings) => {
    const servers = ["apache", "own", "own", { maker: "own", role: "observer" }] as const;
    await withMixedEnsemble(
      { java, servers, apache: settings, own: settings },
      async (ensemble) => {
        await ensemble.start(...ensemble.sids);
        await ensemble.ready();
        const [apache, ...ours] = await Promise.all(
          ensemble.members.map(({ client }) => readConfiguration(client?.port ?? 0)),
        );
        expect(apache?.text).toMatch(/^server\.1=127\.0\.0\.1:\d+:\d+:participant;127/);
        for (const own of ours) expect(own).toEqual(apache);

        // A server that leads shows it as well as those that follow, and again after a restart.
        await ensemble.server(1).stop();
        await ensemble.ready();
        await ensemble.server(2).stop();
        await ensemble.start(1, 2);
        await ensemble.ready();
        const again = await Promise.all(
          ensemble.members.map(({ client }) => readConfiguration(client?.port ?? 0)),
        );
        for (const own of again) expect(own).toEqual(apache);
      },
    );
  });
});

/** All but the time at which the server wrote it. */
async function readConfiguration(port: number): Promise<{ text: string; rest: unknown }> {
  await using client = new RawClient(port);
  await client.open();
  const { body: found } = await client.ask(OpCode.getData, { path: PATH, watch: false });
  const { body: rights } = await client.ask(OpCode.getACL, { path: PATH });
  const { mtime, ...stat } = found?.stat.toJSON() ?? {};
  expect(Number(mtime)).toBeGreaterThan(Date.now() - 60_000);
  const text = new TextDecoder().decode(found?.data ?? new Uint8Array(0));
  return { text, rest: { stat, acl: rights?.acl.map((entry) => entry.toJSON()) } };
}
