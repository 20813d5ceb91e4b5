/** Every peer by name. Each is loaded only where it is asked for. */
import type { Workload } from "../workloads.js";
import { copyPeer } from "./copy.js";
import { JUTE, jutePeer } from "./jute.js";
import { loadJute } from "./jute-library.js";
import type { Peer } from "./peer.js";

/** Our own runtime as a browser would run it. */
export const WITHOUT_BUFFER = "jute-ts, no Buffer";

/** A copy of the bytes: the bound, not a rival. */
export const COPY = "memcpy";

export interface Rival {
  /** What npm calls it. */
  readonly package: string;
  /** Why it does not run in a browser, where it does not. */
  readonly nodeOnly?: string;
  /** What a reader of its figures must know. */
  readonly note?: string;
  readonly load: () => Promise<Peer>;
}

export const RIVALS: Readonly<Record<string, Rival>> = {
  protobufjs: {
    package: "protobufjs",
    load: async () => (await import("./protobufjs.js")).protobufjsPeer(),
  },
  "protobuf-es": {
    package: "@bufbuild/protobuf",
    load: async () => (await import("./protobuf-es.js")).protobufEsPeer(),
  },
  "protobuf-ts": {
    package: "@protobuf-ts/runtime",
    load: async () => (await import("./protobuf-ts.js")).protobufTsPeer(),
  },
  avsc: {
    package: "avsc",
    nodeOnly: "needs a substitute for Node's Buffer",
    note: "longs are numbers, exact to 2^53",
    load: async () => (await import("./avsc.js")).avscPeer(),
  },
  msgpackr: {
    package: "msgpackr",
    load: async () => (await import("./msgpackr.js")).msgpackrPeer(),
  },
  "cbor-x": {
    package: "cbor-x",
    load: async () => (await import("./cbor-x.js")).cborXPeer(),
  },
  flatbuffers: {
    package: "flatbuffers",
    load: async () => (await import("./flatbuffers.js")).flatbuffersPeer(),
  },
  bebop: {
    package: "bebop",
    load: async () => (await import("./bebop.js")).bebopPeer(),
  },
  fury: {
    package: "@furyjs/fury",
    note: "longs are doubles, because its 64-bit integers do not survive: 2^40 comes back as 0",
    load: async () => (await import("./fury.js")).furyPeer(),
  },
  "bare-ts": {
    package: "@bare-ts/lib",
    note: "no 1 MB message, because it writes lengths of bytes wrongly from 16,384 on",
    load: async () => (await import("./bare.js")).barePeer(),
  },
  "compact-encoding": {
    package: "compact-encoding",
    note: "longs are numbers, exact to 2^52",
    load: async () => (await import("./compact-encoding.js")).compactEncodingPeer(),
  },
  borsh: {
    package: "borsh",
    note: "bytes come back as an array of numbers, so no 1 MB message: half a second each time",
    load: async () => (await import("./borsh.js")).borshPeer(),
  },
  "node-zookeeper-client": {
    package: "node-zookeeper-client",
    nodeOnly: "is a client over TCP",
    load: async () => (await import("./node-zookeeper-client.js")).nodeZookeeperClientPeer(),
  },
};

export const RIVAL_NAMES: readonly string[] = Object.keys(RIVALS);

/** What else is compared with ours. */
export interface Extras {
  /** Adds ours without Buffer. */
  readonly withoutBuffer?: boolean | undefined;
  /** Adds the implementation in this directory. */
  readonly sketch?: string | undefined;
  /** The frozen implementation of the guard, and nothing else. */
  readonly baseline?: boolean | undefined;
}

/** Ours first, then the rivals asked for, then the copy and the extras. */
export async function loadPeers(rivals: readonly string[], extras: Extras = {}): Promise<Peer[]> {
  const ours = await jutePeer(JUTE, await loadJute());
  if (extras.baseline === true) {
    const { plainPeer } = await import("../baseline/plain-peer.js");
    return [ours, await plainPeer()];
  }
  const peers: Peer[] = [ours];
  for (const name of rivals) {
    const rival = RIVALS[name];
    if (rival === undefined) {
      throw new Error(`No peer is called ${name}. There are: ${RIVAL_NAMES.join(", ")}`);
    }
    peers.push(await rival.load());
  }
  peers.push(copyPeer((workload) => bytesOf(ours, workload)));
  if (extras.withoutBuffer === true) {
    const { loadJuteWithoutBuffer } = await import("./jute-without-buffer.js");
    peers.push(await jutePeer(WITHOUT_BUFFER, await loadJuteWithoutBuffer()));
  }
  if (extras.sketch !== undefined) {
    const { sketchPeer } = await import("./sketch.js");
    peers.push(await sketchPeer(extras.sketch));
  }
  return peers;
}

/** The workload's message on Jute's wire. */
export function bytesOf(ours: Peer, workload: Workload): Uint8Array {
  const prepared = ours.prepare(workload);
  if (prepared === undefined) throw new Error(`Workload ${workload.id} has no record of ours`);
  return prepared.encode(0);
}
