/** The epochs in a peer's files, as a power failure now would leave them. */
import { decodeEpochFile } from "@jute-ts/persistence";
import type { Epoch, Sid } from "@jute-ts/zookeeper";
import type { WorldView } from "../checkers/checker.js";

/** The epoch in the file; undefined when there is no such file. Throws EpochFileError for anything but an epoch: replacing a file must never leave that. */
export function durableEpoch(
  name: "acceptedEpoch" | "currentEpoch",
  sid: Sid,
  world: WorldView,
): Epoch | undefined {
  const bytes = world.peers.get(sid)?.disk.contents({ directory: "data", name }, "durable");
  return bytes === undefined ? undefined : decodeEpochFile(bytes);
}
