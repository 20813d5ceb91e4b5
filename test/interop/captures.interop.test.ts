/** What `@jute-ts/inspect` makes of the traffic of a real ensemble: every byte accounted for, nothing unknown. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaptureDecoder, type Item } from "@jute-ts/inspect";
import { expect, it } from "vitest";
import { withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { capturing, whyNoCapture } from "./kit/network-capture.js";
import { live, LIVING, portsOf } from "./kit/recorded-life.js";
import { describeWithApache, note } from "./kit/test-with-apache.js";

describeWithApache("a capture of Apache's servers and ours", (java) => {
  const why = whyNoCapture();
  it.skipIf(why !== undefined && process.env["CI"] !== "true")(
    `is decoded to the last byte${why === undefined ? "" : ` (skipped: ${why})`}`,
    { timeout: 240_000 },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "jute-ts-capture-"));
      try {
        const file = join(directory, "life.pcap");
        const ports = await withMixedEnsemble({ java, servers: LIVING }, async (ensemble) => {
          const all = portsOf(ensemble);
          const { client, quorum, election } = all;
          await capturing(file, [...client, ...quorum, ...election], () => live(ensemble, 300));
          return all;
        });
        const decoder = new CaptureDecoder({ ports });
        const items = [...decoder.push(new Uint8Array(await readFile(file))), ...decoder.finish()];
        note(`${decoder.statistics.packets} packets, ${items.length} items`);
        // A process that is killed may leave a message half sent, and nothing else may be odd.
        const odd = items.filter(({ kind, faults }) => kind === "opaque" || faults.length > 0);
        expect(odd.map(({ detail }) => detail).filter((text) => !CUT.test(text))).toEqual([]);
        expectOrder(items);
        const names = new Set(items.map(({ name }) => name));
        for (const name of EVERYTHING) expect(names, name).toContain(name);
        const unmatched = items.filter(({ kind, opCode }) => kind === "response" && !opCode);
        expect(unmatched).toEqual([]);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  );
});

/** Checks that in each direction of each connection the items cover the bytes. */
function expectOrder(items: readonly Item[]): void {
  const ends = new Map<string, number>();
  for (const { connection, sender, offset, endOffset } of items) {
    const direction = `${connection?.number ?? "?"} ${sender ?? "?"}`;
    expect(offset).toBe(ends.get(direction) ?? 0);
    ends.set(direction, endOffset);
  }
}

const CUT = /the data ends inside a message|the snapshot is not whole/;

/** Packets, elections and requests, of which each must be there. */
const EVERYTHING = [
  ..."FOLLOWERINFO OBSERVERINFO LEADERINFO ACKEPOCH DIFF SNAP TRUNC NEWLEADER UPTODATE".split(" "),
  ..."REQUEST PROPOSAL ACK COMMIT INFORM PING REVALIDATE".split(" "),
  ..."hello LOOKING FOLLOWING LEADING".split(" "),
  ..."connect create create2 createContainer delete setData getData exists getChildren sync".split(
    " ",
  ),
  ..."multi setACL auth closeSession znode signature word answer".split(" "),
];
