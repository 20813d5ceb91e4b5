/**
 * What a peer tells of its connections: one report for each thing that keeps
 * servers apart and that a person can mend. Each says what happened, to which
 * address, and what to do. How often it is said is decided in network-watch.ts.
 */
import type { AuditReport } from "../admin/audit-file.js";
import type { Report } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";

/** A port of this server, by what it is for. */
export type PortName = "election" | "quorum" | "client" | "admin" | "metrics";

/** What happened, and what a person can do about it. */
export interface Trouble {
  /** A short word for the cause: the system's or OpenSSL's code, or one of ours. It changes when the situation does. */
  readonly code: string;
  readonly why: string;
  readonly advice: string;
}

interface Repeated {
  /** How often it has happened since it was last said; at least 1. */
  readonly times: number;
}

/** Trouble that is told of, each kind counted in a metric of its own. */
export type NetworkTrouble =
  /** One of this server's ports cannot be opened. `address` is `host:port`. */
  | ({ readonly kind: "cannotListen"; readonly port: PortName; readonly address: string } & Trouble)
  /** No address of a server led to it. */
  | ({ readonly kind: "peerUnreachable"; readonly peer: Sid; readonly port: PortName } & Trouble)
  /** TLS could not be agreed on. `peer` is known where this server connected. */
  | ({
      readonly kind: "handshakeFailed";
      readonly peer: Sid | undefined;
      readonly port: PortName;
      readonly address: string;
    } & Trouble)
  /** A certificate was not accepted, by this server or by the other side. */
  | ({
      readonly kind: "certificateRefused";
      readonly by: "this server" | "the other side";
      readonly peer: Sid | undefined;
      readonly port: PortName;
      readonly address: string;
    } & Trouble)
  /** Somebody at a port who does not belong there. */
  | ({
      readonly kind: "connectionRefused";
      readonly port: PortName;
      readonly address: string;
    } & Trouble);

/** Who is missing, and why. */
export interface MissingServer {
  readonly sid: Sid;
  readonly why: string;
}

export type NetworkReport =
  | (NetworkTrouble & Repeated)
  /** A port that could not be opened is open, or could be. */
  | { readonly kind: "canListen"; readonly port: PortName; readonly afterMs: number }
  /** A server that could not be reached is reached. */
  | { readonly kind: "peerReached"; readonly peer: Sid; readonly afterMs: number }
  /** This server does not serve, for this long already, and these are not linked with it. */
  | {
      readonly kind: "notServing";
      readonly forMs: number;
      readonly state: string;
      readonly missing: readonly MissingServer[];
    }
  /** This server leads, and these voters do not follow. */
  | { readonly kind: "followersMissing"; readonly missing: readonly MissingServer[] };

/** What became of certificates that have changed. */
export type CertificateReport =
  /** Connections from now on use what the files hold now. */
  | {
      readonly kind: "certificatesRenewed";
      readonly port: PortName;
      readonly paths: readonly string[];
    }
  /** The files cannot be used as they are: the earlier certificates are kept until they change again. */
  | {
      readonly kind: "certificatesKept";
      readonly port: PortName;
      readonly paths: readonly string[];
      /** Which file, what is wrong with it, and what to do. */
      readonly why: string;
    };

/** Everything that a running peer reports. */
export type PeerReport = Report | NetworkReport | AuditReport | CertificateReport;

/** The kinds that are counted. */
export type TroubleKind = NetworkTrouble["kind"];

/** What happened, in one line without a time. */
export function describeNetworkReport(report: NetworkReport): string {
  switch (report.kind) {
    case "cannotListen":
      return withAdvice(`cannot listen on its ${report.port} port, ${report.address}`, report);
    case "peerUnreachable":
      return withAdvice(`cannot reach server ${report.peer} on its ${report.port} port`, report);
    case "handshakeFailed":
      return withAdvice(`a TLS handshake ${between(report)} failed`, report);
    case "certificateRefused":
      return withAdvice(
        report.by === "this server"
          ? `refused the certificate of ${otherSide(report)}`
          : `this server's certificate is refused by ${otherSide(report)}`,
        report,
      );
    case "connectionRefused":
      return withAdvice(
        `refused a connection from ${report.address} to its ${report.port} port`,
        report,
      );
    case "canListen":
      return `can open its ${report.port} port again, after ${seconds(report.afterMs)}`;
    case "peerReached":
      return `has reached server ${report.peer}, after ${seconds(report.afterMs)}`;
    case "notServing":
      return `has not served for ${seconds(report.forMs)}: ${report.state}; ${listMissing(report.missing)}`;
    case "followersMissing":
      return `leads without ${report.missing.map(({ sid, why }) => `server ${sid} (${why})`).join(", ")}`;
  }
}

function listMissing(missing: readonly MissingServer[]): string {
  if (missing.length === 0) return "it has links to all servers";
  return `it misses ${missing.map(({ sid, why }) => `server ${sid} (${why})`).join(", ")}`;
}

function withAdvice(what: string, { why, advice, times }: Trouble & Repeated): string {
  const often = times > 1 ? ` (${times} times)` : "";
  return `${what}: ${why}${often}; ${advice}`;
}

function between({
  peer,
  port,
  address,
}: {
  peer: Sid | undefined;
  port: string;
  address: string;
}): string {
  return peer === undefined
    ? `from ${address} to the ${port} port`
    : `with server ${peer} at ${address}, its ${port} port,`;
}

function otherSide({
  peer,
  port,
  address,
}: {
  peer: Sid | undefined;
  port: string;
  address: string;
}): string {
  return peer === undefined
    ? `whoever connects from ${address} to the ${port} port`
    : `server ${peer} at ${address}, its ${port} port`;
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
