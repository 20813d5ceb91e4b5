/**
 * Why a server of a configuration cannot start, as a person needs it: which line,
 * key, file or port is to blame, and what to do about it.
 */
import {
  ConfigurationError,
  type ConfigurationProblem,
  formatPosition,
  type PeerSettings,
  type Position,
} from "../configuration/index.js";
import { describeFileError, messageOf, systemErrorOf } from "./system-error.js";

/** The configuration is right, but its server cannot start now: a port is taken, a directory must not be started from. */
export class StartError extends Error {
  override readonly name = "StartError";
  /** `port`: it is taken. `directory`: its data must not be started from. `other`: see `cause`. */
  readonly code: "port" | "directory" | "other";
  readonly problem: ConfigurationProblem;

  constructor(code: StartError["code"], problem: ConfigurationProblem, cause?: unknown) {
    super(formatPosition(problem), cause === undefined ? undefined : { cause });
    this.code = code;
    this.problem = problem;
  }
}

/** What is known of the configuration when its server fails. */
export interface FailureContext {
  readonly settings: PeerSettings;
  readonly positionOf: (key: string) => Position;
}

/** The error with its position: ConfigurationError when the configuration is to blame, otherwise StartError. */
export function explainStartFailure(
  error: unknown,
  context: FailureContext,
): ConfigurationError | StartError {
  if (error instanceof ConfigurationError || error instanceof StartError) return error;
  const system = systemErrorOf(error);
  if (system !== undefined && isAboutAddress(system)) return explainAddress(system, context);
  if (system?.path !== undefined) return explainPath(system, system.path, context);
  return new StartError("other", { ...context.positionOf(""), message: messageOf(error) }, error);
}

/** A directory's data must not be started from; `text` says why. */
export function refusedData(text: string, { settings, positionOf }: FailureContext): StartError {
  const message = `server.${settings.sid} does not start: ${text}`;
  return new StartError("directory", { ...positionOf("dataDir"), message });
}

interface AddressError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

function isAboutAddress({ syscall }: NodeJS.ErrnoException): boolean {
  return syscall === "listen" || syscall === "bind" || syscall === "getaddrinfo";
}

/** One of the ports that a server opens. */
interface OwnPort {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly key: string;
}

function explainAddress(
  error: AddressError,
  context: FailureContext,
): ConfigurationError | StartError {
  const ports = ownPorts(context);
  const own =
    ports.find(({ port }) => port === error.port) ??
    ports.find(({ host }) => host === error.hostname);
  const position = context.positionOf(own?.key ?? "");
  const host = error.address ?? error.hostname ?? own?.host ?? "";
  const port = error.port ?? own?.port;
  const what = own === undefined ? `port ${port ?? "?"}` : `${own.name} ${own.port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return new StartError(
        "port",
        {
          ...position,
          message: `The ${what} is taken: another program listens on ${host}, perhaps this server, started twice. Stop it or choose another port.`,
        },
        error,
      );
    case "EADDRNOTAVAIL":
      return wrong(
        position,
        `The ${what} cannot be opened: ${host} is no address of this machine. Correct the address${own?.key === "clientPort" ? "" : ", or set quorumListenOnAllIPs=true"}.`,
      );
    case "EACCES":
      return wrong(
        position,
        `The ${what} cannot be opened: it needs privileges that this user does not have. Choose a port from 1024 on.`,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return wrong(
        position,
        `The ${what} cannot be opened: the host name ${host} cannot be looked up. Correct it, or write an address.`,
      );
    case "EAFNOSUPPORT":
      return wrong(
        position,
        `The ${what} cannot be opened: ${host} is of a kind of address that this machine does not have. Write an address of the other kind.`,
      );
    default:
      return new StartError(
        "other",
        { ...position, message: `The ${what} cannot be opened: ${messageOf(error)}.` },
        error,
      );
  }
}

function ownPorts({ settings, positionOf }: FailureContext): readonly OwnPort[] {
  const { sid, ensemble, client } = settings;
  const line = `server.${sid}`;
  const clientKey = positionOf("clientPort").line > 0 ? "clientPort" : line;
  return [
    ...(client === undefined
      ? []
      : [{ name: "client port", host: client.host, port: client.port, key: clientKey }]),
    ...(ensemble.members.get(sid)?.addresses ?? []).flatMap(
      ({ host, quorumPort, electionPort }) => [
        { name: "election port", host, port: electionPort, key: line },
        { name: "quorum port", host, port: quorumPort, key: line },
      ],
    ),
  ];
}

function explainPath(
  error: NodeJS.ErrnoException,
  path: string,
  { settings, positionOf }: FailureContext,
): ConfigurationError {
  const { dataDir, dataLogDir } = settings;
  const key = dataLogDir !== dataDir && path.startsWith(dataLogDir) ? "dataLogDir" : "dataDir";
  return wrong(
    positionOf(key),
    `${key}: ${path} ${describeFileError(error)}. Name a directory that can be written to.`,
  );
}

function wrong(position: Position, message: string): ConfigurationError {
  return new ConfigurationError([{ ...position, message }]);
}
