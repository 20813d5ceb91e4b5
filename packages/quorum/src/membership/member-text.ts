/**
 * The value of a `server.N` line: `host:quorumPort:electionPort[:role]`, several
 * such addresses with `|` between them, then perhaps `;[host:]clientPort`. Strict:
 * hosts must be able to be hosts and ports to be ports.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { canonicalHost, isHostName, isIPv6 } from "./host-name.js";
import type { Member, MemberAddress } from "./quorum-verifier.js";

export type MemberText =
  | { readonly kind: "member"; readonly member: Member }
  /** What is wrong, as sentences, with what to do. */
  | { readonly kind: "refused"; readonly message: string };

export interface MemberTextOptions {
  /** Whether a server may have several addresses, `multiAddress.enabled`. */
  readonly multipleAddresses: boolean;
}

/** Reads the value of the line of server `sid`. */
export function parseMember(sid: Sid, value: string, options: MemberTextOptions): MemberText {
  try {
    return { kind: "member", member: readMember(sid, value, options) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", message: error.message };
    throw error;
  }
}

/** Carries the reason out of the functions below; never leaves this file. */
class Refusal extends Error {}

function readMember(sid: Sid, value: string, options: MemberTextOptions): Member {
  const [servers = "", client, ...surplus] = splitAt(value, ";");
  if (surplus.length > 0) {
    throw new Refusal(`server.${sid} has more than one ";". Write ${FORM}.`);
  }
  const parts = splitAt(servers, "|");
  if (parts.length > 1 && !options.multipleAddresses) {
    throw new Refusal(
      `server.${sid} has ${parts.length} addresses. Keep one, or set multiAddress.enabled=true on every server.`,
    );
  }
  if (parts.length > MAX_ADDRESSES) {
    throw new Refusal(
      `server.${sid} has ${parts.length} addresses, more than ${MAX_ADDRESSES}. Keep the ones that are used.`,
    );
  }
  const endpoints = parts.map((part) => readEndpoint(sid, part));
  if (endpoints.length > 1) refuseRepeatedAddresses(sid, endpoints);
  return {
    sid,
    role: commonRole(sid, endpoints),
    addresses: endpoints.map(({ address }) => address),
    client: client === undefined ? undefined : readClient(sid, client),
  };
}

interface Endpoint {
  readonly address: MemberAddress;
  readonly role: Member["role"] | undefined;
}

function readEndpoint(sid: Sid, text: string): Endpoint {
  const parts = splitHostAndPorts(sid, text);
  if (parts.length < 3 || parts.length > 4) {
    throw new Refusal(
      `server.${sid} has ${parts.length} ${parts.length === 1 ? "part" : "parts"} in "${shown(text)}". Write ${FORM}; IPv6 addresses need brackets.`,
    );
  }
  const [host = "", quorum = "", election = "", role] = parts;
  const quorumPort = readPort(sid, "quorum port", quorum, 1);
  const electionPort = readPort(sid, "election port", election, 1);
  if (quorumPort === electionPort) {
    throw new Refusal(
      `server.${sid} has ${quorumPort} as quorum port and as election port. Give it two different ports.`,
    );
  }
  return {
    address: { host: readHost(sid, host), quorumPort, electionPort },
    role: role === undefined ? undefined : readRole(sid, role),
  };
}

function readClient(sid: Sid, text: string): { host: string; port: number } {
  const parts = splitHostAndPorts(sid, text);
  if (parts.length > 2) {
    throw new Refusal(
      `server.${sid} has the client part "${shown(text)}". Write ;clientPort or ;host:clientPort after the addresses.`,
    );
  }
  const [first = "", second] = parts;
  return {
    host: second === undefined ? ANY_HOST : readHost(sid, first),
    port: readPort(sid, "client port", second ?? first, 0),
  };
}

/** The parts between colons. A host in brackets is one part, and keeps its brackets for readHost. */
function splitHostAndPorts(sid: Sid, text: string): readonly string[] {
  if (!text.startsWith("[")) return splitAt(text, ":");
  const end = text.indexOf("]");
  if (end < 0) {
    throw new Refusal(
      `server.${sid} has a "[" without "]" in "${shown(text)}". Close the bracket.`,
    );
  }
  const host = text.slice(0, end + 1);
  const rest = text.slice(end + 1);
  if (rest === "") return [host];
  if (!rest.startsWith(":") || rest === ":") {
    throw new Refusal(`server.${sid} needs a colon and a port after "${shown(host)}".`);
  }
  return [host, ...splitAt(rest.slice(1), ":")];
}

function readHost(sid: Sid, text: string): string {
  if (text.startsWith("[")) {
    const address = text.slice(1, -1);
    if (isIPv6(address)) return address;
    throw new Refusal(
      `server.${sid} has "${shown(text)}", which is no IPv6 address. Only IPv6 addresses stand in brackets.`,
    );
  }
  if (isHostName(text)) return text;
  throw new Refusal(
    `server.${sid} has the host "${shown(text)}", which can be no name and no address. Write a host name, an IPv4 address, or an IPv6 address in brackets.`,
  );
}

function readPort(sid: Sid, what: string, text: string, smallest: 0 | 1): number {
  const port = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= smallest && port <= 65_535) return port;
  throw new Refusal(
    `server.${sid} has the ${what} "${shown(text)}". Write a number from ${smallest} to 65535.`,
  );
}

function readRole(sid: Sid, text: string): Member["role"] {
  const role = text.trim().toLowerCase();
  if (role === "participant" || role === "observer") return role;
  throw new Refusal(`server.${sid} has the role "${shown(text)}". Write participant or observer.`);
}

/** A role that stands at one address holds for all; none at all means participant. */
function commonRole(sid: Sid, endpoints: readonly Endpoint[]): Member["role"] {
  const roles = new Set(endpoints.flatMap(({ role }) => (role === undefined ? [] : [role])));
  if (roles.size > 1) {
    throw new Refusal(`server.${sid} is a participant at one address and an observer at another.`);
  }
  const [role = "participant"] = roles;
  return role;
}

function refuseRepeatedAddresses(sid: Sid, endpoints: readonly Endpoint[]): void {
  const seen = new Set<string>();
  for (const { address } of endpoints) {
    for (const port of [address.quorumPort, address.electionPort]) {
      const key = `${canonicalHost(address.host)} ${port}`;
      if (seen.has(key)) {
        throw new Refusal(
          `server.${sid} uses port ${port} of "${address.host}" twice. Give each address its own ports.`,
        );
      }
      seen.add(key);
    }
  }
}

/** Splits, and forgets empty parts at the end: Java's configurations may end in a separator. */
export function splitAt(text: string, separator: string): readonly string[] {
  const parts = text.split(separator);
  while (parts.length > 1 && parts.at(-1) === "") parts.pop();
  return parts;
}

/** A piece of the input, short enough for a message. */
export function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

const FORM = "host:quorumPort:electionPort[:participant|:observer][;clientPort]";

/** Where clients are served when only a port is given: on all addresses. */
const ANY_HOST = "0.0.0.0";

/** More networks than any server has. */
const MAX_ADDRESSES = 16;
