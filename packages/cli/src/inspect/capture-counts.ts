/** How many packets of a capture there were, and what became of those that no connection has. */
import type { CaptureStatistics, NoSegment } from "@jute-ts/inspect";

/** One line for a summary. */
export function packetCounts({ packets, connections, withoutSegment }: CaptureStatistics): string {
  const others = partsOf(withoutSegment, Object.keys(NAMES) as NoSegment[]);
  const rest = others.length === 0 ? "" : `; ${others.join(", ")}`;
  return `\n${counted(packets, "packet")}, ${counted(connections, "TCP connection")}${rest}`;
}

/** How many packets hold something that should have been decoded, and what is to be said of it. */
export function notDecoded({ packets, connections, withoutSegment }: CaptureStatistics): {
  readonly packets: number;
  readonly text: string | undefined;
} {
  const lost = LOST.reduce((sum, reason) => sum + withoutSegment[reason], 0);
  if (lost > 0) {
    const parts = partsOf(withoutSegment, LOST).join(", ");
    return { packets: lost, text: `${lost} of ${packets} packets are not decoded: ${parts}` };
  }
  const isNothing = connections === 0 && packets > 0;
  const text = `no data of TCP connections in ${counted(packets, "packet")}`;
  return { packets: 0, text: isNothing ? text : undefined };
}

function partsOf(counts: CaptureStatistics["withoutSegment"], reasons: readonly NoSegment[]) {
  return reasons
    .filter((reason) => counts[reason] > 0)
    .map((reason) => `${counts[reason]} ${NAMES[reason]}`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const NAMES: Readonly<Record<NoSegment, string>> = {
  "not TCP": "not TCP",
  fragment: "IP fragments",
  damaged: "damaged",
  "unknown link layer": "of an unknown link layer",
};

/** What else a packet can be needs no decoder. */
const LOST: readonly NoSegment[] = ["fragment", "damaged", "unknown link layer"];
