/** What the page shows, once a second: this server's figures, and what every member says of itself. */
import type { Member } from "@jute-ts/quorum/membership";
import { askFourLetterWord } from "../../node/four-letter-word.js";
import { messageOf } from "../../node/system-error.js";
import { hex } from "../java-format.js";
import type { JsonFields, JsonValue } from "../json-text.js";
import type { PeerMetrics } from "../peer-metrics.js";
import type { ServerView } from "../server-view.js";

/** Asks the other members by `srvr`, which every server answers; at most once a second, however many ask. */
export class LiveView {
  #last: { readonly atMs: number; readonly members: Promise<readonly MemberStatus[]> } | undefined;

  async fields(view: ServerView, metrics: PeerMetrics): Promise<JsonFields> {
    const nowMs = performance.now();
    if (this.#last === undefined || nowMs - this.#last.atMs > REFRESH_MS) {
      this.#last = { atMs: nowMs, members: otherMembers(view) };
    }
    const members = [ownStatus(view), ...(await this.#last.members)].sort((a, b) =>
      a.sid < b.sid ? -1 : 1,
    );
    const last = members.reduce((most, { zxid = 0n }) => (zxid > most ? zxid : most), 0n);
    return {
      atMs: Math.round(nowMs),
      server: { sid: String(view.settings.sid), mode: view.mode ?? null },
      members: members.map((member) => memberFields(member, last)),
      figures: figuresOf(view, metrics),
    };
  }
}

interface MemberStatus {
  readonly sid: bigint;
  readonly address?: string;
  readonly mode?: string;
  readonly zxid?: bigint;
  readonly connections?: number;
  readonly nodes?: number;
  readonly error?: string;
}

function ownStatus({ settings, mode, lastProcessedZxid, clients, tree }: ServerView): MemberStatus {
  return {
    sid: settings.sid,
    address: "this server",
    ...(mode === undefined ? {} : { mode }),
    zxid: lastProcessedZxid,
    connections: clients.connectionCount,
    nodes: tree.nodeCount,
  };
}

function otherMembers({ settings }: ServerView): Promise<readonly MemberStatus[]> {
  const members = [...(settings.quorum?.ensemble.members.values() ?? [])];
  return Promise.all(members.filter(({ sid }) => sid !== settings.sid).map(askMember));
}

async function askMember({ sid, client, addresses }: Member): Promise<MemberStatus> {
  if (client === undefined) {
    return { sid, error: "its line does not say where it serves clients" };
  }
  const host = client.host === "0.0.0.0" ? (addresses[0]?.host ?? client.host) : client.host;
  const address = `${host}:${client.port}`;
  try {
    const answer = await askFourLetterWord({ host, port: client.port }, "srvr", ASK_MS);
    const value = (name: string): string | undefined =>
      new RegExp(`^${name}: (.*)$`, "mu").exec(answer)?.[1];
    const [mode, zxid] = [value("Mode"), value("Zxid")];
    return {
      sid,
      address,
      ...(mode === undefined ? {} : { mode }),
      ...(zxid !== undefined && /^0x[0-9a-f]{1,16}$/u.test(zxid) ? { zxid: BigInt(zxid) } : {}),
      connections: Number(value("Connections") ?? 0),
      nodes: Number(value("Node count") ?? 0),
    };
  } catch (error) {
    return { sid, address, error: `${address} ${messageOf(error)}` };
  }
}

/** The lag is counted in txns, and only within an epoch: zxids of different ones tell nothing of how many lie between. */
function memberFields(member: MemberStatus, last: bigint): JsonFields {
  const { sid, address, mode, zxid, connections, nodes, error } = member;
  const isSameEpoch = zxid !== undefined && zxid >> 32n === last >> 32n;
  return {
    sid: String(sid),
    address: address ?? null,
    mode: mode ?? null,
    epoch: zxid === undefined ? null : Number(zxid >> 32n),
    zxid: zxid === undefined ? null : hex(zxid),
    lag: isSameEpoch ? Number(last - zxid) : null,
    connections: connections ?? null,
    nodes: nodes ?? null,
    ...(error === undefined ? {} : { error }),
  };
}

function figuresOf(view: ServerView, { server }: PeerMetrics): JsonValue {
  const gauge = (name: string, unit: string, value: number): JsonFields => ({ name, unit, value });
  const rate = (name: string, value: number): JsonFields => ({
    name,
    unit: "/s",
    value,
    perSecond: true,
  });
  return [
    gauge("sessions", "", view.clients.sessions().global.length),
    gauge("connections", "", view.clients.connectionCount),
    gauge("watches", "", view.clients.watchCount),
    gauge("outstanding-requests", "", view.clients.outstandingRequests),
    rate("requests", server.counter("packets_received")),
    rate("replies", server.counter("packets_sent")),
    gauge("read-latency", "ms", server.observations("readlatency").recent),
    gauge("write-latency", "ms", server.observations("updatelatency").recent),
    gauge("fsync", "ms", server.observations("fsynctime").recent),
    gauge("znodes", "", view.tree.nodeCount),
  ];
}

const REFRESH_MS = 900;
const ASK_MS = 1000;
