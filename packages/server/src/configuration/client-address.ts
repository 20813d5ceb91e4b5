/**
 * Where this peer answers commands: `clientPort` and `clientPortAddress`, or the
 * client part of the server's own line, which must not contradict each other.
 */
import { canonicalHost, isHostName, isIPv6, type Member, shown } from "@jute-ts/quorum/membership";
import type { KeyValues } from "./key-values.js";
import type { ClientSettings } from "./client-settings.js";

/** Undefined when neither is there. Problems go to `values`. */
export function readClient(
  values: KeyValues,
  member: Member | undefined,
): ClientSettings | undefined {
  const fromKeys = readClientKeys(values);
  const fromLine = member?.client;
  if (member !== undefined && fromKeys !== undefined && fromLine !== undefined) {
    checkAgreement(values, member, fromKeys);
  }
  const address = fromLine ?? fromKeys;
  if (address === undefined) return undefined;
  return {
    ...address,
    commands: readCommands(values.text("4lw.commands.whitelist") ?? ""),
  };
}

interface ClientAddress {
  readonly host: string;
  readonly port: number;
}

function readClientKeys(values: KeyValues): ClientAddress | undefined {
  const key = "clientPortAddress";
  const given = values.text(key);
  if (!values.has("clientPort")) {
    if (given !== undefined) {
      values.refuse(
        values.lineOf(key),
        "clientPortAddress needs clientPort. Add it or remove the address.",
      );
    }
    return undefined;
  }
  const host = given === undefined ? ANY_HOST : given.replace(/^\[(.*)\]$/, "$1");
  if (!isHostName(host) && !isIPv6(host)) {
    values.refuse(
      values.lineOf(key),
      `clientPortAddress is "${shown(host)}", which can be no name and no address. Write a host name or an address.`,
    );
  }
  return { host, port: values.integer("clientPort") ?? 0 };
}

/** An address of all interfaces agrees with every host that has the same port. */
function checkAgreement(values: KeyValues, { sid, client }: Member, keys: ClientAddress): void {
  if (client === undefined) return;
  const samePort = keys.port === client.port;
  const host = canonicalHost(keys.host);
  if (samePort && (ANY_HOSTS.has(host) || host === canonicalHost(client.host))) return;
  values.refuse(
    values.lineOf(samePort ? "clientPortAddress" : "clientPort"),
    `Clients come to ${keys.host}, port ${keys.port}, but by the line of server.${sid} to ${client.host}, port ${client.port}. Remove one of the two.`,
  );
}

/** `srvr` is always answered: scripts that start servers wait for it. */
function readCommands(list: string): ClientSettings["commands"] {
  const names = list.split(",").map((name) => name.trim());
  if (names.includes("*")) return "all";
  return new Set([...names.filter((name) => name !== ""), "srvr"]);
}

const ANY_HOST = "0.0.0.0";
const ANY_HOSTS: ReadonlySet<string> = new Set([ANY_HOST, "0:0:0:0:0:0:0:0"]);
