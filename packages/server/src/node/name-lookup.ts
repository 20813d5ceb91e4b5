/**
 * Which addresses a host has now. Asked again at each attempt, so that a change of
 * DNS is noticed; one question for a name at a time, because each takes a thread
 * of the pool that the disk needs too. When nobody answers, what was last known
 * holds on: a name server that is down must not break up an ensemble.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { canonicalHost } from "@jute-ts/quorum/membership";

/** Resolves with all addresses of a host, of both families, best first; rejects when there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** The system's: `/etc/hosts`, DNS, and whatever else it is set up to ask. */
export const systemLookup: Lookup = async (host) => {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
};

export class NameLookup {
  readonly #lookup: Lookup;
  readonly #asking = new Map<string, Promise<readonly string[]>>();
  /** Bounded by the hosts of the configuration. */
  readonly #known = new Map<string, readonly string[]>();

  constructor(lookupHost: Lookup = systemLookup) {
    this.#lookup = lookupHost;
  }

  /** The addresses of a host; its own for an address. Each once. Rejects when there are none, now and before. */
  async addressesOf(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [plainAddress(host)];
    let asking = this.#asking.get(host);
    if (asking === undefined) {
      asking = this.#ask(host).finally(() => this.#asking.delete(host));
      this.#asking.set(host, asking);
    }
    return await asking;
  }

  async #ask(host: string): Promise<readonly string[]> {
    try {
      const found = await this.#lookup(host);
      const addresses = [
        ...new Map(found.map((a) => [canonicalHost(a), plainAddress(a)])).values(),
      ];
      if (addresses.length === 0) throw new Error(`${host} has no address`);
      this.#known.set(host, addresses);
      return addresses;
    } catch (error) {
      const known = this.#known.get(host);
      if (known !== undefined) return known;
      throw error;
    }
  }
}

/** Whether a host stands for all addresses of the machine, in both families, as in Java. */
export function isWildcard(host: string): boolean {
  return WILDCARDS.has(canonicalHost(host));
}

/** An address as it is: an IPv4 address that a socket of both families shows as IPv6 becomes IPv4 again. */
function plainAddress(address: string): string {
  return MAPPED.test(address) ? canonicalHost(address) : address;
}

/** `host:port`, with brackets where they are needed. */
export function showAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The machine that a socket comes from, for the log; what is known of it when it is gone already. */
export function remoteHost(address: string | undefined): string {
  return address === undefined ? "an address that is gone" : plainAddress(address);
}

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "0:0:0:0:0:0:0:0"]);
const MAPPED = /^::ffff:\d{1,3}(\.\d{1,3}){3}$/iu;
