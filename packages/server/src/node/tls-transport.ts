/**
 * TLS between the servers of an ensemble, both sides with a certificate. A
 * certificate proves that its holder runs on a host that the configuration names
 * for some server; nobody else gets a word. Host names are compared with the
 * configuration only, never with what a name server says about an address.
 */
import { type Server, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect,
  createServer,
  type PeerCertificate,
  type SecureContextOptions,
  type TLSSocket,
} from "node:tls";
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { ignore, type OpenSocket, settleConnect, type Transport } from "./transport.js";

/** This server's private key and certificate, with those that vouch for it behind it. */
export type TlsIdentity =
  | { readonly format: "pem"; readonly text: string }
  | { readonly format: "pkcs12"; readonly bytes: Uint8Array };

export interface TlsOptions {
  readonly identity: TlsIdentity;
  readonly passphrase?: string | undefined;
  /** PEM: the certificates that vouch for the others. */
  readonly authorities: string;
  readonly members: ReadonlyMap<Sid, Member>;
  /** Whether the certificate of a server that we connect to must name its host. True. */
  readonly verifiesServerHosts?: boolean | undefined;
  /** Whether the certificate of a server that connects to us must name the host of one of ours. True. */
  readonly verifiesClientHosts?: boolean | undefined;
  /** TLS 1.2 and 1.3. */
  readonly protocols?: readonly ("TLSv1.2" | "TLSv1.3")[] | undefined;
  /** 5,000. */
  readonly handshakeTimeoutMs?: number | undefined;
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
        checkServerIdentity: (_host, certificate) =>
          this.#options.verifiesServerHosts === false
            ? undefined
            : this.#checkHost(sid, certificate),
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
      handshakeTimeout: this.#options.handshakeTimeoutMs ?? HANDSHAKE_MS,
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

  #credentials(): SecureContextOptions {
    const { identity, passphrase, authorities, protocols = [] } = this.#options;
    return {
      ...(identity.format === "pem"
        ? { cert: identity.text, key: identity.text }
        : { pfx: Buffer.from(identity.bytes) }),
      ca: authorities,
      minVersion: protocols.length === 1 ? protocols[0] : "TLSv1.2",
      maxVersion: protocols.length === 1 ? protocols[0] : "TLSv1.3",
      ...(passphrase === undefined ? {} : { passphrase }),
    };
  }

  /** The servers whose configured host the certificate names. */
  #sidsOf(certificate: PeerCertificate): Sid[] {
    const { members, verifiesClientHosts } = this.#options;
    if (verifiesClientHosts === false) return [...members.keys()];
    return [...members.keys()].filter((sid) => this.#checkHost(sid, certificate) === undefined);
  }

  /** An error unless the certificate names one of the server's hosts. */
  #checkHost(sid: Sid, certificate: PeerCertificate): Error | undefined {
    const hosts = (this.#options.members.get(sid)?.addresses ?? []).map(({ host }) => host);
    const errors = hosts.map((host) => checkServerIdentity(host, certificate));
    if (errors.includes(undefined)) return undefined;
    return errors[0] ?? new Error(`server ${sid} has no address`);
  }
}

const HANDSHAKE_MS = 5000;
