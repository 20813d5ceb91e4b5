/** The epochs in a peer's files, as a power failure now would leave them. */
import { decodeEpochFile, EpochFileError } from "@jute-ts/persistence";
import type { Epoch, Sid } from "@jute-ts/zookeeper";
import type { WorldView } from "../checkers/checker.js";

/** What a file of an epoch holds; "damaged": anything but an epoch, which replacing a file must never leave. */
export type DurableEpoch = Epoch | "missing" | "damaged";

export function durableEpoch(
  name: "acceptedEpoch" | "currentEpoch",
  sid: Sid,
  world: WorldView,
): DurableEpoch {
  const bytes = world.peers.get(sid)?.disk.contents({ directory: "data", name }, "durable");
  if (bytes === undefined) return "missing";
  try {
    return decodeEpochFile(bytes);
  } catch (error) {
    if (error instanceof EpochFileError) return "damaged";
    throw error;
  }
}

/** The epoch, where the file holds one. */
export function epochIn(durable: DurableEpoch): Epoch | undefined {
  return typeof durable === "number" ? durable : undefined;
}
