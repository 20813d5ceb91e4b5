/** Asks a server of Apache for a reconfiguration, as an administrator's client does. */
import { once } from "node:events";
import { connect } from "node:net";
import { FrameReader } from "@jute-ts/runtime";
import {
  decodeConnectResponse,
  decodeResponse,
  describeErrorCode,
  encodeConnectRequest,
  encodeRequest,
  OpCode,
} from "@jute-ts/zookeeper";

/** Changes or adds servers, given as lines of zoo.cfg: `server.N=…`. Throws for what the server refuses. */
export async function reconfigure(
  address: { readonly host: string; readonly port: number },
  joiningServers: string,
): Promise<void> {
  const socket = connect(address);
  try {
    const frames = new FrameReader();
    const next = async (): Promise<NonNullable<ReturnType<typeof frames.next>>> => {
      for (;;) {
        const frame = frames.next();
        if (frame !== undefined) return frame;
        const [bytes] = (await once(socket, "data")) as [Uint8Array];
        frames.push(bytes);
      }
    };
    socket.write(encodeConnectRequest({ timeOut: 10_000 }, { framed: true }));
    decodeConnectResponse(await next());
    const request = { joiningServers, leavingServers: null, newMembers: null, curConfigId: -1n };
    socket.write(encodeRequest(OpCode.reconfig, 1, request, { framed: true }));
    const response = decodeResponse(OpCode.reconfig, await next());
    if (!response.ok) throw new Error(`reconfig: ${describeErrorCode(response.err)}`);
  } finally {
    socket.destroy();
  }
}
