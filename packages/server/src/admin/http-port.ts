/**
 * An HTTP server for operators: few connections, small requests, nobody who is slow
 * keeps one for long. A port that is taken stops nothing: it is reported and tried again.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { NameLookup } from "../node/name-lookup.js";
import type { PortName } from "../node/network-report.js";
import { ListenError, OpenPorts } from "../node/open-ports.js";
import {
  beginsTls,
  type ClientTlsOptions,
  continueInTls,
  createTlsServer,
} from "../node/client-tls.js";
import { ignore } from "../node/transport.js";

export interface HttpPortOptions {
  /** What the port is for, in messages. */
  readonly name: PortName;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** How long a connection may idle between requests. */
  readonly idleTimeoutMs: number;
  /** Whether requests may have long bodies, which take the time they take. False. */
  readonly takesUploads?: boolean | undefined;
  /** TLS; undefined: none. */
  readonly tls?: HttpTls | undefined;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The port cannot be opened, or an address of it. */
  readonly onProblem: (error: ListenError) => void;
}

export interface HttpTls extends ClientTlsOptions {
  /** Whether the port takes what is not inside TLS as well. */
  readonly unified: boolean;
}

export class HttpPort {
  readonly #options: HttpPortOptions;
  readonly #ports: OpenPorts;
  readonly #servers = new Set<Server>();
  /** Those that may be inside TLS, which the HTTP server does not know before they are. */
  readonly #sockets = new Set<Socket>();
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HttpPortOptions) {
    const { name, host, port, onProblem } = options;
    this.#options = options;
    this.#ports = new OpenPorts({
      port: name,
      targets: [{ host, port }],
      names: new NameLookup(),
      createServer: () => this.#newServer(),
      onProblem,
    });
  }

  /** The port that is open; undefined while none is. */
  get port(): number | undefined {
    return this.#ports.port;
  }

  /** Opens the port, or reports why not and tries again until it is closed. */
  async open(): Promise<void> {
    try {
      await this.#ports.open();
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      this.#options.onProblem(error);
      if (this.#closed) return;
      this.#timer = setTimeout(() => void this.open(), RETRY_MS);
      this.#timer.unref();
    }
  }

  /** Resolves when the port and its connections are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const closed = this.#ports.close();
    for (const server of this.#servers) server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #newServer(): Server {
    const { idleTimeoutMs, takesUploads = false } = this.#options;
    const server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_MS,
      // A connection on which nothing comes ends by the timeout below all the same.
      requestTimeout: takesUploads ? 0 : REQUEST_MS,
      keepAliveTimeout: idleTimeoutMs,
      connectionsCheckingInterval: CHECK_MS,
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.setTimeout(Math.max(idleTimeoutMs, REQUEST_MS));
    server.on("request", (request, response) => {
      // The rest of a body that nobody wants is not waited for.
      if (hasBody(request)) response.setHeader("Connection", "close");
      this.#options.onRequest(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { "Content-Type": "text/plain" });
        response.end(`${error instanceof Error ? error.message : String(error)}\n`);
      });
    });
    server.on("clientError", (_error, socket) => {
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      else socket.destroy();
    });
    server.on("close", () => this.#servers.delete(server));
    server.on("error", ignore);
    this.#servers.add(server);
    if (this.#options.tls !== undefined) serveTls(server, this.#options.tls, this.#sockets);
    return server;
  }
}

/**
 * Has an HTTP server shake hands before it serves a connection. It goes on being the one that
 * listens, so that its limits and timeouts hold for these connections as well.
 */
function serveTls(server: Server, { unified, ...options }: HttpTls, open: Set<Socket>): void {
  const serve = server.listeners("connection");
  server.removeAllListeners("connection");
  const begin = (socket: Socket): void => {
    for (const listener of serve) Reflect.apply(listener, server, [socket]);
  };
  const handshakes = createTlsServer(options, begin, ignore);
  server.on("connection", (socket: Socket) => {
    // Of whom nothing comes, nobody knows what it will speak. Who speaks the wrong thing may stay to hear so.
    const unserved = setTimeout(() => socket.destroy(), options.handshakeTimeoutMs);
    socket.on("error", ignore);
    open.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      clearTimeout(unserved);
    });
    socket.once("data", (bytes: Buffer) => {
      if (!beginsTls(bytes) && !unified) {
        socket.resume().end(NOT_HTTPS);
        return;
      }
      clearTimeout(unserved);
      socket.pause();
      if (beginsTls(bytes)) continueInTls(handshakes, socket, bytes);
      else {
        socket.unshift(bytes);
        begin(socket);
        // What was put back is not seen before that.
        process.nextTick(() => socket.resume());
      }
    });
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

const NOT_HTTPS =
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nthis port speaks HTTPS\n";
/** Far more than a browser and some collectors open. */
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8192;
/** For the whole of a request: those for operators have no body, or a short one. */
const REQUEST_MS = 30_000;
const CHECK_MS = 5000;
const RETRY_MS = 10_000;
