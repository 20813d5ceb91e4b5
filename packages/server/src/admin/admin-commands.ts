/**
 * ZooKeeper's four-letter commands on the client port, so that existing tools see
 * the peer. Nothing else is served there: a client's connection is closed.
 */
import { createServer, type Socket } from "node:net";
import { NameLookup } from "../node/name-lookup.js";
import { type ListenError, OpenPorts } from "../node/open-ports.js";
import type { PeerMetrics } from "./peer-metrics.js";
import { ignore } from "../node/transport.js";
import { version } from "../node/version.js";

/** The commands that exist. */
export type AdminCommand = "ruok" | "srvr" | "stat" | "mntr" | "conf" | "isro";

export interface AdminCommandsOptions {
  readonly host: string;
  readonly port: number;
  /** An address of the port has trouble, while others work. */
  readonly onProblem?: ((error: ListenError) => void) | undefined;
  /** Most connections of one address at a time; more are closed. No limit when 0 or undefined. As `maxClientCnxns`. */
  readonly maxConnectionsPerAddress?: number;
  /** The commands that are answered; `*` for all. As `4lw.commands.whitelist`. */
  readonly allowed: readonly string[];
  readonly metrics: () => PeerMetrics;
  /** How many znodes there are. */
  readonly nodeCount: () => number;
  /** What `conf` prints: keys and values of the configuration. */
  readonly configuration: readonly (readonly [string, string])[];
}

export class AdminCommands {
  readonly #options: AdminCommandsOptions;
  readonly #sockets = new Set<Socket>();
  readonly #ports: OpenPorts;

  constructor(options: AdminCommandsOptions) {
    const { host, port, onProblem } = options;
    this.#options = options;
    this.#ports = new OpenPorts({
      port: "client",
      targets: [{ host, port }],
      names: new NameLookup(),
      createServer: () =>
        createServer((socket) => {
          this.#serve(socket);
        }),
      onProblem: onProblem ?? ignore,
    });
  }

  /** Resolves with the port once it listens on all addresses of the host. Rejects with ListenError. */
  async listen(): Promise<number> {
    await this.#ports.open();
    return this.#ports.port ?? this.#options.port;
  }

  /** Resolves when the port is closed. */
  async close(): Promise<void> {
    const closed = this.#ports.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    if (this.#sockets.size >= MAX_SOCKETS || this.#isFullFor(socket.remoteAddress)) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on("error", ignore);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.setTimeout(COMMAND_TIMEOUT_MS, () => {
      socket.destroy();
    });
    let received = "";
    socket.on("data", (bytes) => {
      // Whatever follows a command is let go.
      if (received.length >= COMMAND_LENGTH) return;
      received += bytes.toString("latin1", 0, COMMAND_LENGTH);
      if (received.length < COMMAND_LENGTH) return;
      socket.end(this.answer(received.slice(0, COMMAND_LENGTH)) ?? "");
      socket.destroySoon();
    });
  }

  #isFullFor(address: string | undefined): boolean {
    const most = this.#options.maxConnectionsPerAddress ?? 0;
    if (most === 0) return false;
    let count = 0;
    for (const { remoteAddress } of this.#sockets) if (remoteAddress === address) count++;
    return count >= most;
  }

  /** The answer to a command, or undefined for what is no command. */
  answer(command: string): string | undefined {
    if (!isAdminCommand(command)) return undefined;
    const { allowed } = this.#options;
    if (!allowed.includes("*") && !allowed.includes(command)) {
      return `${command} is not executed because it is not in the whitelist.\n`;
    }
    const metrics = this.#options.metrics();
    // Who has a role does not serve yet, and scripts that start servers wait for it.
    if (!metrics.serving) return WHILE_NOT_SERVING[command];
    switch (command) {
      case "ruok":
        return "imok";
      case "isro":
        return "rw";
      case "srvr":
      case "stat":
        return this.#describeServer(command, metrics);
      case "mntr":
        return metrics.toMntr(VERSION);
      case "conf":
        return this.#options.configuration.map(([key, value]) => `${key}=${value}\n`).join("");
    }
  }

  #describeServer(command: "srvr" | "stat", metrics: PeerMetrics): string {
    const outstanding = metrics.list().find(({ name }) => name === "outstanding_proposals");
    return [
      `Zookeeper version: ${VERSION}`,
      ...(command === "stat" ? ["Clients:", ""] : []),
      "Latency min/avg/max: 0/0.0/0",
      "Received: 0",
      "Sent: 0",
      "Connections: 0",
      `Outstanding: ${outstanding?.value ?? 0}`,
      `Zxid: ${metrics.zxid}`,
      `Mode: ${metrics.serverState}`,
      `Node count: ${this.#options.nodeCount()}`,
      "",
    ].join("\n");
  }
}

function isAdminCommand(text: string): text is AdminCommand {
  return ["ruok", "srvr", "stat", "mntr", "conf", "isro"].includes(text);
}

/** Java's words, which tools look for. */
const NOT_SERVING = "This ZooKeeper instance is not currently serving requests\n";
/** What Apache's server answers while it looks for a leader or is not up to date yet. */
const WHILE_NOT_SERVING: Readonly<Record<AdminCommand, string>> = {
  ruok: "imok",
  isro: "null",
  srvr: NOT_SERVING,
  stat: NOT_SERVING,
  mntr: NOT_SERVING,
  conf: NOT_SERVING,
};
/**
 * Tools read numbers from its beginning and expect the answers of that release of
 * ZooKeeper; the rest says who answers.
 */
const VERSION = `3.8.0-jute-ts-${version}`;
const COMMAND_LENGTH = 4;
const COMMAND_TIMEOUT_MS = 5000;
const MAX_SOCKETS = 128;
