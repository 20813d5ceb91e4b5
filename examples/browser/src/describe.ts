/** Says in words what a ZooKeeper request is. Nothing in it is Node's. */
import { decodeRequest, opCodeName } from "@jute-ts/zookeeper";

/** Describes the bytes of a request without its frame, given in hex. Never throws. */
export function describeRequest(hex: string): string {
  const digits = hex.replaceAll(/\s/g, "");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) return "these are no bytes in hex";
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  try {
    const { xid, type, body } = decodeRequest(bytes);
    return `request ${xid}: ${opCodeName(type)} ${JSON.stringify(body)}`;
  } catch (error) {
    return String(error);
  }
}
