/** A peer is total: no event, in whatever state, with whatever bytes, makes it throw. */
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import { MemoryDisk } from "../test/memory-disk.js";
import { changeOf, PeerHarness } from "../test/peer-harness.js";
import type { UntimedEvent } from "./events.js";
import { makeTxn, makeTxns, snapshotPackets } from "../test/register-state.js";
import { Random } from "@jute-ts/simulator";
import { encodePacket } from "./wire/codec.js";
import type { OutgoingPacket } from "./wire/packet.js";
import { makeZxid, type Zxid } from "@jute-ts/zookeeper";

const RUNS = effort(150, 10);
const EVENTS = 120;

/** Chooses what happens, from what is right to what is nonsense. */
class Chaos {
  readonly #random: Random;
  requests = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  below(limit: number): number {
    return this.#random.uint32() % limit;
  }

  pick<T>(...values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  zxid(): Zxid {
    return this.pick(
      makeZxid(1 + this.below(3), this.below(5)),
      makeZxid(1, 1 + this.below(5)),
      0n,
      -1n,
      (1n << 63n) - 1n,
      -(1n << 63n),
    );
  }

  packet(): OutgoingPacket {
    const zxid = this.zxid();
    const epoch = this.below(4);
    const txn = makeTxn(zxid);
    const identity = {
      sid: BigInt(this.below(6)),
      protocolVersion: 0x10000,
      configVersion: 0n,
    };
    return this.pick<OutgoingPacket>(
      {
        kind: "REQUEST",
        change: changeOf(this.pick(0n, 5n), this.below(3), this.pick(5, -10, -11, 9, 77)),
      },
      { kind: "SYNCREQUEST", sessionId: 5n, cxid: 1 },
      { kind: "PROPOSAL", txn },
      { kind: "ACK", zxid },
      { kind: "ACK", zxid: makeZxid(epoch, 0) },
      { kind: "COMMIT", zxid },
      { kind: "PING", zxid },
      { kind: "PINGANSWER", zxid, touched: [{ sessionId: 5n, timeoutMs: this.pick(1, -1, 1000) }] },
      { kind: "REVALIDATE", sessionId: 5n, timeoutMs: this.pick(0, -5, 1000) },
      { kind: "REVALIDATED", sessionId: 5n, valid: true },
      { kind: "SYNC" },
      { kind: "INFORM", txn },
      { kind: "COMMITANDACTIVATE", zxid, designatedLeader: 2n },
      { kind: "INFORMANDACTIVATE", txn, designatedLeader: 2n },
      { kind: "NEWLEADER", epoch, configuration: this.pick("", "nonsense") },
      { kind: "FOLLOWERINFO", acceptedEpoch: epoch, identity },
      { kind: "OBSERVERINFO", acceptedEpoch: epoch, identity },
      { kind: "UPTODATE" },
      { kind: "DIFF", zxid },
      { kind: "TRUNC", zxid },
      { kind: "SNAP", zxid },
      { kind: "LEADERINFO", epoch },
      { kind: "ACKEPOCH", lastZxid: zxid, currentEpoch: this.pick(undefined, epoch) },
    );
  }

  bytes(): Uint8Array {
    const garbage = new Uint8Array(this.below(60)).map(() => this.below(256));
    const bytes = encodePacket(this.packet()).slice();
    const at = this.below(bytes.length);
    switch (this.below(6)) {
      case 0:
        return garbage;
      case 1:
        bytes[at] = this.below(256);
        return bytes;
      case 2:
        return bytes.subarray(0, at);
      default:
        return bytes;
    }
  }

  event(peer: PeerHarness): readonly UntimedEvent[] {
    const connection = 10 + this.below(5);
    const request = ++this.requests;
    switch (this.below(16)) {
      case 0:
        return [{ kind: "start" }];
      case 1:
        return [{ kind: "deadline" }];
      case 2:
        return [{ kind: "notified", from: BigInt(this.below(6)), bytes: this.bytes() }];
      case 3:
        return [peer.vote(BigInt(this.below(5)), 3n, this.pick("looking", "following", "leading"))];
      case 4:
        return [{ kind: "electionLinkUp", to: BigInt(this.below(6)) }];
      case 5:
        return [{ kind: "connected", attempt: 1 + this.below(4), connection }];
      case 6:
        return [
          this.pick<UntimedEvent>(
            { kind: "connectFailed", attempt: 1 + this.below(4), text: "refused" },
            { kind: "cannotListen", text: "taken" },
            { kind: "canListen" },
          ),
        ];
      case 7:
        return [{ kind: "accepted", connection }];
      case 8:
        return [{ kind: this.pick("drained"), connection }];
      case 9:
        return this.below(4) > 0 ? [] : [{ kind: "disconnected", connection, text: "reset" }];
      case 10:
        return [{ kind: "submit", request, change: changeOf(this.pick(0n, 5n), request) }];
      case 11:
        return [{ kind: "sync", request, sessionId: 5n, cxid: request }];
      case 12:
        return [{ kind: "touch", sessionId: 5n }];
      case 13:
        return [{ kind: "revalidate", request, sessionId: 5n, timeoutMs: 100 }];
      default:
        return [{ kind: "received", connection, bytes: this.bytes() }];
    }
  }
}

/** States to begin in, by the way there. */
const BEGINNINGS: Record<string, (peer: PeerHarness) => unknown> = {
  "before it has started": () => undefined,
  "looking for a leader": (peer) => peer.say({ kind: "start" }),
  "leading without a quorum": (peer) => peer.lead(),
  leading: (peer) => peer.establish(),
  "connected to a leader": (peer) => peer.follow(),
  "synchronized with a snapshot": (peer) => [
    peer.follow(),
    peer.hear({ kind: "LEADERINFO", epoch: 2 }),
    peer.hear(...snapshotPackets(makeZxid(1, 3), [makeZxid(1, 1)])),
  ],
  following: (peer) => peer.followUpToDate(2),
};

describe.each(Object.keys(BEGINNINGS))("a peer that is %s", (beginning) => {
  it("throws for nothing, and answers no request twice", () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const chaos = new Chaos(seed);
      const peer = new PeerHarness({ disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }) });
      BEGINNINGS[beginning]?.(peer);
      const answered = new Set<number>();
      try {
        for (let count = 0; count < EVENTS; count++) {
          peer.nowMs += chaos.pick(0, 0, 1, 40, 300);
          peer.holdFiles = chaos.below(4) === 0;
          for (const effect of peer.step(...chaos.event(peer))) {
            if (effect.kind !== "answer") continue;
            if (answered.has(effect.request)) throw new Error("a request is answered twice");
            answered.add(effect.request);
          }
        }
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      // Whatever happened, it ends when it is asked to, and nobody is left without an answer.
      peer.holdFiles = false;
      peer.releaseFiles();
      peer.say({ kind: "stop" });
      expect(peer.peer.status().role).toBe("stopped");
    }
  });
});
