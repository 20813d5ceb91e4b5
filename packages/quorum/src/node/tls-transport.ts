/**
 * TLS between the servers of an ensemble, both sides with a certificate. A
 * certificate proves that its holder runs on a host that the configuration names
 * for some server; nobody else gets a word. Host names are compared with the
 * configuration only, never with what a name server says about an address.
 */
import { type Server, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { checkServerIdentity, connect, createServer, type PeerCertificate } from "node:tls";
import type { Member, Sid } from "../core/index.js";
import { ignore, type OpenSocket, settleConnect, type Transport } from "./transport.js";

export interface TlsOptions {
  /** PEM: this server's certificate, with those that vouch for it behind it. */
  readonly certificate: string;
  /** PEM: its private key. */
  readonly privateKey: string;
  readonly passphrase?: string | undefined;
  /** PEM: the certificates that vouch for the others. */
  readonly authorities: string;
  readonly members: ReadonlyMap<Sid, Member>;
  /** Whether a certificate must name the host of the server that shows it. True. */
  readonly verifyHost?: boolean | undefined;
  /** Told why a connection was refused. */
  readonly onNote?: ((text: string) => void) | undefined;
}

export class TlsTransport implements Transport {
  readonly #options: TlsOptions;

  constructor(options: TlsOptions) {
    this.#options = options;
  }

  connect(sid: Sid, host: string, port: number, timeoutMs: number): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        ...this.#credentials(),
        host,
        port,
        minVersion: "TLSv1.2",
        checkServerIdentity: (_host, certificate) => this.#checkHost(sid, certificate),
      });
      socket.setNoDelay(true);
      settleConnect(socket, "secureConnect", timeoutMs, resolve, reject);
    });
  }

  createServer(onSocket: (open: OpenSocket) => void): Server {
    const server = createServer({
      ...this.#credentials(),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      handshakeTimeout: HANDSHAKE_MS,
      noDelay: true,
    });
    server.on("secureConnection", (socket) => {
      const provenSids = this.#sidsOf(socket.getPeerCertificate());
      if (provenSids.length > 0) {
        onSocket({ socket, provenSids });
        return;
      }
      this.#options.onNote?.(
        `a certificate that names none of our servers was refused, from ${socket.remoteAddress ?? "somewhere"}`,
      );
      socket.on("error", ignore);
      socket.destroy();
    });
    server.on("tlsClientError", (error, socket: TLSSocket) => {
      this.#options.onNote?.(`a TLS handshake failed: ${error.message}`);
      socket.on("error", ignore);
      socket.destroy();
    });
    return server;
  }

  #credentials(): { cert: string; key: string; passphrase?: string; ca: string } {
    const { certificate, privateKey, passphrase, authorities } = this.#options;
    return {
      cert: certificate,
      key: privateKey,
      ca: authorities,
      ...(passphrase === undefined ? {} : { passphrase }),
    };
  }

  /** The servers whose configured host the certificate names. */
  #sidsOf(certificate: PeerCertificate): Sid[] {
    return [...this.#options.members.keys()].filter(
      (sid) => this.#checkHost(sid, certificate) === undefined,
    );
  }

  /** An error unless the certificate names one of the server's hosts. */
  #checkHost(sid: Sid, certificate: PeerCertificate): Error | undefined {
    if (this.#options.verifyHost === false) return undefined;
    const hosts = (this.#options.members.get(sid)?.addresses ?? []).map(({ host }) => host);
    const errors = hosts.map((host) => checkServerIdentity(host, certificate));
    if (errors.includes(undefined)) return undefined;
    return errors[0] ?? new Error(`server ${sid} has no address`);
  }
}

const HANDSHAKE_MS = 5000;
