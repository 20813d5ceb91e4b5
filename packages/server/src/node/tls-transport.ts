/**
 * TLS between the servers of an ensemble, both sides with a certificate. A
 * certificate proves that its holder runs on a host that the configuration names
 * for some server; nobody else gets a word. Host names are compared with the
 * configuration only, never with what a name server says about an address.
 */
import { constants } from "node:crypto";
import { isIP, type Server, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect,
  createServer,
  type PeerCertificate,
  type SecureContextOptions,
  type Server as TlsServer,
  type TLSSocket,
} from "node:tls";
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { remoteHost } from "./name-lookup.js";
import { codeOf } from "./network-trouble.js";
import {
  type Destination,
  ignore,
  type OpenSocket,
  type RefusedSocket,
  settleConnect,
  type Transport,
} from "./transport.js";

/** This server's private key and certificate, with those that vouch for it behind it. */
export type TlsIdentity =
  | { readonly format: "pem"; readonly text: string }
  | { readonly format: "pkcs12"; readonly bytes: Uint8Array };

/** Suites without elliptic curves need parameters, which Node chooses by the key. */
export function cipherOptions(ciphers: string | undefined): SecureContextOptions {
  return ciphers === undefined ? {} : { ciphers, dhparam: "auto" };
}

/** Who this server is, and whom it trusts. */
export interface TlsCredentials {
  readonly identity: TlsIdentity;
  readonly passphrase?: string | undefined;
  /** PEM: the certificates that vouch for the others. */
  readonly authorities: string;
}

export interface TlsOptions extends TlsCredentials {
  /** What has taken the place of these credentials by now; asked before each handshake. Default: nothing has. */
  readonly latest?: (() => TlsCredentials) | undefined;
  readonly members: ReadonlyMap<Sid, Member>;
  /** Whether the certificate of a server that we connect to must name its host. True. */
  readonly verifiesServerHosts?: boolean | undefined;
  /** Whether the certificate of a server that connects to us must name the host of one of ours. True. */
  readonly verifiesClientHosts?: boolean | undefined;
  /** TLS 1.2 and 1.3. */
  readonly protocols?: readonly ("TLSv1.2" | "TLSv1.3")[] | undefined;
  /** OpenSSL's names of the cipher suites, with colons between them. Node's choice. */
  readonly ciphers?: string | undefined;
  /** 5,000. */
  readonly handshakeTimeoutMs?: number | undefined;
}

/** The part of Node's options that credentials make. */
export function credentialOptions({
  identity,
  passphrase,
}: Pick<TlsCredentials, "identity" | "passphrase">): SecureContextOptions {
  return {
    ...(identity.format === "pem"
      ? { cert: identity.text, key: identity.text }
      : { pfx: Buffer.from(identity.bytes) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

/**
 * Has the server shake hands by the latest credentials. Connections that are open stay; sessions
 * of the earlier credentials are not taken up again.
 */
export function keepUpToDate(
  server: TlsServer,
  { latest }: Pick<TlsOptions, "latest">,
  contextOptions: () => SecureContextOptions,
): void {
  if (latest === undefined) return;
  let shown = latest();
  // Before the server's own listener, which begins the handshake.
  server.prependListener("connection", () => {
    const now = latest();
    if (now === shown) return;
    shown = now;
    server.setSecureContext(contextOptions());
  });
}

function contextOptions(options: TlsOptions): SecureContextOptions {
  const { latest, protocols = [], ciphers } = options;
  const credentials = latest?.() ?? options;
  return {
    ...credentialOptions(credentials),
    ...cipherOptions(ciphers),
    ca: credentials.authorities,
    minVersion: protocols.length === 1 ? protocols[0] : "TLSv1.2",
    maxVersion: protocols.length === 1 ? protocols[0] : "TLSv1.3",
  };
}

export class TlsTransport implements Transport {
  readonly #options: TlsOptions;

  constructor(options: TlsOptions) {
    this.#options = options;
  }

  connect(to: Destination): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        ...contextOptions(this.#options),
        host: to.address,
        port: to.port,
        // What is asked for by name is the name, not the address that it has now.
        ...(isIP(to.host) === 0 ? { servername: to.host } : {}),
        checkServerIdentity: (_host, certificate) =>
          this.#options.verifiesServerHosts === false
            ? undefined
            : this.#checkHost(to.sid, certificate),
      });
      socket.setNoDelay(true);
      settleConnect(socket, "secureConnect", to, resolve, reject);
    });
  }

  createServer(
    onSocket: (open: OpenSocket) => void,
    onRefused: (refused: RefusedSocket) => void,
  ): Server {
    const serverOptions = (): SecureContextOptions => ({
      ...contextOptions(this.#options),
      // A session that is taken up again would not show its certificate again.
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    const server = createServer({
      ...serverOptions(),
      requestCert: true,
      // `#whyRefused` looks at every socket instead: one that Node refuses is gone
      // before anybody can say whose it was.
      rejectUnauthorized: false,
      handshakeTimeout: this.#options.handshakeTimeoutMs ?? HANDSHAKE_MS,
      noDelay: true,
    });
    keepUpToDate(server, this.#options, serverOptions);
    server.on("secureConnection", (socket) => {
      const address = remoteHost(socket.remoteAddress);
      const certificate = socket.getPeerCertificate();
      const provenSids = this.#sidsOf(certificate);
      const error = whyRefused(socket, certificate, provenSids);
      if (error === undefined) {
        onSocket({ socket, provenSids });
        return;
      }
      socket.on("error", ignore);
      socket.destroy();
      onRefused({ address, error });
    });
    server.on("tlsClientError", (error, socket: TLSSocket) => {
      const address = remoteHost(socket.remoteAddress);
      socket.on("error", ignore);
      socket.destroy();
      // Whoever leaves in the middle may be a tool that looks whether the port is open.
      if (codeOf(error) !== "ECONNRESET") onRefused({ address, error });
    });
    return server;
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
    // The zone of a link-local address is this machine's word, which no certificate knows.
    const errors = hosts.map((host) => checkServerIdentity(host.replace(/%.*$/u, ""), certificate));
    if (errors.includes(undefined)) return undefined;
    return errors[0] ?? new Error(`server ${sid} has no address`);
  }
}

/** Undefined when an authority vouches for the certificate and it is that of a server. */
function whyRefused(
  socket: TLSSocket,
  certificate: PeerCertificate,
  provenSids: readonly Sid[],
): Error | undefined {
  if (!hasCertificate(certificate)) return new CertificateError("NO_CERTIFICATE", "no certificate");
  if (!socket.authorized) {
    const code = String(socket.authorizationError);
    return new CertificateError(code, code);
  }
  if (provenSids.length > 0) return undefined;
  const names = certificate.subjectaltname ?? certificate.subject.CN;
  return new CertificateError(
    "ERR_TLS_CERT_ALTNAME_INVALID",
    `it names no host of this ensemble: it is for ${String(names).slice(0, MAX_SHOWN_NAMES)}`,
  );
}

/** Node gives an empty object where none was shown. */
function hasCertificate(certificate: Partial<PeerCertificate>): boolean {
  return certificate.raw !== undefined && certificate.raw.length > 0;
}

/** Why a certificate was not accepted. */
class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** OpenSSL's, or Node's. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const HANDSHAKE_MS = 5000;
const MAX_SHOWN_NAMES = 200;
