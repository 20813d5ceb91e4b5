/**
 * Whether one more client may come: not above the limits of the configuration, and not where the
 * files and other connections of this process need what is left of its descriptors. A server that
 * can open no file any more must stop, and no number of clients may bring that about.
 */
import { mostOpenFiles } from "../admin/process-figures.js";
import { ConnectionCounts, type ConnectionLimits } from "../clients/limits/index.js";
import type { Trouble } from "./network-report.js";

/** How many clients are connected to all servers of this process, which share its descriptors. */
let clientsOfProcess = 0;
let mostOfProcess: number | undefined;

export class ClientAdmission {
  readonly #limits: ConnectionLimits;
  readonly #counts: ConnectionCounts;
  readonly #mostClients: number;

  /** `mostOpen`: how many files and sockets the process may have open; -1: any number. Default: what the system says. */
  constructor(limits: ConnectionLimits, mostOpen?: number) {
    this.#limits = limits;
    this.#counts = new ConnectionCounts(limits);
    this.#mostClients =
      mostOpen === undefined ? (mostOfProcess ??= clientsOf(mostOpenFiles())) : clientsOf(mostOpen);
  }

  /** Counts one more connection of this address. If it must be closed at once it is not counted: why. */
  add(address: string): Trouble | undefined {
    const trouble = this.#whyNot(address);
    if (trouble !== undefined) return trouble;
    this.#counts.add(address);
    clientsOfProcess++;
    return undefined;
  }

  /** A connection that `add` has counted is gone. */
  remove(address: string): void {
    this.#counts.remove(address);
    clientsOfProcess--;
  }

  #whyNot(address: string): Trouble | undefined {
    const { perAddress, total } = this.#limits;
    switch (this.#counts.limitFor(address)) {
      case "perAddress": {
        const why = `it has ${String(perAddress)} connections already`;
        return { code: "maxClientCnxns", why, advice: "raise maxClientCnxns if it needs more" };
      }
      case "total": {
        const why = `there are ${String(total)} connections already`;
        return { code: "maxCnxns", why, advice: "raise maxCnxns if more are needed" };
      }
      case undefined: {
        if (clientsOfProcess < this.#mostClients) return undefined;
        const why = `${String(clientsOfProcess)} clients are connected, and what is left of this process's descriptors is for its files`;
        return { code: "EMFILE", why, advice: "raise the limit of open files (ulimit -n)" };
      }
    }
  }
}

/** How many of so many descriptors clients may have. */
function clientsOf(mostOpen: number): number {
  return mostOpen < 0 ? Infinity : mostOpen - Math.min(SPARE, Math.ceil(mostOpen / 2));
}

/** For logs and snapshots, for the ports of the ensemble, and for those of operators. */
const SPARE = 256;
