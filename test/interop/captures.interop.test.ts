/**
 * What `@jute-ts/inspect` and the dissector for Wireshark make of the traffic of a real ensemble, recorded
 * while it lives: every byte accounted for, nothing unknown.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaptureDecoder, type Item } from "@jute-ts/inspect";
import { expect, it } from "vitest";
import { byDirection, directionsOf } from "../wireshark/directions.js";
import { type Ports, portOptions, Tshark, whyNoTshark } from "../wireshark/tshark.js";
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
        const capture = new Uint8Array(await readFile(file));
        const decoder = new CaptureDecoder({ ports });
        const items = [...decoder.push(capture), ...decoder.finish()];
        note(`${decoder.statistics.packets} packets, ${items.length} items`);
        // A process that is killed may leave a message half sent, and nothing else may be odd.
        const odd = items.filter(({ kind, faults }) => kind === "opaque" || faults.length > 0);
        expect(odd.map(({ detail }) => detail).filter((text) => !CUT.test(text))).toEqual([]);
        expectOrder(items);
        const names = new Set(items.map(({ name }) => name));
        for (const name of EVERYTHING) expect(names, name).toContain(name);
        const unmatched = items.filter(({ kind, opCode }) => kind === "response" && !opCode);
        expect(unmatched).toEqual([]);
        await expectDissected(capture, ports, items);
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

/** Checks that tshark shows the same messages, each as what it is, but for those that were cut. */
async function expectDissected(
  capture: Uint8Array,
  ports: Ports,
  items: readonly Item[],
): Promise<void> {
  const missing = whyNoTshark();
  if (missing !== undefined && process.env["CI"] !== "true") {
    note(`not dissected: ${missing}`);
    return;
  }
  const tshark = await Tshark.start();
  try {
    const shown = tshark.messages(capture, ...portOptions(ports));
    const isCut = ({ faults }: Item): boolean => faults.length > 0;
    const cutOnes = directionsOf(items.filter(isCut));
    const found = byDirection(shown);
    for (const [direction, whole] of directionsOf(items.filter((item) => !isCut(item)))) {
      const messages = found.get(direction) ?? [];
      const compared = cutOnes.has(direction) ? messages.slice(0, whole.length) : messages;
      expect(compared, direction).toEqual(whole);
    }
    const malformed = tshark.print(capture, ...portOptions(ports), "-Y", "zookeeper.malformed");
    expect(malformed.split("\n").length - 1).toBeLessThanOrEqual(items.filter(isCut).length);
    note(`${shown.length} messages in tshark`);
  } finally {
    tshark.stop();
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
