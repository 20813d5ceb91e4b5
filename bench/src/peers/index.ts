/** Every peer by name. */
import type { Workload } from "../workloads.js";
import { avscPeer } from "./avsc.js";
import { bebopPeer } from "./bebop.js";
import { cborXPeer } from "./cbor-x.js";
import { copyPeer } from "./copy.js";
import { flatbuffersPeer } from "./flatbuffers.js";
import { JUTE, jutePeer } from "./jute.js";
import { loadJute, loadJuteWithoutBuffer } from "./jute-library.js";
import { msgpackrPeer } from "./msgpackr.js";
import { nodeZookeeperClientPeer } from "./node-zookeeper-client.js";
import type { Peer } from "./peer.js";
import { protobufEsPeer } from "./protobuf-es.js";
import { protobufjsPeer } from "./protobufjs.js";
import { installedVersion } from "./versions.js";

/** Our own runtime as a browser would run it. */
export const WITHOUT_BUFFER = "jute-ts, no Buffer";

/** A copy of the bytes: the bound, not a rival. */
export const COPY = "memcpy";

const RIVALS: Readonly<Record<string, () => Peer | Promise<Peer>>> = {
  protobufjs: protobufjsPeer,
  "protobuf-es": protobufEsPeer,
  avsc: avscPeer,
  msgpackr: msgpackrPeer,
  "cbor-x": cborXPeer,
  flatbuffers: flatbuffersPeer,
  bebop: bebopPeer,
  "node-zookeeper-client": nodeZookeeperClientPeer,
};

export const RIVAL_NAMES: readonly string[] = Object.keys(RIVALS);

/** Ours first, then the rivals asked for, then the copy and, if asked for, ours without Buffer. */
export async function loadPeers(
  rivals: readonly string[],
  withoutBuffer: boolean,
): Promise<Peer[]> {
  const version = installedVersion("@jute-ts/runtime");
  const ours = await jutePeer(JUTE, await loadJute(), version);
  const peers: Peer[] = [ours];
  for (const name of rivals) {
    const load = RIVALS[name];
    if (load === undefined) {
      throw new Error(`No peer is called ${name}. There are: ${RIVAL_NAMES.join(", ")}`);
    }
    peers.push(await load());
  }
  peers.push(copyPeer((workload) => bytesOf(ours, workload)));
  if (withoutBuffer) {
    peers.push(await jutePeer(WITHOUT_BUFFER, await loadJuteWithoutBuffer(), version));
  }
  return peers;
}

/** The workload's message on Jute's wire. */
export function bytesOf(ours: Peer, workload: Workload): Uint8Array {
  const prepared = ours.prepare(workload);
  if (prepared === undefined) throw new Error(`Workload ${workload.id} has no record of ours`);
  return prepared.encode(0);
}
