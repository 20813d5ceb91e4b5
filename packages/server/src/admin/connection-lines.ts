/** A connection of a client as `stat` and `cons` print it, each on a line of its own. */
import { OpCode } from "@jute-ts/zookeeper";
import { hex } from "./java-format.js";
import type { ConnectionSessionView, ConnectionView, LatencyView } from "./server-view.js";

/** The line without its end. `stat` prints brief lines, `cons` full ones. */
export function connectionLine(connection: ConnectionView, form: "brief" | "full"): string {
  const { interestOps, outstandingRequests, packetsReceived, packetsSent, session } = connection;
  const address = `/${socketAddress(connection)}`;
  const counts = `queued=${outstandingRequests},recved=${packetsReceived},sent=${packetsSent}`;
  const rest = form === "full" && session !== undefined ? sessionFields(session, connection) : "";
  return ` ${address}[${interestOps.toString(16)}](${counts}${rest})`;
}

function sessionFields(session: ConnectionSessionView, { establishedWallMs }: ConnectionView) {
  const { latency } = session;
  return (
    `,sid=${hex(session.sessionId)},lop=${operationName(session.lastOpCode)}` +
    `,est=${Math.round(establishedWallMs)},to=${session.timeoutMs},lcxid=${hexInt(session.lastCxid)}` +
    `,lzxid=${hex(session.lastZxid)},lresp=${Math.round(session.lastResponseMs)}` +
    `,llat=${whole(latency.lastMs)},minlat=${whole(latency.minMs)}` +
    `,avglat=${meanLatency(latency)},maxlat=${whole(latency.maxMs)}`
  );
}

/** `1.2.3.4:5678`, or `[::1]:5678`. */
export function socketAddress({
  remoteAddress,
  remotePort,
}: Pick<ConnectionView, "remoteAddress" | "remotePort">): string {
  const host = remoteAddress.includes(":") ? `[${javaIPv6(remoteAddress)}]` : remoteAddress;
  return `${host}:${remotePort}`;
}

/** Java shortens nothing: `0:0:0:0:0:0:0:1`. */
function javaIPv6(address: string): string {
  const [plain = "", zone] = address.split("%");
  const [head = "", tail] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return groups.join(":") + (zone === undefined ? "" : `%${zone}`);
}

/** What Java calls the kind of a request. */
export function operationName(opCode: number | undefined): string {
  return (opCode === undefined ? undefined : OPERATION_NAMES.get(opCode)) ?? "NA";
}

export function meanLatency({ totalMs, count }: LatencyView): number {
  return count === 0 ? 0 : Math.floor(totalMs / count);
}

/** Java's latencies are whole milliseconds. */
export function whole(ms: number): number {
  return Math.floor(ms);
}

/** A 32-bit number as Java sign-extends and prints it. */
function hexInt(value: number): string {
  return hex(BigInt(value));
}

const OPERATION_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [OpCode.createSession, "SESS"],
  [OpCode.create, "CREA"],
  [OpCode.create2, "CREA"],
  [OpCode.createTTL, "CREA"],
  [OpCode.createContainer, "CREA"],
  [OpCode.delete, "DELE"],
  [OpCode.deleteContainer, "DELE"],
  [OpCode.exists, "EXIS"],
  [OpCode.getData, "GETD"],
  [OpCode.setData, "SETD"],
  [OpCode.getACL, "GETA"],
  [OpCode.setACL, "SETA"],
  [OpCode.getChildren, "GETC"],
  [OpCode.getChildren2, "GETC"],
  [OpCode.getAllChildrenNumber, "GETACN"],
  [OpCode.getEphemerals, "GETE"],
  [OpCode.sync, "SYNC"],
  [OpCode.check, "CHEC"],
  [OpCode.ping, "PING"],
  [OpCode.multi, "MULT"],
  [OpCode.multiRead, "MLTR"],
  [OpCode.closeSession, "CLOS"],
  [OpCode.setWatches, "SETW"],
  [OpCode.setWatches2, "STW2"],
  [OpCode.addWatch, "ADDW"],
  [OpCode.checkWatches, "CHKW"],
  [OpCode.removeWatches, "REMW"],
  [OpCode.reconfig, "RECO"],
  [OpCode.whoAmI, "HOMI"],
]);
