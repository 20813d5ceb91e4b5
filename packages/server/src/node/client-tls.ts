/** TLS of clients: who a certificate names, and the server that speaks it. */
import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import { distinguishedName } from "./distinguished-name.js";
import { remoteHost } from "./name-lookup.js";
import {
  cipherOptions,
  credentialOptions,
  keepUpToDate,
  type TlsCredentials,
} from "./tls-transport.js";
import { ignore } from "./transport.js";

/** Where `authorities` is empty, none vouches for a client. */
export interface ClientTlsOptions extends TlsCredentials {
  /** What has taken the place of these credentials by now; asked before each handshake. Default: nothing has. */
  readonly latest?: (() => TlsCredentials) | undefined;
  /** Whether clients must show a certificate, may, or are not asked. */
  readonly clientAuth: "need" | "want" | "none";
  readonly protocols: readonly ("TLSv1.2" | "TLSv1.3")[];
  /** OpenSSL's names of the cipher suites, with colons between them; undefined: Node's choice. */
  readonly ciphers?: string | undefined;
  /** Whether a client's certificate must name the address that it comes from. False. */
  readonly verifiesClientAddresses?: boolean | undefined;
  readonly handshakeTimeoutMs: number;
}

/**
 * A server for clients inside TLS. `onClient`: a handshake is over, with the subject of the
 * client's certificate if it has shown one. `onFailure`: one has failed, or its certificate
 * is refused.
 */
export function createTlsServer(
  options: ClientTlsOptions,
  onClient: (socket: TLSSocket, subject: string | undefined) => void,
  onFailure: () => void,
): Server {
  const { clientAuth } = options;
  const server = createServer({
    ...contextOptions(options),
    requestCert: clientAuth !== "none",
    rejectUnauthorized: clientAuth === "need",
    handshakeTimeout: options.handshakeTimeoutMs,
    allowHalfOpen: true,
    noDelay: true,
  });
  keepUpToDate(server, options, () => contextOptions(options));
  server.on("secureConnection", (socket) => {
    const certificate = socket.getPeerX509Certificate();
    // One that nobody vouches for is no better than a forged one, also where none is needed.
    const isForged = certificate !== undefined && clientAuth !== "none" && !socket.authorized;
    const isElsewhere = options.verifiesClientAddresses === true && !namesAddress(socket);
    const subject = isForged ? undefined : certificate && subjectOf(certificate);
    if (isForged || isElsewhere || subject === "unreadable") {
      socket.on("error", ignore);
      socket.destroy();
      onFailure();
      return;
    }
    onClient(socket, subject?.name);
  });
  server.on("tlsClientError", (_error, socket) => {
    socket.on("error", ignore);
    socket.destroy();
    onFailure();
  });
  return server;
}

function contextOptions(options: ClientTlsOptions): SecureContextOptions {
  const { latest, protocols, ciphers } = options;
  const credentials = latest?.() ?? options;
  return {
    ...credentialOptions(credentials),
    ...(credentials.authorities === "" ? {} : { ca: credentials.authorities }),
    minVersion: protocols.includes("TLSv1.2") ? "TLSv1.2" : "TLSv1.3",
    maxVersion: protocols.includes("TLSv1.3") ? "TLSv1.3" : "TLSv1.2",
    ...cipherOptions(ciphers),
  };
}

/**
 * The subject of the certificate that was shown at the other end, where those who are trusted
 * vouch for it; undefined where they do not, none was shown, or it cannot be read.
 */
export function verifiedSubject(socket: TLSSocket): string | undefined {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const subject = certificate && subjectOf(certificate);
  return subject === "unreadable" ? undefined : subject?.name;
}

/** Whether the certificate that was shown, if one was, is for the address at the other end. */
function namesAddress(socket: TLSSocket): boolean {
  const certificate = socket.getPeerX509Certificate();
  return (
    certificate === undefined || certificate.checkIP(remoteHost(socket.remoteAddress)) !== undefined
  );
}

/** OpenSSL takes certificates that are no DER; nobody is to be somebody by one. */
function subjectOf({ raw }: X509Certificate): { readonly name: string } | "unreadable" {
  try {
    return { name: distinguishedName(raw) };
  } catch (error) {
    if (error instanceof RangeError) return "unreadable";
    throw error;
  }
}

/** Whether this is how a TLS conversation begins: with a handshake record. */
export function beginsTls(bytes: Uint8Array): boolean {
  return bytes[0] === TLS_HANDSHAKE;
}

/** Puts back what was read, and has the server begin its handshake. */
export function continueInTls(server: Server, socket: Socket, bytes: Uint8Array): void {
  socket.unshift(bytes);
  server.emit("connection", socket);
}

const TLS_HANDSHAKE = 0x16;
