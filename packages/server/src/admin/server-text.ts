/** `srvr` and `stat`: how a server does, at a glance. */
import { connectionLine } from "./connection-lines.js";
import { hex, javaMean } from "./java-format.js";
import type { Observations } from "./observations.js";
import type { ServerMetrics } from "./server-metrics.js";
import type { ServerView } from "./server-view.js";

export function serverText(
  view: ServerView,
  metrics: ServerMetrics,
  word: "srvr" | "stat",
): string {
  const { clients, tree, mode, version } = view;
  const latency = metrics.observations("latency");
  const proposals = metrics.observations("proposal_size");
  const lines = [
    `Zookeeper version: ${version}`,
    ...(mode === "read-only" ? ["READ-ONLY mode; serving only read-only clients"] : []),
    ...(word === "stat"
      ? [
          "Clients:",
          ...Array.from(clients.connections(), (each) => connectionLine(each, "brief")),
          "",
        ]
      : []),
    `Latency min/avg/max: ${Math.floor(latency.min)}/${javaMean(latency.mean)}/${Math.floor(latency.max)}`,
    `Received: ${metrics.counter("packets_received")}`,
    `Sent: ${metrics.counter("packets_sent")}`,
    `Connections: ${clients.connectionCount}`,
    `Outstanding: ${clients.outstandingRequests}`,
    `Zxid: ${hex(view.lastProcessedZxid)}`,
    `Mode: ${mode ?? "null"}`,
    `Node count: ${tree.nodeCount}`,
    ...(mode === "leader" ? [`Proposal sizes last/min/max: ${sizesText(proposals)}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function sizesText({ last, min, max, count }: Observations): string {
  return count === 0 ? "-1/-1/-1" : `${last}/${min}/${max}`;
}
