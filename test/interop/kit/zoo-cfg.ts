/** The zoo.cfg of a server of a mixed ensemble: the same for everyone, whoever made the server. */
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";

/** Lines of zoo.cfg. A key that Apache's server does not know becomes the system property `zookeeper.KEY` there. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** All servers that observe say so in every server's file. A setting given here replaces the common one. */
export function zooCfg({
  sid,
  members,
  dataDir,
  settings,
}: {
  readonly sid: Sid;
  readonly members: readonly Member[];
  readonly dataDir: string;
  readonly settings?: Settings | undefined;
}): string {
  const isObserver = members.find((member) => member.sid === sid)?.role === "observer";
  const lines: Settings = {
    dataDir,
    ...COMMON,
    ...(isObserver ? { peerType: "observer" } : {}),
    ...Object.fromEntries(members.map((member) => [`server.${member.sid}`, lineOf(member)])),
    ...settings,
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

function lineOf({ role, addresses, client }: Member): string {
  const hosts = addresses
    .map(({ host, quorumPort, electionPort }) => {
      const bracketed = host.includes(":") ? `[${host}]` : host;
      return `${bracketed}:${quorumPort}:${electionPort}`;
    })
    .join("|");
  return `${hosts}:${role}${client === undefined ? "" : `;${client.host}:${client.port}`}`;
}

/** With ticks this short failures are seen soon, and sessions last from 1 to 10 seconds. */
const COMMON: Settings = {
  tickTime: 500,
  initLimit: 20,
  syncLimit: 10,
  extendedTypesEnabled: true,
  preAllocSize: 256,
  maxClientCnxns: 0,
  "admin.enableServer": false,
  "4lw.commands.whitelist": "*",
};
