/** How many packets of a capture there were, and what became of those that no connection has. */
import type { CaptureStatistics, NoSegment } from "@jute-ts/inspect";
import { quantity } from "../quantity.js";

/** One line for a summary. */
export function packetCounts({ packets, connections, withoutSegment }: CaptureStatistics): string {
  const others = partsOf(withoutSegment, Object.keys(NAMES) as NoSegment[]);
  const rest = others.length === 0 ? "" : `; ${others.join(", ")}`;
  return `\n${quantity(packets, "packet")}, ${quantity(connections, "TCP connection")}${rest}`;
}

/** How many packets hold something that should have been decoded, and what is to be said of it. */
export function notDecoded({ packets, connections, withoutSegment }: CaptureStatistics): {
  readonly packets: number;
  readonly text: string | undefined;
} {
  const lost = LOST.reduce((sum, reason) => sum + withoutSegment[reason], 0);
  if (lost > 0) {
    const parts = partsOf(withoutSegment, LOST).join(", ");
    const are = lost === 1 ? "is" : "are";
    return {
      packets: lost,
      text: `${lost} of ${quantity(packets, "packet")} ${are} not decoded: ${parts}`,
    };
  }
  const isNothing = connections === 0 && packets > 0;
  const text = `no data of TCP connections in ${quantity(packets, "packet")}`;
  return { packets: 0, text: isNothing ? text : undefined };
}

function partsOf(counts: CaptureStatistics["withoutSegment"], reasons: readonly NoSegment[]) {
  return reasons
    .filter((reason) => counts[reason] > 0)
    .map((reason) => NAMES[reason](counts[reason]));
}

const NAMES: Readonly<Record<NoSegment, (count: number) => string>> = {
  "not TCP": (count) => `${count} not TCP`,
  fragment: (count) => quantity(count, "IP fragment"),
  damaged: (count) => `${count} damaged`,
  "unknown link layer": (count) => `${count} of an unknown link layer`,
};

/** What else a packet can be needs no decoder. */
const LOST: readonly NoSegment[] = ["fragment", "damaged", "unknown link layer"];
