/**
 * Where this peer answers commands: `clientPort` and `clientPortAddress`, or the
 * client part of the server's own line, which must not contradict each other.
 */
import { canonicalHost, isHostName, isIPv6, type Member, shown } from "@jute-ts/quorum/membership";
import type { KeyValues } from "./key-values.js";
import { nameList, nearestName } from "./nearest-name.js";
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
    commands: readCommands(values),
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
function readCommands(values: KeyValues): ClientSettings["commands"] {
  const key = "4lw.commands.whitelist";
  const names = (values.text(key) ?? "").split(",").map((name) => name.trim());
  for (const name of names) {
    if (name === "" || name === "*" || COMMANDS.includes(name)) continue;
    const meant = nearestName(name, nameList(COMMANDS));
    const question = meant === undefined ? "" : ` Is it ${meant}?`;
    values.note(
      "advice",
      values.lineOf(key),
      `${key} has ${shown(name)}, which is no command.${question}`,
    );
  }
  if (names.includes("*")) return "all";
  return new Set([...names.filter((name) => name !== ""), "srvr"]);
}

/** Every four-letter command that there is. */
const COMMANDS: readonly string[] =
  "ruok isro srvr stat cons mntr conf envi dump wchs wchc wchp dirs hash srst crst gtmk stmk".split(
    " ",
  );

const ANY_HOST = "0.0.0.0";
const ANY_HOSTS: ReadonlySet<string> = new Set([ANY_HOST, "0:0:0:0:0:0:0:0"]);
