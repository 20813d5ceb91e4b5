/** ZooKeeper's connection strings: `host:port,host:port/chroot`, as clients take them. */

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** The servers of a connection string, and the path that a client works below. */
export interface ConnectString {
  /** At least one. */
  readonly servers: readonly HostAndPort[];
  /** Undefined without one. */
  readonly chroot: string | undefined;
}

/**
 * Reads a connection string: servers with commas between them, port 2181 where
 * none is given, IPv6 addresses in brackets, and perhaps a path after them.
 * Throws SyntaxError, which says what is wrong.
 */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf("/");
  const list = slash === -1 ? text : text.slice(0, slash);
  const chroot = slash === -1 ? undefined : text.slice(slash);
  const servers = list
    .split(",")
    .map((server) => server.trim())
    .filter((server) => server !== "")
    .map(parseServer);
  if (servers.length === 0) throw new SyntaxError(`"${shown(text)}" names no server. ${FORM}`);
  return { servers, chroot: chroot === "/" ? undefined : chroot };
}

/** The text of an address, from which it can be read again. */
export function formatHostAndPort({ host, port }: HostAndPort): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function parseServer(text: string): HostAndPort {
  const { host, port } = SERVER.exec(text)?.groups ?? {};
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    const hint = text.split(":").length > 2 ? " IPv6 addresses need brackets." : "";
    throw new SyntaxError(`"${shown(text)}" is no address. ${FORM}${hint}`);
  }
  return { host: host.replace(/^\[(.*)\]$/u, "$1"), port: number };
}

/** Short enough for a message. */
function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

const SERVER = /^(?<host>\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/u;
const DEFAULT_PORT = 2181;
const FORM = "Write host:port, or several with commas between them.";
