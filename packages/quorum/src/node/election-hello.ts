/**
 * The first bytes on an election connection: who connects, and where it can be
 * reached. Written by the connecting side only; read as it comes, in any pieces.
 */
import type { Sid } from "../core/index.js";

/** Who connects. */
export interface ElectionHello {
  readonly sid: Sid;
  /** Its own election addresses, `host:port`, as it wrote them. Empty for the oldest version. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}

/** A hello that is not one. */
export class ElectionHelloError extends Error {
  override readonly name = "ElectionHelloError";
}

/** The version that everyone since 3.5 understands: one address. */
const VERSION_1 = -65536n;
/** Several addresses, separated by `|`. */
const VERSION_2 = -65535n;

const MAX_ADDRESS_BYTES = 2048;

/** Encodes a hello. Several addresses need version 2, which only servers with multiAddress understand. */
export function encodeElectionHello({ sid, addresses }: ElectionHello): Uint8Array {
  const text = addresses.map(({ host, port }) => `${bracketed(host)}:${port}`).join("|");
  const address = Buffer.from(text, "utf8");
  const bytes = Buffer.alloc(20 + address.length);
  bytes.writeBigInt64BE(addresses.length > 1 ? VERSION_2 : VERSION_1, 0);
  bytes.writeBigInt64BE(sid, 8);
  bytes.writeInt32BE(address.length, 16);
  address.copy(bytes, 20);
  return bytes;
}

/**
 * Reads a hello from what has come so far: the hello and its length, or undefined
 * when it is not all there. Throws ElectionHelloError.
 */
export function decodeElectionHello(
  bytes: Buffer,
): { readonly hello: ElectionHello; readonly length: number } | undefined {
  if (bytes.length < 8) return undefined;
  const version = bytes.readBigInt64BE(0);
  // Before there were versions, a hello was the sid alone.
  if (version >= 0n) return { hello: { sid: version, addresses: [] }, length: 8 };
  if (version !== VERSION_1 && version !== VERSION_2) {
    throw new ElectionHelloError(`unknown version ${version} of the hello`);
  }
  if (bytes.length < 20) return undefined;
  const sid = bytes.readBigInt64BE(8);
  const length = bytes.readInt32BE(16);
  if (length < 1 || length > MAX_ADDRESS_BYTES) {
    throw new ElectionHelloError(
      `an address of ${length} bytes, 1 to ${MAX_ADDRESS_BYTES} expected`,
    );
  }
  if (bytes.length < 20 + length) return undefined;
  const text = bytes.toString("utf8", 20, 20 + length);
  const parts = version === VERSION_2 ? text.split("|") : [text];
  if (parts.length > MAX_ADDRESSES) {
    throw new ElectionHelloError(`${parts.length} addresses, at most ${MAX_ADDRESSES} expected`);
  }
  return { hello: { sid, addresses: parts.map(parseAddress) }, length: 20 + length };
}

function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/u.exec(text);
  const host = match?.groups?.["ipv6"] ?? match?.groups?.["host"];
  const port = Number(match?.groups?.["port"]);
  if (host === undefined || !(port >= 1 && port <= 65535)) {
    throw new ElectionHelloError(`${JSON.stringify(text)} is no address, host:port expected`);
  }
  return { host, port };
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

const MAX_ADDRESSES = 16;
