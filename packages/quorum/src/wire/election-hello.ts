/**
 * The first bytes on an election connection: who connects, and where it can be
 * reached. Written by the connecting side only; read as it comes, in any pieces.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { textBytes, textOf } from "./text-bytes.js";

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

/** Version, sid, length of the address. */
const HEAD_BYTES = 20;

const MAX_ADDRESS_BYTES = 2048;

/** Encodes a hello. Several addresses need version 2, which only servers with multiAddress understand. */
export function encodeElectionHello({ sid, addresses }: ElectionHello): Uint8Array {
  const text = addresses.map(({ host, port }) => `${bracketed(host)}:${port}`).join("|");
  const address = textBytes(text);
  const bytes = new Uint8Array(HEAD_BYTES + address.length);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, addresses.length > 1 ? VERSION_2 : VERSION_1);
  view.setBigInt64(8, sid);
  view.setInt32(16, address.length);
  bytes.set(address, HEAD_BYTES);
  return bytes;
}

/**
 * Reads a hello from what has come so far: the hello and its length, or undefined
 * when it is not all there. Throws ElectionHelloError.
 */
export function decodeElectionHello(
  bytes: Uint8Array,
): { readonly hello: ElectionHello; readonly length: number } | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getBigInt64(0);
  // Before there were versions, a hello was the sid alone.
  if (version >= 0n) return { hello: { sid: version, addresses: [] }, length: 8 };
  if (version !== VERSION_1 && version !== VERSION_2) {
    throw new ElectionHelloError(`unknown version ${version} of the hello`);
  }
  if (bytes.length < HEAD_BYTES) return undefined;
  const sid = view.getBigInt64(8);
  const length = view.getInt32(16);
  if (length < 1 || length > MAX_ADDRESS_BYTES) {
    throw new ElectionHelloError(
      `an address of ${length} bytes, 1 to ${MAX_ADDRESS_BYTES} expected`,
    );
  }
  if (bytes.length < HEAD_BYTES + length) return undefined;
  const text = textOf(bytes.subarray(HEAD_BYTES, HEAD_BYTES + length));
  const parts = version === VERSION_2 ? text.split("|") : [text];
  if (parts.length > MAX_ADDRESSES) {
    throw new ElectionHelloError(`${parts.length} addresses, at most ${MAX_ADDRESSES} expected`);
  }
  return { hello: { sid, addresses: parts.map(parseAddress) }, length: HEAD_BYTES + length };
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
