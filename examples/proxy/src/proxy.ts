/**
 * Passes bytes between ZooKeeper's clients and a server, and tells what they mean. The bytes go
 * on as they came: what cannot be decoded is passed on, too.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { FrameReader, type JuteRecord } from "@jute-ts/runtime";
import {
  decodeConnectRequest,
  decodeConnectResponse,
  decodeEvent,
  decodeReplyHeader,
  decodeRequest,
  decodeResponse,
  describeErrorCode,
  opCodeName,
  type ResponseOpCode,
  Xid,
} from "@jute-ts/zookeeper";

/** Where the server is whose clients are listened to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Makes a server that clients can connect to in place of the target. Call its `listen`. */
export function createProxy(target: Target, print: (line: string) => void): Server {
  let connections = 0;
  return createServer((client) => {
    const name = `#${++connections}`;
    const server = connect(target);
    // What was asked and not answered yet: an answer does not say what it answers.
    const asked = new Map<number, ResponseOpCode>();
    const requests = new Listener((frame, isFirst) => {
      if (isFirst) {
        const { timeOut, sessionId } = decodeConnectRequest(frame);
        return `connects, session 0x${sessionId.toString(16)}, timeout ${timeOut} ms`;
      }
      const { xid, type, body } = decodeRequest(frame);
      asked.set(xid, type as ResponseOpCode);
      return `${xid} ${opCodeName(type)} ${describe(body)}`;
    });
    const answers = new Listener((frame, isFirst) => {
      if (isFirst) {
        const { timeOut, sessionId } = decodeConnectResponse(frame);
        return `accepts, session 0x${sessionId.toString(16)}, timeout ${timeOut} ms`;
      }
      const { xid } = decodeReplyHeader(frame);
      if (xid === Xid.notification) return `event ${String(decodeEvent(frame).event)}`;
      const type = asked.get(xid);
      if (type === undefined) return `${xid} answers what nobody asked`;
      asked.delete(xid);
      const answer = decodeResponse(type, frame);
      return `${xid} ${answer.ok ? describe(answer.body) : describeErrorCode(answer.err)}`;
    });
    passOn(client, server, (chunk) => {
      requests.hear(chunk, (line) => {
        print(`${name} > ${line}`);
      });
    });
    passOn(server, client, (chunk) => {
      answers.hear(chunk, (line) => {
        print(`${name} < ${line}`);
      });
    });
  });
}

/** Finds the frames in one direction of a connection, and gives each a line. */
class Listener {
  readonly #reader = new FrameReader();
  readonly #describe: (frame: Frame, isFirst: boolean) => string;
  #isFirst = true;
  #isLost = false;

  constructor(describe: (frame: Frame, isFirst: boolean) => string) {
    this.#describe = describe;
  }

  hear(chunk: Uint8Array, print: (line: string) => void): void {
    if (this.#isLost) return;
    try {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        print(this.#describe(frame, this.#isFirst));
        this.#isFirst = false;
      }
    } catch (error) {
      // A four-letter command, another protocol, or a message that is newer than this proxy.
      this.#isLost = true;
      print(`cannot be decoded from here on: ${String(error)}`);
    }
  }
}

type Frame = NonNullable<ReturnType<FrameReader["next"]>>;

function passOn(from: Socket, to: Socket, hear: (chunk: Uint8Array) => void): void {
  // Before the pipe: what is printed first has been passed on last.
  from.on("data", hear);
  from.pipe(to);
  // Neither side outlives the other.
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroy());
}

/** A record says what it is; a multi has a list of parts. */
function describe(body: object | null): string {
  if (body === null) return "";
  if (!Array.isArray(body)) return (body as JuteRecord).toString();
  return (body as Part[])
    .map((part) => `${opCodeName(part.type)} ${describe(part.body ?? null)}`)
    .join("; ");
}

interface Part {
  readonly type: number;
  readonly body?: object | null;
}
