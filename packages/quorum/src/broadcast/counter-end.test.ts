import { describe, expect, it, vi } from "vitest";
import { withOwnModules } from "../../../../test/own-modules.js";
import type * as Numbers from "@jute-ts/zookeeper";
import { makeZxid } from "@jute-ts/zookeeper";

// Nobody can wait for four billion proposals: the last counter is made a small one.
const { PeerHarness } = await withOwnModules(async () => {
  vi.doMock("@jute-ts/zookeeper", async (load) => ({
    ...(await load<typeof Numbers>()),
    MAX_COUNTER: 3,
  }));
  try {
    return await import("../../test/peer-harness.js");
  } finally {
    vi.doUnmock("@jute-ts/zookeeper");
  }
});

describe("a leader whose counter has come to its end", () => {
  it("proposes nothing more, steps down, and counts again in the next epoch (ZOOKEEPER-1277)", () => {
    const peer = new PeerHarness();
    peer.establish();
    for (const request of [1, 2, 3]) peer.submit(request);
    peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(1, 3) });
    const said = peer.submit(4);
    expect(said.slice(0, 2)).toEqual(["answer 4: refused", "stopListening"]);
    expect(said.filter((text) => text.includes("PROPOSAL"))).toEqual([]);
    expect(peer.peer.status().role).toBe("looking");
    peer.establish();
    expect(peer.peer.status()).toMatchObject({ serving: true, epoch: 2 });
    expect(peer.submit(5)).toEqual(["send 12: PROPOSAL 2.1"]);
  });
});
