/** The election port: hellos, notifications, and a peer that looks for a leader and hears them. */
import { ProtocolViolation } from "@jute-ts/quorum";
import {
  decodeElectionHello,
  decodeNotification,
  ElectionHelloError,
  encodeElectionHello,
  encodeNotification,
} from "@jute-ts/quorum/wire";
import { PeerHarness } from "../../../packages/quorum/test/peer-harness.js";
import { type FuzzedParser, verdictOf } from "../fuzzed-parser.js";

const one = { host: "127.0.0.1", port: 3888 };
const ipv6 = { host: "fe80::1", port: 65_535 };

export const electionHello: FuzzedParser = {
  name: "hello",
  samples: [
    encodeElectionHello({ sid: 2n, addresses: [one] }),
    encodeElectionHello({ sid: 3n, addresses: [one, ipv6, { host: "zk.example", port: 1 }] }),
    encodeElectionHello({ sid: -3n, addresses: [ipv6] }),
    // The oldest version: the sid alone.
    Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5),
  ],
  words: ["[", "]", "[::1]:3888", ":0", ":65536", "|".repeat(100), "é"],
  begin: () => (input) =>
    verdictOf(() => {
      // As it comes: every beginning must be asked about without harm.
      const bytes = Buffer.from(input.buffer, input.byteOffset, input.length);
      decodeElectionHello(bytes.subarray(0, bytes.length >> 1));
      const decoded = decodeElectionHello(bytes);
      if (decoded !== undefined && decoded.length > input.length) {
        throw new Error("a hello is longer than the bytes that it was read from");
      }
    }, ElectionHelloError),
};

const configuration =
  "server.1=127.0.0.1:2888:3888:participant;0.0.0.0:2181\n" +
  "server.2=127.0.0.1:2889:3889:participant\nserver.3=[::1]:2890:3890:observer\nversion=100000000";

const notifications = (["looking", "following", "leading", "observing"] as const).flatMap((state) =>
  [undefined, configuration].map((text) =>
    encodeNotification({
      leader: 3n,
      zxid: 0x1_0000_0002n,
      peerEpoch: 1n,
      state,
      electionEpoch: 1n,
      version: 2,
      configuration: text,
    }),
  ),
);

const generations = [28, 40, 44].flatMap((size) =>
  notifications.map((bytes) => bytes.slice(0, size)),
);

export const notification: FuzzedParser = {
  name: "notification",
  samples: [...notifications, ...generations],
  begin: () => (input) => verdictOf(() => decodeNotification(input), ProtocolViolation),
};

/** A peer whose election hears the bytes must go on as if nothing had happened, or change its mind in order. */
export const looking: FuzzedParser = {
  name: "election",
  samples: [...notifications, ...generations],
  begin: (random) => {
    const peer = new PeerHarness();
    peer.step({ kind: "start" });
    const from = random.pick([2n, 3n, 2n, 3n, 9n, -1n]);
    return (input) => {
      const said = peer.step({ kind: "notified", from, bytes: input });
      const [report] = peer.reports.slice(-1);
      return said.length === 0 && report !== undefined ? "refused" : "accepted";
    };
  },
};
