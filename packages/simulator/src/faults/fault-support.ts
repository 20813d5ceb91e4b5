/** What the parts that make faults happen share: time, counting, the story, and the operator. */
import type { Sid } from "@jute-ts/zookeeper";
import type { PeerProcess } from "../world/peer-process.js";
import type { Fault } from "./faults.js";
import type { Lookout } from "./lookout.js";

export interface FaultSupport {
  /** Acts after a time, unless everything is repaired before. */
  later(delayMs: number, act: () => void): void;
  /** The operator starts a process that is down, after a time. */
  restartLater(process: PeerProcess, delayMs: number): void;
  /** Counts a fault that has happened, and its detail. */
  count(fault: Fault, detail?: string): void;
  tell(sid: Sid, text: string): void;
  /** Waits for the moment of a fault that has one. */
  readonly lookout: Lookout;
}
