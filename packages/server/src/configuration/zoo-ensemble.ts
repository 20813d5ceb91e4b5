/**
 * Who is in the ensemble, by the lines of zoo.cfg or of the dynamic file, and
 * which of them this peer is, by myid.
 */
import {
  canonicalHost,
  type EnsembleLine,
  type Member,
  parseId,
  parseVersion,
  type QuorumVerifier,
  readEnsemble,
  shown,
  StandaloneVerifier,
} from "@jute-ts/quorum/membership";
import type { Sid } from "@jute-ts/zookeeper";
import type { ConfigurationProblem } from "./configuration-error.js";
import { commentHint, type KeyValues } from "./key-values.js";
import { parseProperties, type PropertyEntry } from "./properties.js";

/** The files beside zoo.cfg. */
interface OtherFiles {
  readonly fileName: string;
  readonly dynamic?: { readonly fileName: string; readonly text: string } | undefined;
  readonly myid?: string | undefined;
}

/**
 * The ensemble, or undefined when something is wrong: problems of zoo.cfg go to
 * `values`, those of the dynamic file to `problems`.
 */
export function readZooEnsemble(
  values: KeyValues,
  entries: readonly PropertyEntry[],
  files: OtherFiles,
  problems: ConfigurationProblem[],
): QuorumVerifier | undefined {
  const options = { multipleAddresses: values.boolean("multiAddress.enabled") };
  const lines = values.has("dynamicConfigFile")
    ? dynamicLines(values, entries, files, problems)
    : entries.map(toLine);
  if (lines === undefined) return undefined;
  if (entries.length === 0 && !values.has("dynamicConfigFile") && mayStandAlone(values)) {
    return new StandaloneVerifier(STANDALONE_SID);
  }
  const result = readEnsemble(lines, options);
  if (result.kind === "problems") {
    const fileName =
      files.dynamic !== undefined && values.has("dynamicConfigFile")
        ? files.dynamic.fileName
        : undefined;
    const commented = new Set(
      lines.filter(({ value }) => commentHint(value) !== "").map(({ line }) => line),
    );
    for (const { line, message: text } of result.problems) {
      const message = commented.has(line) ? text + commentHint(" #") : text;
      if (fileName === undefined) values.refuse(line, message);
      else problems.push({ fileName, line, message });
    }
    return undefined;
  }
  checkSize(values, result.verifier);
  for (const { line, message } of sharedPorts(lines, result.verifier)) {
    const fileName = values.has("dynamicConfigFile") ? files.dynamic?.fileName : undefined;
    values.note("advice", line, message, fileName);
  }
  return result.verifier;
}

/** Whether servers must find each other. One participant alone, or no server line at all, is a server that stands alone. */
export function isDistributed(values: KeyValues, ensemble: QuorumVerifier): boolean {
  return ensemble.voters.size > 1 || !mayStandAlone(values);
}

function mayStandAlone(values: KeyValues): boolean {
  return values.boolean("standaloneEnabled");
}

/**
 * The number of this server, or undefined when something is wrong. Problems of
 * myid go to `problems`.
 */
export function readOwnSid(
  values: KeyValues,
  ensemble: QuorumVerifier | undefined,
  files: OtherFiles,
  problems: ConfigurationProblem[],
): Sid | undefined {
  // Whose data it is, nobody else asks.
  if (ensemble instanceof StandaloneVerifier) return STANDALONE_SID;
  const fileName = `${values.text("dataDir") ?? "dataDir"}/myid`;
  if (files.myid === undefined) {
    if (ensemble?.members.size === 1) return onlySid(values, ensemble);
    const message = "myid is missing. Write the number N of this server's server.N into it.";
    problems.push({ fileName, line: 0, message });
    return undefined;
  }
  const [first = ""] = files.myid.split(/\r\n|\r|\n/, 1);
  const sid = parseId(first.trim());
  const message =
    sid === undefined
      ? `"${shown(first)}" is no number from 0 to 9223372036854775807. Write the number N of this server's server.N.`
      : whyNotMember(values, ensemble, sid);
  if (message !== undefined) problems.push({ fileName, line: 1, message });
  return message === undefined ? sid : undefined;
}

/** Why this sid cannot be the peer's, or undefined. */
function whyNotMember(
  values: KeyValues,
  ensemble: QuorumVerifier | undefined,
  sid: Sid,
): string | undefined {
  if (ensemble !== undefined && !ensemble.members.has(sid)) {
    const known = [...ensemble.members.keys()].slice(0, 20).join(", ");
    return `There is no server.${sid}; the ensemble has ${known}. Correct myid or add the line.`;
  }
  if (sid > MAX_EXTENDED_SID && values.boolean("extendedTypesEnabled")) {
    return `${sid} is too large for extendedTypesEnabled, which needs numbers up to ${MAX_EXTENDED_SID}. Choose another number.`;
  }
  return undefined;
}

