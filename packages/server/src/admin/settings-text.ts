/** `conf`: how a server is configured, in Java's words. */
import { resolve } from "node:path";
import type { FilesView, SettingsView } from "./server-view.js";

export function settingsText(settings: SettingsView, files: FilesView): string {
  const { quorum } = settings;
  const lines: (readonly [string, string | number | bigint])[] = [
    ["clientPort", settings.clientPort],
    ["secureClientPort", settings.secureClientPort],
    ["dataDir", resolve(settings.dataDir)],
    ["dataDirSize", files.snapshotBytes],
    ["dataLogDir", resolve(settings.dataLogDir)],
    ["dataLogSize", files.logBytes],
    ["tickTime", settings.tickTimeMs],
    ["maxClientCnxns", settings.maxClientConnections],
    ["minSessionTimeout", settings.minSessionTimeoutMs],
    ["maxSessionTimeout", settings.maxSessionTimeoutMs],
    ["clientPortListenBacklog", settings.clientPortListenBacklog],
    ["serverId", settings.sid],
  ];
  const text = linesText(lines);
  if (quorum === undefined) return text;
  const { ensemble, initLimitTicks, syncLimitTicks } = quorum;
  const own = ensemble.members.get(settings.sid);
  const address = own?.addresses[0];
  return (
    text +
    linesText([
      ["initLimit", initLimitTicks],
      ["syncLimit", syncLimitTicks],
      ["electionAlg", 3],
      ["electionPort", address?.electionPort ?? -1],
      ["quorumPort", address?.quorumPort ?? -1],
      ["peerType", own?.role === "observer" ? 1 : 0],
    ]) +
    `membership: \n${ensemble.toString().trimEnd()}`
  );
}

function linesText(lines: readonly (readonly [string, string | number | bigint])[]): string {
  return lines.map(([key, value]) => `${key}=${value}\n`).join("");
}
