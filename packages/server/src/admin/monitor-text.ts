/** `mntr` and the admin server's `monitor`: all figures, one after the other. */
import type { PeerStatus } from "@jute-ts/quorum";
import type { Figure } from "./figures.js";
import { javaMean } from "./java-format.js";
import type { Observations } from "./observations.js";
import type { ServerView } from "./server-view.js";

/** A figure as it is shown: a whole number, or one with a fraction. */
export interface ShownFigure {
  readonly name: string;
  readonly value: number;
  readonly isDouble: boolean;
}

export function mntrText(view: ServerView, figures: readonly Figure[], own: OwnTexts): string {
  const lines = [
    ...Object.entries(serverTexts(view)),
    ...shownFigures(figures).map(({ name, value, isDouble }) => [
      name,
      isDouble ? javaMean(value) : String(value),
    ]),
    ...Object.entries(own),
  ];
  return lines.map(([name, value]) => `zk_${name}\t${value}\n`).join("");
}

/** Further lines: names without `zk_`, and texts. */
export type OwnTexts = Readonly<Record<string, string>>;

/** What comes before the figures. */
export function serverTexts(view: ServerView): Record<string, string | bigint> {
  const { version, mode, peer, standalone } = view;
  return {
    version,
    server_state: mode ?? "null",
    ...(standalone || peer === undefined ? {} : { peer_state: peerState(peer) }),
    ...(mode === "observer" && peer?.leader !== undefined
      ? { observer_master_id: peer.leader }
      : {}),
  };
}

/** As `leading - broadcast`. */
function peerState({ role, phase }: PeerStatus): string {
  return phase === undefined ? role : `${role} - ${phase}`;
}

/** Figures with their names in full: a summary has several. */
export function shownFigures(figures: readonly Figure[]): readonly ShownFigure[] {
  return figures.flatMap((figure): ShownFigure[] => {
    const { name } = figure;
    if (figure.kind !== "summary") {
      const isDouble = figure.isDouble ?? !Number.isInteger(figure.value);
      return [{ name, value: figure.value, isDouble }];
    }
    const { key, observations, percentiles } = figure;
    const full = key === undefined ? name : `${key}_${name}`;
    const part = (prefix: string, value: number): ShownFigure => ({
      name: `${prefix}_${full}`,
      value: Math.round(value),
      isDouble: false,
    });
    return [
      { name: `avg_${full}`, value: observations.mean, isDouble: true },
      part("min", observations.min),
      part("max", observations.max),
      part("cnt", observations.count),
      part("sum", observations.sum),
      ...(percentiles === undefined ? [] : percentilesOf(observations, part)),
    ];
  });
}

function percentilesOf(
  observations: Observations,
  part: (prefix: string, value: number) => ShownFigure,
): ShownFigure[] {
  return PERCENTILES.map(([prefix, percent]) => part(prefix, observations.percentile(percent)));
}

const PERCENTILES = [
  ["p50", 50],
  ["p95", 95],
  ["p99", 99],
  ["p999", 99.9],
] as const;
