/**
 * Opens a socket to a member of the ensemble: all of its addresses, and all that
 * their names stand for then, are tried. They begin a little after one another, and
 * at once when one has failed, so that an address that does not answer costs no
 * more than that; the first socket that is ready wins.
 */
import type { Socket } from "node:net";
import type { Member, MemberAddress } from "@jute-ts/quorum";
import { type NameLookup, showAddress } from "./name-lookup.js";
import { ConnectTimeout, ignore, type Transport } from "./transport.js";

/** What became of one address. */
export interface FailedAttempt {
  /** `host:port`; with the address that was tried, where the host is a name. */
  readonly address: string;
  readonly error: Error;
}

/** No address of a server led to it. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  /** One for each address, in the order in which they failed. */
  readonly attempts: readonly FailedAttempt[];

  constructor(attempts: readonly FailedAttempt[]) {
    super(attempts.map(({ address, error }) => `${address}: ${error.message}`).join("; "));
    this.attempts = attempts;
  }
}

export interface ConnectOptions {
  readonly transport: Transport;
  readonly names: NameLookup;
  readonly member: Member;
  readonly portOf: (address: MemberAddress) => number;
  /** For each address. */
  readonly timeoutMs: number;
}

/** Resolves with the first socket that is ready. Rejects with ConnectError. */
export async function connectToMember(options: ConnectOptions): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    new Race(options, resolve, reject).start();
  });
}

class Race {
  readonly #options: ConnectOptions;
  readonly #resolve: (socket: Socket) => void;
  readonly #reject: (error: ConnectError) => void;
  readonly #controller = new AbortController();
  readonly #waiting: { host: string; address: string; port: number }[] = [];
  readonly #failures: FailedAttempt[] = [];
  /** Names that are being looked up, and attempts under way. */
  #pending = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    options: ConnectOptions,
    resolve: (socket: Socket) => void,
    reject: (error: ConnectError) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { member, portOf } = this.#options;
    for (const address of member.addresses) {
      this.#pending++;
      void this.#lookUp(address.host, portOf(address));
    }
  }

  async #lookUp(host: string, port: number): Promise<void> {
    const { names, timeoutMs } = this.#options;
    try {
      const addresses = await within(timeoutMs, names.addressesOf(host));
      this.#waiting.push(...addresses.map((address) => ({ host, address, port })));
    } catch (error) {
      this.#failed(showAddress(host, port), error);
    }
    this.#pending--;
    // Whoever came first does not wait for the others' names.
    if (this.#timer === undefined) this.#next();
  }

  #next(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isOver) return;
    const candidate = this.#waiting.shift();
    if (candidate !== undefined) {
      void this.#attempt(candidate);
      this.#timer = setTimeout(() => {
        this.#next();
      }, STAGGER_MS);
    } else if (this.#pending === 0) {
      this.#isOver = true;
      this.#reject(new ConnectError(this.#failures));
    }
  }

  async #attempt(candidate: { host: string; address: string; port: number }): Promise<void> {
    const { transport, member, timeoutMs } = this.#options;
    const { host, address, port } = candidate;
    this.#pending++;
    try {
      const { signal } = this.#controller;
      const to = { sid: member.sid, host, address, port, timeoutMs, signal };
      this.#won(await transport.connect(to));
    } catch (error) {
      const tried = address === host ? "" : ` (${address})`;
      this.#failed(`${showAddress(host, port)}${tried}`, error);
    }
    this.#pending--;
    this.#next();
  }

  #won(socket: Socket): void {
    if (this.#isOver) {
      socket.on("error", ignore);
      socket.destroy();
      return;
    }
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#resolve(socket);
    this.#controller.abort();
  }

  #failed(address: string, error: unknown): void {
    this.#failures.push({
      address,
      error: error instanceof Error ? error : new Error(String(error)),
    });
  }
}

async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new ConnectTimeout(timeoutMs, false));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** As RFC 8305 advises: long enough for a fast network's answer. */
const STAGGER_MS = 250;
