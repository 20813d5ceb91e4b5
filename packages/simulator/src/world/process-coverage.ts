/** What coverage counts of a process: its options, the answers that it gives, and what becomes of it. */
import type { Effect, PeerOptions, PeerStatus, TxnResult } from "@jute-ts/quorum";
import { errorCodeName } from "@jute-ts/zookeeper";
import type { Coverage } from "../trace/coverage.js";
import type { MemberSettings } from "./settings.js";

export function countErrors(coverage: Coverage, { err, parts }: TxnResult): void {
  coverage.count("error", errorCodeName(err) ?? `${err}`);
  for (const part of parts ?? []) countErrors(coverage, part);
}

export function countOptions(
  coverage: Coverage,
  options: PeerOptions,
  member: MemberSettings,
): void {
  const { storage, commitLogCount, maxWaitingRequests, liveBeforeUpToDate } = options;
  coverage.count("option", `commitLogCount ${commitLogCount ?? "default"}`);
  coverage.count("option", `maxWaitingRequests ${maxWaitingRequests ?? "default"}`);
  coverage.count("option", `liveBeforeUpToDate ${liveBeforeUpToDate ?? "default"}`);
  coverage.count("option", `snapCount ${storage?.snapCount ?? "default"}`);
  const purges = storage?.purgeIntervalMs === undefined ? "after snapshots" : "by the clock";
  coverage.count("option", `purges ${purges}`);
  coverage.count("option", `autocreate ${storage?.autocreate ?? "default"}`);
  coverage.count("option", `digests ${member.digests}`);
}

/** Syncs of one learner that waited for the same commit are answered one after the other. */
export function countSyncs(coverage: Coverage, effects: readonly Effect[]): void {
  let before: Effect | undefined;
  for (const effect of effects) {
    if (isSync(effect) && isSync(before) && before.connection === effect.connection)
      coverage.count("sync", "SYNCs answered together");
    before = effect;
  }
}

function isSync(effect: Effect | undefined): effect is Effect & { readonly kind: "send" } {
  return effect?.kind === "send" && effect.packet.kind === "SYNC";
}

export function countStatus(coverage: Coverage, before: PeerStatus, after: PeerStatus): void {
  if (before.role !== after.role) coverage.count("role", after.role);
  if (before.phase !== after.phase && after.phase !== undefined)
    coverage.count("phase", `${after.role} ${after.phase}`);
}
