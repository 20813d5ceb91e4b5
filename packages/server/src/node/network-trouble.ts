/**
 * What the errors of sockets, name servers and OpenSSL mean for an ensemble, and
 * what its operator can do about each.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { ConnectError, type FailedAttempt } from "./connecting.js";
import type { NetworkTrouble, PortName, Trouble } from "./network-report.js";

/** Why a port cannot be opened. */
export function listenTrouble(code: string, cause: unknown): Trouble {
  const { why, advice } = listenWords(code, cause);
  return { code, why: withCode(why, code), advice };
}

/** People look for the system's code. */
function withCode(why: string, code: string): string {
  return why.includes(code) || code === "UNKNOWN" ? why : `${why} (${code})`;
}

function listenWords(code: string, cause: unknown): Omit<Trouble, "code"> {
  switch (code) {
    case "EADDRINUSE":
      return {
        why: "another process has this port",
        advice:
          "stop that process, or give this server another port in the configuration of all servers",
      };
    case "EADDRNOTAVAIL":
      return {
        why: "no interface of this machine has this address",
        advice: "correct the address, or set quorumListenOnAllIPs=true if it is that of a router",
      };
    case "EACCES":
    case "EPERM":
      return {
        why: "this process may not open this port",
        advice: "choose a port above 1023, or give the process the right",
      };
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NONAME":
      return {
        why: "this machine does not know the name",
        advice: "correct the name, DNS or /etc/hosts, or set quorumListenOnAllIPs=true",
      };
    case "EMFILE":
    case "ENFILE":
      return {
        why: "too many files and connections are open",
        advice: "raise the limit of open files of this process",
      };
    default:
      return { why: toError(cause).message, advice: "see what the system says of this address" };
  }
}

/** Why a server could not be connected to: what is most to the point, with all addresses that were tried. */
export function connectTrouble(peer: Sid, port: PortName, error: unknown): NetworkTrouble {
  const attempts =
    error instanceof ConnectError
      ? error.attempts
      : [{ address: "its address", error: toError(error) }];
  // A handshake that failed tells more than another address where nobody answers.
  for (const { address, error: cause } of attempts) {
    const trouble = tlsTrouble(cause, "outgoing");
    if (trouble !== undefined) return { ...trouble, peer, port, address };
  }
  const words = attempts.map((attempt) => ({ attempt, ...connectWords(attempt) }));
  const code = [...new Set(words.map(({ code: each }) => each))].sort().join("+");
  const why = words
    .map((each) => `${each.attempt.address}: ${withCode(each.why, each.code)}`)
    .join("; ");
  const advice = [...new Set(words.map(({ advice: each }) => each))].join("; ");
  return { kind: "peerUnreachable", peer, port, code, why, advice };
}

function connectWords({ error }: FailedAttempt): Trouble {
  const code = codeOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return {
        code,
        why: "the connection was refused",
        advice: "is it running, and does it listen on this port?",
      };
    case "ETIMEDOUT":
      return {
        code,
        why: error.message.includes("within") ? error.message : "no answer",
        advice: "is its machine up, and does every firewall let this port through?",
      };
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NONAME":
      return {
        code,
        why: "the name is unknown",
        advice: "is it spelled as in DNS or /etc/hosts, and does the name server answer?",
      };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
      return {
        code,
        why: "no route leads there",
        advice: "is the address right, and is the network up?",
      };
    case "ECONNRESET":
    case "EPIPE":
      return {
        code,
        why: "it broke the connection off",
        advice: "is it a server of this ensemble that has this port, and what does its log say?",
      };
    default:
      return { code, why: error.message, advice: "see its log" };
  }
}

/** Whoever takes connections and ends them without a word: it does not know us, or does not accept us. */
export function silentCloseTrouble(peer: Sid, port: PortName): NetworkTrouble {
  return {
    kind: "peerUnreachable",
    peer,
    port,
    code: "CLOSED",
    why: "it takes connections and closes them without a word",
    advice:
      "see its log: it may not have this server in its configuration, or may refuse its certificate; sslQuorum must be the same on all servers",
  };
}

/** Whoever takes connections and says nothing: a process that is stopped, or a router in between. */
export function silentTrouble(peer: Sid): NetworkTrouble {
  return {
    kind: "peerUnreachable",
    peer,
    port: "election",
    code: "SILENT",
    why: "it takes connections and says nothing",
    advice: "see its log: is its process stopped, or is it another program that has this port?",
  };
}

/** Of two servers, the one with the larger id opens the connection that both use. */
export function noCallBackTrouble(peer: Sid, ownAddress: string): NetworkTrouble {
  return {
    kind: "peerUnreachable",
    peer,
    port: "election",
    code: "NO_CALL_BACK",
    why: "it takes connections, but does not connect back, as the server with the larger id must",
    advice: `see its log: can it reach this server at ${ownAddress}, with the same sslQuorum and certificates that it accepts?`,
  };
}

