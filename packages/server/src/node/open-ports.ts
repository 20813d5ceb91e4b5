/**
 * Listens on every address that a server is said to have: each host's addresses in
 * both families, several hosts, or all addresses of the machine. What could not be
 * opened is tried again, and names are looked up again, for as long as it is open.
 */
import type { Server } from "node:net";
import { isWildcard, type NameLookup, showAddress } from "./name-lookup.js";
import type { PortName } from "./network-report.js";
import { listenTrouble } from "./network-trouble.js";

/** Where to listen, as the configuration says it. */
export interface ListenTarget {
  /** A name, an address, or one that stands for all addresses of the machine. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface OpenPortsOptions {
  /** What the port is for. */
  readonly port: PortName;
  /** At least one. */
  readonly targets: readonly ListenTarget[];
  /** Makes a server that does not listen yet; one for each address. */
  readonly createServer: () => Server;
  readonly names: NameLookup;
  /** An address could not be opened, or a server has trouble, while others work. It is tried again. */
  readonly onProblem: (error: ListenError) => void;
  /** How many connections may wait to be accepted. Default: the system's number. */
  readonly backlog?: number | undefined;
  /** How often names are looked up, and what failed is tried, again. 10,000. */
  readonly refreshMs?: number | undefined;
}

/** An address on which nobody can listen now. The message says why, and what to do. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly port: PortName;
  /** `host:port`; with the address that was tried, where the host is a name. */
  readonly address: string;
  /** The system's code, such as EADDRINUSE or ENOTFOUND. */
  readonly code: string;

  constructor(
    name: PortName,
    { host, port }: ListenTarget,
    tried: string | undefined,
    cause: unknown,
  ) {
    const code = codeOf(cause) ?? "UNKNOWN";
    const detail = tried === undefined || tried === host ? "" : ` (${tried})`;
    const address = `${showAddress(host, port)}${detail}`;
    const { why, advice } = listenTrouble(code, cause);
    super(`cannot listen on the ${name} port, ${address}: ${why}; ${advice}`, { cause });
    this.port = name;
    this.address = address;
    this.code = code;
  }
}

export class OpenPorts {
  readonly #options: OpenPortsOptions;
  /** By address and the port of the configuration. */
  readonly #servers = new Map<string, Server>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: OpenPortsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when at least one of the targets is open, as in Java; what is wrong
   * with the others goes to `onProblem`. Rejects with ListenError when none is.
   */
  async open(): Promise<void> {
    const problems: ListenError[] = [];
    for (const target of this.#targets()) {
      try {
        problems.push(...(await this.#openTarget(target)));
      } catch (error) {
        if (!(error instanceof ListenError)) throw error;
        problems.push(error);
      }
    }
    const [first] = problems;
    if (this.#servers.size === 0 && first !== undefined) throw first;
    for (const problem of problems) this.#options.onProblem(problem);
    this.#refreshLater();
  }

  /** The port of the first address: the real one where 0 was asked for. */
  get port(): number | undefined {
    const [server] = this.#servers.values();
    const address = server?.address();
    return typeof address === "object" ? address?.port : undefined;
  }

  /** Accepts no more, at once. Connections that exist stay; resolves when the last of them has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  /** Those for all addresses first: they leave nothing to do for others with the same port. */
  #targets(): readonly ListenTarget[] {
    const { targets } = this.#options;
    const isWide = ({ host }: ListenTarget): boolean => isWildcard(host);
    return [...targets.filter(isWide), ...targets.filter((target) => !isWide(target))];
  }

  /**
   * Opens what is not open of a target. Returns what failed beside what is open.
   * A port that somebody else has on one address of a host counts as taken on all:
   * whoever connects to that address would reach a stranger.
   */
  async #openTarget(target: ListenTarget): Promise<ListenError[]> {
    const failed: ListenError[] = [];
    const opened: string[] = [];
    let isOpen = false;
    for (const address of await this.#addressesOf(target)) {
      const key = `${address} ${target.port}`;
      if (this.#servers.has(key) || this.#servers.has(`${ANY_ADDRESS} ${target.port}`)) {
        isOpen = true;
        continue;
      }
      try {
        await this.#openAddress(key, address, target);
        opened.push(key);
      } catch (error) {
        failed.push(new ListenError(this.#options.port, target, address, error));
      }
    }
    const taken = failed.find(({ code }) => code === "EADDRINUSE");
    if (taken !== undefined && !isOpen) {
      for (const key of opened) {
        this.#servers.get(key)?.close();
        this.#servers.delete(key);
      }
      throw taken;
    }
    const [first] = failed;
    if (!isOpen && opened.length === 0 && first !== undefined) throw first;
    return failed.filter(({ code, cause }) => !isMissingFamily(code, cause));
  }

  async #addressesOf(target: ListenTarget): Promise<readonly string[]> {
    if (isWildcard(target.host)) return [ANY_ADDRESS];
    try {
      return await this.#options.names.addressesOf(target.host);
    } catch (error) {
      throw new ListenError(this.#options.port, target, undefined, error);
    }
  }

  async #openAddress(key: string, address: string, target: ListenTarget): Promise<void> {
    const port = target.port === 0 ? (this.port ?? 0) : target.port;
    try {
      await this.#listen(key, address, port, target);
    } catch (error) {
      if (address !== ANY_ADDRESS || !NO_FAMILY.has(codeOf(error) ?? "")) throw error;
      // A machine without IPv6.
      await this.#listen(key, ANY_IPV4, port, target);
    }
  }

  async #listen(key: string, host: string, port: number, target: ListenTarget): Promise<void> {
    const server = this.#options.createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // All addresses are those of both families, whatever the system's default is.
      const ipv6Only = host.includes(":") && host !== ANY_ADDRESS;
      server.listen({ host, port, ipv6Only, backlog: this.#options.backlog }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    if (this.#closed) {
      server.close();
      return;
    }
    // Such as a connection for which no descriptor was left. The server goes on.
    server.on("error", (error) => {
      this.#options.onProblem(new ListenError(this.#options.port, target, host, error));
    });
    this.#servers.set(key, server);
  }

  #refreshLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#refresh(), this.#options.refreshMs ?? REFRESH_MS);
    this.#timer.unref();
  }

  async #refresh(): Promise<void> {
    for (const target of this.#targets()) {
      if (this.#closed) return;
      try {
        const problems = await this.#openTarget(target);
        for (const problem of problems) this.#options.onProblem(problem);
      } catch (error) {
        if (!(error instanceof ListenError)) throw error;
        this.#options.onProblem(error);
      }
    }
    this.#refreshLater();
  }
}

/** Resolves when the targets could be opened, and closes them at once. Rejects with ListenError when none could. */
export async function probePorts(options: OpenPortsOptions): Promise<void> {
  const ports = new OpenPorts(options);
  try {
    await ports.open();
  } finally {
    await ports.close();
  }
}

/** `localhost` has an address of IPv6 also on machines that have none: that is nobody's mistake. */
function isMissingFamily(code: string, cause: unknown): boolean {
  if (code === "EAFNOSUPPORT") return true;
  const address =
    typeof cause === "object" && cause !== null && "address" in cause ? cause.address : undefined;
  return code === "EADDRNOTAVAIL" && address === "::1";
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** All addresses, of both families. */
const ANY_ADDRESS = "::";
const ANY_IPV4 = "0.0.0.0";
/** What systems say that have no IPv6, or have it switched off. */
const NO_FAMILY: ReadonlySet<string> = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"]);
const REFRESH_MS = 10_000;
