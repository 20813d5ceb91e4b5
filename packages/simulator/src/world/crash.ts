/**
 * How a process crashes: when, with what loss, and who hears of it; as data, and in
 * words. Carried out by the process (peer-process.ts), drawn by the planner of faults.
 */
import type { Effect, FileOperation } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { ordinal, percent } from "../trace/words.js";
import type { CrashLoss } from "./disk.js";

/** How a process ends against its will. */
export interface CrashManner {
  readonly loss: CrashLoss;
  /** Whether the other ends of its connections hear nothing: the machine went down with it, or its cable. */
  readonly silently: boolean;
}

/** A crash that waits for its moment. */
export type CrashTrap =
  /** Instead of the nth effect of this kind (any, if undefined) from now on. */
  | {
      readonly kind: "beforeEffect";
      readonly effect: Effect["kind"] | undefined;
      readonly nth: number;
    }
  /** Instead of sending the nth packet of this kind from now on. */
  | {
      readonly kind: "beforePacket";
      readonly packet: OutgoingPacket["kind"];
      readonly nth: number;
    }
  /** When the disk has carried out the nth operation of this kind from now on, before the peer hears of it. */
  | { readonly kind: "afterFile"; readonly operation: FileOperation["kind"]; readonly nth: number };

/** Whether a trap counts an effect. */
export function fallsOn(trap: CrashTrap, effect: Effect): boolean {
  switch (trap.kind) {
    case "beforeEffect":
      return trap.effect === undefined || effect.kind === trap.effect;
    case "beforePacket":
      return effect.kind === "send" && effect.packet.kind === trap.packet;
    case "afterFile":
      return false;
  }
}

/** What a crash takes along, and who hears of it. */
export function describeManner({ loss, silently }: CrashManner): string {
  const unheard = silently ? ", unheard" : "";
  if (loss.kind === "process") return `process killed${unheard}`;
  const torn = loss.tear ? ", last write torn" : "";
  return `power lost, keeps ${percent(loss.keepProbability)} of what was not synced${torn}${unheard}`;
}

/** "instead of its 3rd ACK" */
export function describeTrap(trap: CrashTrap): string {
  switch (trap.kind) {
    case "beforeEffect":
      return `instead of its ${ordinal(trap.nth)} ${trap.effect ?? "effect"}`;
    case "beforePacket":
      return `instead of its ${ordinal(trap.nth)} ${trap.packet}`;
    case "afterFile":
      return `after its ${ordinal(trap.nth)} ${trap.operation}`;
  }
}