type TlsTrouble =
  | ({ readonly kind: "handshakeFailed" } & Trouble)
  | ({
      readonly kind: "certificateRefused";
      readonly by: "this server" | "the other side";
    } & Trouble);

/** What a failed handshake was about; undefined when the error is none of TLS. */
export function tlsTrouble(
  error: Error,
  direction: "incoming" | "outgoing",
): TlsTrouble | undefined {
  const code = codeOf(error);
  const verification = VERIFICATION.find(({ codes }) => codes.has(code));
  if (verification !== undefined) {
    const { why, advice } = verification;
    const detail = code === "ERR_TLS_CERT_ALTNAME_INVALID" ? error.message : why;
    return { kind: "certificateRefused", by: "this server", code, why: detail, advice };
  }
  if (CERTIFICATE_ALERT.test(code)) {
    return {
      kind: "certificateRefused",
      by: "the other side",
      code,
      why: alertText(code),
      advice:
        "its ssl.quorum.trustStore must hold the authority of ssl.quorum.keyStore, which must be valid now and name this server's host",
    };
  }
  const handshake = handshakeWords(code, error, direction);
  return handshake && { kind: "handshakeFailed", code, ...handshake };
}

function handshakeWords(
  code: string,
  error: Error,
  direction: "incoming" | "outgoing",
): Omit<Trouble, "code"> | undefined {
  if (PLAIN_TEXT.test(code)) {
    return {
      why: "the other side does not speak TLS",
      advice:
        "sslQuorum must be true on all servers or on none; if nothing of yours is at that address, keep it from this port",
    };
  }
  if (code === "ERR_TLS_HANDSHAKE_TIMEOUT") {
    return {
      why: "it did not end in time",
      advice: "is sslQuorum=true on the other side too, and is it a server of this ensemble?",
    };
  }
  // Node's words for a connection that is closed where a handshake should go on.
  if (code === "ECONNRESET" && direction === "outgoing" && /TLS|hang up/u.test(error.message)) {
    return {
      why: "the other side closed the connection",
      advice: "is sslQuorum=true there too, and what does its log say?",
    };
  }
  if (code.startsWith("ERR_SSL_")) {
    return {
      why: error.message,
      advice: "ssl.quorum.enabledProtocols and the kinds of keys must fit on both sides",
    };
  }
  return undefined;
}

/** `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA` becomes "unknown ca". */
function alertText(code: string): string {
  const text = code.slice(code.indexOf("ALERT_") + "ALERT_".length);
  return `it says "${text.toLowerCase().replaceAll("_", " ")}"`;
}

export function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "UNKNOWN";
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Codes of OpenSSL's verification, and Node's own, by what can be done. */
const VERIFICATION: readonly (Omit<Trouble, "code"> & { readonly codes: ReadonlySet<string> })[] = [
  {
    codes: new Set(["CERT_HAS_EXPIRED"]),
    why: "it has expired",
    advice: "renew it, and check the clocks of both machines",
  },
  {
    codes: new Set(["CERT_NOT_YET_VALID"]),
    why: "it is not valid yet",
    advice: "check the clocks of both machines",
  },
  {
    codes: new Set(["ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH"]),
    why: "it names another host",
    advice:
      "its subject alternative names must have the host of the server's line, in every server's configuration",
  },
  {
    codes: new Set([
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "CERT_UNTRUSTED",
      "CERT_SIGNATURE_FAILURE",
      "INVALID_CA",
      "INVALID_PURPOSE",
    ]),
    why: "no authority of ssl.quorum.trustStore vouches for it",
    advice: "let one sign it, or add its authority to ssl.quorum.trustStore on all servers",
  },
  {
    codes: new Set([
      "CERT_REVOKED",
      "CERT_REJECTED",
      "CERT_CHAIN_TOO_LONG",
      "PATH_LENGTH_EXCEEDED",
    ]),
    why: "it is revoked, or its chain is not allowed",
    advice: "give that server a valid one",
  },
  {
    codes: new Set(["NO_CERTIFICATE", "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE"]),
    why: "none was shown",
    advice: "every server needs one, in ssl.quorum.keyStore; keep anything else from this port",
  },
];
const CERTIFICATE_ALERT =
  /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|NO_CERTIFICATE|ACCESS_DENIED)/u;
/** What OpenSSL says when the bytes are no record of TLS. */
const PLAIN_TEXT =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|BAD_RECORD_TYPE|INVALID_RECORD|RECORD_LAYER_FAILURE)/u;
