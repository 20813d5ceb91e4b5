/** Requests as our own peers take them. */
import { CreateMode, CreateRequest, OpCode } from "@jute-ts/zookeeper";

/** A create for everyone. */
export function createOf(
  path: string,
  text = "",
  flags: number = CreateMode.PERSISTENT,
): { readonly opCode: number; readonly body: Uint8Array } {
  const acl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
  const body = CreateRequest.encode({ path, data: bytesOf(text), acl, flags });
  return { opCode: OpCode.create, body };
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
