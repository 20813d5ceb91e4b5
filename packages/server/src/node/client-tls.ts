/** TLS of clients: who a certificate names, and the server that speaks it. */
import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { distinguishedName } from "./distinguished-name.js";
import type { TlsIdentity } from "./tls-transport.js";
import { ignore } from "./transport.js";

export interface ClientTlsOptions {
  readonly identity: TlsIdentity;
  readonly passphrase?: string | undefined;
  /** PEM: the certificates that vouch for clients'. Empty: none does. */
  readonly authorities: string;
  /** Whether clients must show a certificate, may, or are not asked. */
  readonly clientAuth: "need" | "want" | "none";
  readonly protocols: readonly ("TLSv1.2" | "TLSv1.3")[];
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
  const { identity, passphrase, authorities, clientAuth, protocols } = options;
  const server = createServer({
    ...(identity.format === "pem"
      ? { cert: identity.text, key: identity.text }
      : { pfx: Buffer.from(identity.bytes) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(authorities === "" ? {} : { ca: authorities }),
    minVersion: protocols.includes("TLSv1.2") ? "TLSv1.2" : "TLSv1.3",
    maxVersion: protocols.includes("TLSv1.3") ? "TLSv1.3" : "TLSv1.2",
    requestCert: clientAuth !== "none",
    rejectUnauthorized: clientAuth === "need",
    handshakeTimeout: options.handshakeTimeoutMs,
    allowHalfOpen: true,
    noDelay: true,
  });
  server.on("secureConnection", (socket) => {
    const certificate = socket.getPeerX509Certificate();
    // One that nobody vouches for is no better than a forged one, also where none is needed.
    const isForged = certificate !== undefined && clientAuth !== "none" && !socket.authorized;
    const subject = isForged ? undefined : certificate && subjectOf(certificate);
    if (isForged || subject === "unreadable") {
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
