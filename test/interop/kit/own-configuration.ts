/** How our servers are configured beside Apache's: by a zoo.cfg, as users do it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Member, PeerStatus } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { Lookup } from "../../../packages/server/src/node/name-lookup.js";
import type { PeerReport } from "../../../packages/server/src/node/network-report.js";
import type { ServerCertificates, ServerMode } from "./server.js";
import { type Settings, zooCfg } from "./zoo-cfg.js";

export interface OwnOptions {
  readonly sid: Sid;
  readonly members: readonly Member[];
  /** zoo.cfg lies here, `myid` and `version-2` in its subdirectory `data`. */
  readonly directory: string;
  /** Further lines of zoo.cfg. */
  readonly settings?: Settings;
  /** Without them, connections are plain. */
  readonly certificates?: ServerCertificates;
  /** What names stand for; the system's names when undefined. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

export function lookupIn(names: Readonly<Record<string, readonly string[]>>): Lookup {
  return (name) =>
    name in names
      ? Promise.resolve(names[name] ?? [])
      : Promise.reject(Object.assign(new Error(`${name} is unknown`), { code: "ENOTFOUND" }));
}

export function ownDataDir({ directory }: OwnOptions): string {
  return join(directory, "data");
}

/** Writes zoo.cfg and myid, and returns the path of the former. */
export function writeOwnConfiguration(options: OwnOptions): string {
  const { sid, directory, certificates } = options;
  const dataDir = ownDataDir(options);
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, "myid"), `${sid}\n`);
  const path = join(directory, "zoo.cfg");
  writeFileSync(
    path,
    zooCfg({
      ...options,
      dataDir,
      settings: { ...tlsSettings(certificates), ...options.settings },
    }),
  );
  return path;
}

function tlsSettings(certificates: ServerCertificates | undefined): Settings {
  if (certificates === undefined) return {};
  return {
    sslQuorum: "true",
    "ssl.quorum.keyStore.location": certificates.keyStore,
    "ssl.quorum.trustStore.location": certificates.trustStore,
  };
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
      if (value instanceof Uint8Array) return `${value.length} bytes`;
      if (Array.isArray(value) && value.length > MOST_ITEMS) return `${value.length} items`;
      return value instanceof Error ? value.message : value;
    }),
  );
  return lines.join("\n");
}

/** Longer lists are only counted. */
const MOST_ITEMS = 5;
