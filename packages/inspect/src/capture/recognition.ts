/** Which protocol a connection speaks: by the ports that the user names, by its first bytes, by the usual ports. */
import { ByteQueue } from "../byte-queue.js";
import { plausibleRequest, plausibleResponse } from "../streams/client-format.js";
import { ElectionFormat } from "../streams/election-conversation.js";
import { fourLetterWord } from "../streams/four-letter-words.js";
import { QuorumFormat } from "../streams/quorum-conversation.js";
import { SearchBudget } from "../streams/stream.js";

/** What a connection speaks. */
export type Protocol = "client" | "quorum" | "election";

/** Ports by protocol. */
export interface ProtocolPorts {
  readonly client?: readonly number[] | undefined;
  readonly quorum?: readonly number[] | undefined;
  readonly election?: readonly number[] | undefined;
}

/** What the first bytes of the side that opened a connection say; undefined when they say nothing. `tls`: encrypted. */
export function protocolOfOpening(bytes: Uint8Array): Protocol | "tls" | undefined {
  const { length } = bytes;
  if (length < 4) return undefined;
  if (isTls(bytes)) return "tls";
  if (fourLetterWord(bytes.subarray(0, 4)) !== undefined) return "client";
  if (length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const [high, low] = [view.getInt32(0), view.getInt32(4)];
  // A hello's version: -65536 or -65535.
  if (high === -1 && (low === -65536 || low === -65535)) return "election";
  // FOLLOWERINFO or OBSERVERINFO, whose zxid is an epoch's beginning; or SASL before it.
  if ((high === 11 || high === 16) && length >= 12 && view.getInt32(8) === 0) return "quorum";
  // A frame of a ConnectRequest's length, and its protocol's version.
  const isConnect = high >= SHORTEST_CONNECT && high <= LONGEST_CONNECT && low === 0;
  return isConnect ? "client" : undefined;
}

/** The protocol of a port, by what the user names or by the usual numbers. */
export function protocolOfPort(port: number, named: ProtocolPorts): Protocol | undefined {
  return PROTOCOLS.find((protocol) => named[protocol]?.includes(port));
}

/** What the bytes of either side can be from a connection whose start was not captured. */
export function protocolOfMiddle(bytes: Uint8Array): Protocol | "tls" | undefined {
  if (isTls(bytes)) return "tls";
  const queue = new ByteQueue();
  queue.push(bytes);
  const budget = new SearchBudget();
  const notification = new ElectionFormat("opener", false, {});
  if (notification.plausible(queue, 0, budget) === true) return "election";
  if (new QuorumFormat(undefined).plausible(queue, 0, budget) === true) return "quorum";
  if (plausibleRequest(queue, 0, budget) === true) return "client";
  return plausibleResponse(queue, 0, budget, (xid) => xid > 0) === true ? "client" : undefined;
}

/** A record of TLS, versions 1.0 to 1.3: handshake or data. */
function isTls(bytes: Uint8Array): boolean {
  const [type = 0, major = 0, minor = 0] = bytes;
  return type >= 0x14 && type <= 0x17 && major === 3 && minor <= 4;
}

/** The ports of ZooKeeper's documentation. */
export const USUAL_PORTS: ProtocolPorts = { client: [2181], quorum: [2888], election: [3888] };

const PROTOCOLS: readonly Protocol[] = ["client", "quorum", "election"];

/** Without and with a password of 16 bytes, without and with `readOnly`; and more than any password. */
const SHORTEST_CONNECT = 28;
const LONGEST_CONNECT = 1024;
