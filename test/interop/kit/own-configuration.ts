/** How our peers are configured beside Apache's servers, in this process or in another. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MajorityVerifier, type Member, type PeerOptions, type PeerStatus } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { Lookup } from "../../../packages/server/src/node/name-lookup.js";
import type { PeerReport } from "../../../packages/server/src/node/network-report.js";
import type { PeerConfiguration } from "../../../packages/server/src/node/peer.js";
import { TlsTransport } from "../../../packages/server/src/node/tls-transport.js";
import type { ServerCertificates, ServerMode } from "./server.js";

/** Options that a test may set. Plain values, so that they can be handed to another process. */
export type OwnOptions = Partial<Pick<PeerOptions, "commitLogCount" | "storage" | "tickTimeMs">>;

/** With the same limits as `ApacheServer`. */
export function ownConfiguration({
  sid,
  members,
  directory,
  options,
  certificates,
  names,
}: {
  readonly sid: Sid;
  readonly members: readonly Member[];
  readonly directory: string;
  readonly options?: OwnOptions;
  readonly certificates?: ServerCertificates;
  readonly names?: Readonly<Record<string, readonly string[]>>;
}): PeerConfiguration {
  return {
    tickTimeMs: 500,
    initLimit: 20,
    syncLimit: 10,
    random: Math.random,
    ...options,
    storage: { preAllocSizeBytes: 256 * 1024, ...options?.storage },
    sid,
    ensemble: new MajorityVerifier(members),
    dataDir: join(directory, "data"),
    ...(names && { lookup: lookupIn(names) }),
    ...(certificates && { transport: tlsTransport(certificates, members) }),
  };
}

function lookupIn(names: Readonly<Record<string, readonly string[]>>): Lookup {
  return (name) =>
    name in names
      ? Promise.resolve(names[name] ?? [])
      : Promise.reject(Object.assign(new Error(`${name} is unknown`), { code: "ENOTFOUND" }));
}

function tlsTransport(
  { keyStore, trustStore }: ServerCertificates,
  members: readonly Member[],
): TlsTransport {
  return new TlsTransport({
    identity: { format: "pem", text: readFileSync(keyStore, "utf8") },
    authorities: readFileSync(trustStore, "utf8"),
    members: new Map(members.map((member) => [member.sid, member])),
  });
}

/** The role in ZooKeeper's words, once the server serves. */
export function modeOf({ role, serving }: PeerStatus): ServerMode | undefined {
  if (!serving) return undefined;
  switch (role) {
    case "leading":
      return "leader";
    case "following":
      return "follower";
    case "observing":
      return "observer";
    default:
      return undefined;
  }
}

/** The last reports, a line each. */
export function historyOf(reports: readonly PeerReport[]): string {
  const lines = reports.slice(-25).map((report) =>
    JSON.stringify(report, (_key, value: unknown) => {
      if (typeof value === "bigint") return `0x${BigInt.asUintN(64, value).toString(16)}`;
      return value instanceof Error ? value.message : value;
    }),
  );
  return lines.join("\n");
}