function onlySid(values: KeyValues, ensemble: QuorumVerifier): Sid | undefined {
  const [sid] = ensemble.members.keys();
  values.note("advice", 0, `There is no myid; this is server.${String(sid)}, the only one.`);
  return sid;
}

function dynamicLines(
  values: KeyValues,
  entries: readonly PropertyEntry[],
  { dynamic }: OtherFiles,
  problems: ConfigurationProblem[],
): readonly EnsembleLine[] | undefined {
  for (const { key, line } of entries) {
    values.refuse(line, `${shown(key.trim())} must be in the dynamic file. Move the line there.`);
  }
  if (dynamic === undefined) {
    const name = values.text("dynamicConfigFile") ?? "";
    values.refuse(
      values.lineOf("dynamicConfigFile"),
      `The file "${shown(name)}" is missing. Create it, or move its lines here and remove this one.`,
    );
    return undefined;
  }
  const { fileName, text } = dynamic;
  const properties = parseProperties(text);
  const version = properties.entries.find(({ key }) => key.trim() === "version");
  if (version !== undefined) {
    const message =
      "version must not be in the file: it is the end of the file's name. Remove the line.";
    problems.push({ fileName, line: version.line, message });
  }
  for (const { line, message } of properties.problems) problems.push({ fileName, line, message });
  const lines = properties.entries.map(toLine).filter(({ key }) => key !== "version");
  return [...lines, { key: "version", value: versionOfName(fileName), line: 0 }];
}

/** What stands after the last dot of a file's name, when that is a version; otherwise 0. */
function versionOfName(fileName: string): string {
  const end = fileName.slice(fileName.lastIndexOf(".") + 1);
  return fileName.includes(".") && parseVersion(end) !== undefined ? end : "0";
}

function toLine({ key, value, line }: PropertyEntry): EnsembleLine {
  return { key: key.trim(), value: value.trim(), line };
}

function checkSize(values: KeyValues, { voters, members }: QuorumVerifier): void {
  const standalone = mayStandAlone(values);
  if (voters.size === 1 && standalone && members.size > 1) {
    values.refuse(
      values.lineOf("standaloneEnabled"),
      "There is one participant, and there are observers. Write standaloneEnabled=false if that is meant.",
    );
  } else if (voters.size === 1 && standalone) {
    values.note(
      "advice",
      0,
      "There is one participant: it stands alone, and no port is opened for others. Write standaloneEnabled=false for an ensemble of one.",
    );
  } else if (voters.size === 2) {
    values.note(
      "advice",
      0,
      "There are two participants: when one fails, nothing is decided. Use three.",
    );
  } else if (voters.size % 2 === 0) {
    values.note(
      "advice",
      0,
      `There are ${voters.size} participants, which bear no more failures than ${voters.size - 1}.`,
    );
  }
}

/**
 * Two servers cannot listen on the same port of one host. Apache's server takes
 * such lines, and they work for as long as only one of the two needs the port.
 */
function* sharedPorts(
  lines: readonly EnsembleLine[],
  { members }: QuorumVerifier,
): Iterable<{ readonly line: number; readonly message: string }> {
  const owners = new Map<string, { readonly sid: Sid; readonly what: string }>();
  for (const member of members.values()) {
    const { sid } = member;
    for (const { host, port, what } of portsOf(member)) {
      const key = `${canonicalHost(host)} ${port}`;
      const owner = owners.get(key);
      if (owner === undefined) {
        owners.set(key, { sid, what });
        continue;
      }
      const whose =
        owner.sid === sid ? `its own ${owner.what}` : `the ${owner.what} of server.${owner.sid}`;
      yield {
        line: lines.find((line) => line.key === `server.${sid}`)?.line ?? 0,
        message: `The ${what} ${port} of server.${sid} is ${whose} too, on ${shown(host)}. Give each its own port.`,
      };
    }
  }
}

function portsOf({
  addresses,
  client,
}: Member): readonly { readonly host: string; readonly port: number; readonly what: string }[] {
  const ownHosts = new Set(addresses.map(({ host }) => host));
  // A client port without a host of its own is opened on all of the server's.
  const isOnAll = client !== undefined && ANY_HOSTS.has(canonicalHost(client.host));
  const clientHosts = isOnAll ? [...ownHosts] : client === undefined ? [] : [client.host];
  return [
    ...addresses.flatMap(({ host, quorumPort, electionPort }) => [
      { host, port: quorumPort, what: "quorum port" },
      { host, port: electionPort, what: "election port" },
    ]),
    // Port 0 is any that is free.
    ...clientHosts
      .filter(() => client?.port !== 0)
      .map((host) => ({ host, port: client?.port ?? 0, what: "client port" })),
  ];
}

const ANY_HOSTS: ReadonlySet<string> = new Set(["0.0.0.0", "0:0:0:0:0:0:0:0"]);

/** Whom Java's standalone server takes itself for, whatever myid says. */
const STANDALONE_SID = 1n;

/** The largest number that a TTL znode has room for. */
const MAX_EXTENDED_SID = 254n;
