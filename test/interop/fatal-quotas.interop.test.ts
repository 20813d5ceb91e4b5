/** Changes of quotas that Apache's servers cannot apply: no client can end those of a mixed ensemble by way of ours. */
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { node } from "../../packages/server/test/client-of.js";
import { RawClient } from "../../packages/server/test/raw-client.js";
import { type Maker, withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { describeWithApache } from "./kit/test-with-apache.js";

const QUOTA = "/zookeeper/quota";
const STATS = `${QUOTA}/q/zookeeper_stats`;
const text = (data: string | null) => (data === null ? null : new TextEncoder().encode(data));

type Change = (client: RawClient) => Promise<{ readonly err: number }>;

/** What must be there first, which every server can apply. */
const PREPARATION = [
  ...["/q", "/zookeepers", `${QUOTA}/q`].map((path) => node(path)),
  node(`${QUOTA}/q/zookeeper_limits`, "count=5,bytes=-1"),
  node(STATS, "count=0,bytes=0"),
];

/** Apache's 3.8.0 ends by each of them, or by the next znode below /q. */
const FATAL: readonly Change[] = [
  (client) => client.ask(OpCode.create, node(`${QUOTA}/zookeeper_limits`)),
  (client) => client.ask(OpCode.create, node("/zookeepers/zookeeper_limits", "", 1)),
  (client) => client.ask(OpCode.delete, { path: "/zookeeper/zookeeper_limits", version: -1 }),
  ...[null, "junk", "=", "count=", "count=x", "count=99999999999999999999"].map(
    (data): Change =>
      (client) =>
        client.ask(OpCode.setData, { path: STATS, data: text(data), version: -1 }),
  ),
];

describeWithApache("a client of ours cannot end Apache's servers by a quota", (java) => {
  const arrangements: readonly (readonly [leader: string, own: number, servers: Maker[]])[] = [
    ["ours", 2, ["apache", "ownCommand", "apache"]],
    ["Apache's", 1, ["ownCommand", "apache", "apache"]],
  ];
  it.each(arrangements)("where %s leads", async (_, own, servers) => {
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      // Of two equals, the higher number is elected.
      await ensemble.start(1, 2);
      expect(await ensemble.ready()).toBe(2n);
      await ensemble.start(3);
      await ensemble.ready();
      const client = new RawClient(ensemble.members[own - 1]?.client?.port ?? 0);
      onTestFinished(() => client.drop());
      await client.open({ timeOut: 30_000 });
      for (const znode of PREPARATION) {
        expect((await client.ask(OpCode.create, znode)).err).toBe(ErrorCode.OK);
      }
      for (const change of FATAL) {
        expect((await change(client)).err, change.toString()).toBe(ErrorCode.BADARGUMENTS);
      }
      expect((await client.ask(OpCode.create, node("/q/counted", "x"))).err).toBe(ErrorCode.OK);
      await ensemble.converged();
      for (const sid of [1, 2, 3]) expect(ensemble.server(sid).isRunning).toBe(true);
    });
  });
});
