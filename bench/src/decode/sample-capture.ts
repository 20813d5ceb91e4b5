/** A capture of clients that read and write, of any length: the same bytes for the same length. */
import {
  ConnectRequest,
  ConnectResponse,
  encodeRequest,
  encodeResponse,
  makeZxid,
  OpCode,
  Stat,
} from "@jute-ts/zookeeper";
import { SampleValues } from "./sample-values.js";

/** Pieces of at least `bytes` bytes together: pcap with Ethernet and IPv4, a packet for each message. */
export function* sampleCapture(bytes: number): Generator<Uint8Array, void, undefined> {
  const values = new SampleValues();
  const connections = Array.from({ length: CONNECTIONS }, (_, index) => new Dialogue(index));
  let piece = new Piece();
  piece.add(FILE_HEADER);
  let written = 0;
  let micros = 0;
  const add = (packet: Uint8Array): void => {
    micros += 37;
    piece.add(packetHeader(micros, packet.length));
    piece.add(packet);
  };
  for (const each of connections) for (const packet of each.begin(values)) add(packet);
  while (written + piece.length < bytes) {
    const dialogue = connections[values.below(connections.length)];
    for (const packet of dialogue?.exchange(values) ?? []) add(packet);
    if (piece.length < PIECE_BYTES) continue;
    written += piece.length;
    yield piece.bytes();
    piece = new Piece();
  }
  yield piece.bytes();
}

/** One connection, from its first packet on. */
class Dialogue {
  readonly #port: number;
  readonly #next = { client: 1000, server: 5000 };
  #xid = 0;
  #zxid = 0;

  constructor(index: number) {
    this.#port = 40_000 + index;
  }

  *begin(values: SampleValues): Generator<Uint8Array, void, undefined> {
    yield this.#packet("client", NO_BYTES, SYN);
    this.#next.client++;
    yield this.#packet("server", NO_BYTES, SYN | ACK);
    this.#next.server++;
    const passwd = new Uint8Array(16);
    const sessionId = values.sessionId();
    yield this.#said("client", ConnectRequest.encode({ timeOut: 30_000, passwd }));
    yield this.#said("server", ConnectResponse.encode({ timeOut: 30_000, sessionId, passwd }));
  }

  /** A request and its response: six of ten read, the others write. */
  *exchange(values: SampleValues): Generator<Uint8Array, void, undefined> {
    const xid = ++this.#xid;
    const share = values.below(10);
    const path = values.path();
    const zxid = makeZxid(1, (this.#zxid += share < 6 ? 0 : 1));
    const reply = { xid, zxid };
    if (share < 6) {
      yield this.#said("client", encodeRequest(OpCode.getData, xid, { path, watch: false }));
      const body = { data: values.data(), stat: new Stat({ czxid: zxid, mzxid: zxid }) };
      yield this.#said("server", encodeResponse(OpCode.getData, reply, body));
      return;
    }
    const data = values.data();
    yield this.#said("client", encodeRequest(OpCode.setData, xid, { path, data, version: -1 }));
    const body = { stat: new Stat({ mzxid: zxid, version: xid }) };
    yield this.#said("server", encodeResponse(OpCode.setData, reply, body));
  }

  #said(by: "client" | "server", message: Uint8Array): Uint8Array {
    const framed = new Uint8Array(message.length + 4);
    new DataView(framed.buffer).setInt32(0, message.length);
    framed.set(message, 4);
    const packet = this.#packet(by, framed, ACK);
    this.#next[by] += framed.length;
    return packet;
  }

  #packet(by: "client" | "server", payload: Uint8Array, flags: number): Uint8Array {
    const packet = new Uint8Array(HEADERS_BYTES + payload.length);
    const view = new DataView(packet.buffer);
    const [from, to] = by === "client" ? [this.#port, SERVER_PORT] : [SERVER_PORT, this.#port];
    view.setUint16(12, 0x0800);
    view.setUint8(14, 0x45);
    view.setUint16(16, 40 + payload.length);
    view.setUint16(22, 0x4006);
    view.setUint32(26, LOOPBACK);
    view.setUint32(30, LOOPBACK);
    view.setUint16(34, from);
    view.setUint16(36, to);
    view.setUint32(38, this.#next[by]);
    view.setUint32(42, this.#next[by === "client" ? "server" : "client"]);
    view.setUint16(46, 0x5000 | flags);
    view.setUint16(48, 65_535);
    packet.set(payload, HEADERS_BYTES);
    return packet;
  }
}

class Piece {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.length += part.length;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

function packetHeader(micros: number, length: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, FIRST_SECOND + Math.floor(micros / 1e6), true);
  header.setUint32(4, micros % 1e6, true);
  header.setUint32(8, length, true);
  header.setUint32(12, length, true);
  return new Uint8Array(header.buffer);
}

/** Little-endian, microseconds, Ethernet. */
const FILE_HEADER: Uint8Array = Uint8Array.from([
  0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
]);
const NO_BYTES = new Uint8Array(0);
const CONNECTIONS = 50;
const SERVER_PORT = 2181;
const LOOPBACK = 0x7f00_0001;
const HEADERS_BYTES = 54;
const FIRST_SECOND = 1_790_000_000;
const PIECE_BYTES = 1 << 20;
const SYN = 2;
const ACK = 16;
