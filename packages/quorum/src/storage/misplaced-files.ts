/**
 * What lies where it does not belong: logs among the snapshots and snapshots among
 * the logs, after a `dataLogDir` was added or exchanged; data beside `version-2`,
 * where a backup was unpacked or the first versions kept it; data under names that
 * nobody can read. Whoever passed over it would start with less than it promised.
 * As Java does (ZOOKEEPER-2967), this refuses to start, and says what to move where.
 */
import { dataFileKind, parseDataFileName } from "@jute-ts/persistence";
import type { DataDirectory, Listing } from "./data-directory.js";
import { DirectoryRefused } from "./file-steps.js";

/** Throws DirectoryRefused when something of a server's lies in the wrong place. */
export function requireInPlace({ listing, snapshots, logs }: DataDirectory): void {
  const isEmpty = snapshots.length === 0 && logs.length === 0;
  const problems = [
    ...inTheOtherDirectory(listing),
    ...besideTheDirectories(listing, isEmpty),
    ...unreadable(listing),
  ];
  if (problems.length > 0) throw new DirectoryRefused(problems.join(". "));
}

function inTheOtherDirectory({ data, log, isShared }: Listing): string[] {
  if (isShared) return [];
  const logs = data.filter((name) => dataFileKind(name) === "log");
  const snapshots = log.filter((name) => dataFileKind(name) === "snapshot" || isOurs(name));
  if (logs.length > 0 && snapshots.length > 0) {
    return [
      `version-2 of dataDir holds logs (${some(logs)}), and version-2 of dataLogDir snapshots (${some(snapshots)}): ` +
        `are dataDir and dataLogDir exchanged? Exchange them; if not, move the logs to dataLogDir and the snapshots to dataDir`,
    ];
  }
  const problems: string[] = [];
  if (logs.length > 0) {
    problems.push(
      `version-2 of dataDir holds logs (${some(logs)}), but dataLogDir is another directory, and logs belong there. ` +
        `Take the line dataLogDir away if it is new; or move the logs into version-2 of dataLogDir${alsoThere(log, "log")}`,
    );
  }
  if (snapshots.length > 0) {
    problems.push(
      `version-2 of dataLogDir holds snapshots (${some(snapshots)}), but dataDir is another directory, and snapshots belong there. ` +
        `Set dataDir to this directory if it was there before; or move the snapshots, acceptedEpoch and currentEpoch into version-2 of dataDir${alsoThere(data, "snapshot")}`,
    );
  }
  return problems;
}

/** Of two copies, somebody must know which is older. */
function alsoThere(names: readonly string[], kind: "log" | "snapshot"): string {
  const there = names.filter((name) => dataFileKind(name) === kind);
  if (there.length === 0) return "";
  return `, where there are some already (${some(there)}): keep the newer ones of both`;
}

function besideTheDirectories({ data, log, isShared }: Listing, isEmpty: boolean): string[] {
  const problems: string[] = [];
  for (const [key, names] of [
    ["dataDir", data],
    ["dataLogDir", isShared ? [] : log],
  ] as const) {
    const beside = names.filter((name) => name.startsWith("../")).map((name) => name.slice(3));
    const found = beside.filter((name) => dataFileKind(name) !== undefined || isEpoch(name));
    if (found.length > 0) {
      problems.push(
        `${key} itself holds ${some(found)}, which belong into its subdirectory version-2. ` +
          `Move them there if this server wrote them last, or else away; if ${key} ends with version-2, set it to the directory above`,
      );
    }
    if (isEmpty && beside.includes("version-1")) {
      problems.push(
        `${key} holds version-1, which only ZooKeeper before 3.0 wrote, and nothing newer: convert it with ZooKeeper's UpgradeMain, or move it away`,
      );
    }
  }
  return problems;
}

function unreadable({ data, log, isShared }: Listing): string[] {
  const names = [
    ...data.filter((name) => dataFileKind(name) === "snapshot"),
    ...(isShared ? data : log).filter((name) => dataFileKind(name) === "log"),
  ];
  const found = names.filter(
    (name) => parseDataFileName(name) === undefined && !name.endsWith(".tmp"),
  );
  if (found.length === 0) return [];
  return [
    `version-2 holds ${some(found)}, named nearly as a log or a snapshot is, so that it might hold what this server promised. ` +
      `Give it the name that ZooKeeper gave it (log. or snapshot. and a zxid in small hexadecimal digits), unpacked if it is a log, or move it away`,
  ];
}

/** What this program calls a snapshot that is not in its place yet. */
function isOurs(name: string): boolean {
  return /^(?:unfinished|installing)-snapshot\./u.test(name);
}

function isEpoch(name: string): boolean {
  return name === "acceptedEpoch" || name === "currentEpoch";
}

/** The first of some names, and how many more there are. */
function some(names: readonly string[]): string {
  const [first = ""] = names;
  return names.length === 1 ? first : `${first} and ${String(names.length - 1)} more`;
}
