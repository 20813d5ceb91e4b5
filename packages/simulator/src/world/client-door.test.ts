import { encodeConnectRequest, OpCode, Xid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { framed } from "../client-port/frame-operations.js";
import { ClientDoor } from "./client-door.js";

const opened = { kind: "opened", connection: 7, address: "10.0.0.1", port: 99 } as const;

/** A frame as it travels. */
function frame(...ints: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * ints.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 4 * ints.length);
  for (const [at, int] of ints.entries()) view.setInt32(4 + 4 * at, int);
  return bytes;
}

/** xid, zxid, error code, and what follows. */
const reply = (xid: number, zxid: number, ...body: readonly number[]): Uint8Array =>
  frame(xid, zxid < 0 ? -1 : 0, zxid, 0, ...body);

const hello = frame(
  ...new Uint32Array(
    encodeConnectRequest({
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeOut: 4000,
      sessionId: 0n,
      passwd: new Uint8Array(16),
      readOnly: false,
    }).length >> 2,
  ),
);

/** Protocol version, timeout and session 5. */
const welcome = frame(0, 4000, 0, 5, 0);

/** An auth packet, with what it says. */
const auth = (scheme: string, name: string): Uint8Array => {
  const text = (value: string): number[] => [
    ...[0, 0, 0, value.length],
    ...Array.from(value, (letter) => letter.charCodeAt(0)),
  ];
  const body = Uint8Array.of(0, 0, 0, 0, ...text(scheme), ...text(name));
  return framed(Xid.auth, OpCode.auth, body);
};

class History {
  readonly door = new ClientDoor();
  nowMs = 0;

  constructor() {
    this.door.happened(opened, this.#clock, true);
    this.receive(hello);
    this.send(welcome);
  }

  get connection() {
    const [connection] = this.door.connections;
    if (connection === undefined) throw new Error("there is no connection");
    return connection;
  }

  receive(bytes: Uint8Array): void {
    this.door.happened({ kind: "received", connection: 7, bytes }, this.#clock, true);
  }

  send(bytes: Uint8Array, isPrompt = true): void {
    this.door.wentOut(7, bytes, this.nowMs, isPrompt);
  }

  get #clock() {
    return { nowMs: this.nowMs, wallMs: 1_600_000_000_000 + this.nowMs };
  }
}

describe("ClientDoor", () => {
  it("counts frames, however they are cut, and tells answers from events", () => {
    const history = new History();
    const request = framed(3, OpCode.exists, new Uint8Array(5));
    for (const byte of request) history.receive(Uint8Array.of(byte));
    history.nowMs = 4;
    history.send(reply(Xid.notification, -1, 3, 3, 0));
    history.send(reply(Xid.notification, 8, 3, 3, 0));
    history.send(reply(3, 9));
    expect(history.connection).toMatchObject({
      framesIn: 2,
      requestBytesIn: request.length,
      framesOut: 4,
      eventsOut: 2,
      session: { id: 5n, timeoutMs: 4000 },
      lastAnswer: { type: OpCode.exists, zxid: 9n },
      lastXid: 3,
      latency: { count: 2, lastMs: 4, totalMs: 4, isExact: true },
    });
    // What was missed belongs to no change.
    expect([...history.door.totals.eventsOut]).toEqual([[3, 1]]);
    expect(history.door.totals).toMatchObject({ framesOut: 4, answers: 1, sessionsGiven: 1 });
  });

  it.each<[string, (history: History) => void]>([
    [
      "was not taken when it came",
      ({ door }) => {
        door.isRead(7, false, 0);
      },
    ],
    [
      "was sent later than it was made",
      (history) => {
        history.send(reply(3, 9), false);
      },
    ],
  ])("knows no exact latency of what %s", (_what, happens) => {
    const history = new History();
    history.receive(framed(3, OpCode.exists, new Uint8Array(5)));
    happens(history);
    history.send(reply(3, 9));
    expect(history.connection.latency.isExact).toBe(false);
  });

  it("begins to count again where its operator does", () => {
    const history = new History();
    history.receive(framed(3, OpCode.exists, new Uint8Array(5)));
    history.receive(framed(4, OpCode.exists, new Uint8Array(5)));
    history.send(reply(3, 9));
    history.door.reset([2]);
    const { latency, ...connection } = history.connection;
    expect(connection).toMatchObject({
      ...{ framesIn: 3, framesInBefore: 2, framesOut: 2, framesOutBefore: 2 },
      ...{ lastOpCode: undefined, lastXid: 3 },
    });
    expect(latency.count).toBe(0);
    history.nowMs = 5;
    history.send(reply(4, 9));
    expect(history.connection).toMatchObject({ lastOpCode: OpCode.exists, lastXid: 4 });
    expect(history.connection.latency).toMatchObject({ count: 1, totalMs: 5 });
  });

  it("tells how much was written before an answer, and which requests are not answered", () => {
    const history = new History();
    const request = framed(3, OpCode.exists, new Uint8Array(5));
    for (let nth = 0; nth < 4; nth += 1) history.receive(request);
    // What an event has does not count, nor what the last answer has.
    const event = reply(Xid.notification, 8, 3, 3, 0);
    history.send(Buffer.concat([reply(3, 9), event, reply(3, 9), reply(3, 9)]));
    expect(history.door.takeUnsentBytes()).toBe(2 * reply(3, 9).length);
    expect(history.door.takeUnsentBytes()).toBe(0);
    expect(history.door.unansweredLengths()).toEqual([request.length - 4]);
    history.door.isRead(7, false, history.nowMs);
    expect(history.door.unansweredLengths()).toEqual([]);
  });

  it("tells reads from changes, and counts who has said who it is", () => {
    const history = new History();
    const asks = (bytes: Uint8Array, answer: Uint8Array, ms: number): void => {
      history.receive(bytes);
      history.nowMs += ms;
      history.send(answer);
    };
    const refused = frame(Xid.auth, 0, 0, -115);
    asks(framed(3, OpCode.exists, new Uint8Array(5)), reply(3, 9), 2);
    asks(framed(4, OpCode.delete, new Uint8Array(5)), reply(4, 9), 7);
    asks(framed(5, OpCode.delete, new Uint8Array(5)), frame(5, 0, 9, -101), 1);
    asks(auth("digest", "a:b"), reply(Xid.auth, 0), 1);
    asks(auth("ensemble", "right"), reply(Xid.auth, 0), 1);
    asks(auth("ensemble", ""), reply(Xid.auth, 0), 1);
    asks(auth("ensemble", "unknown"), refused, 1);
    history.receive(auth("ensemble", "other"));
    history.receive(auth("ensembles", "other"));
    expect(history.door.totals).toMatchObject({
      ...{ answers: 7, readAnswers: 5, updateAnswers: 1 },
      ...{ authsIn: 6, authsAccepted: 3, authsRefused: 1 },
      ensembles: { named: { came: 3, taken: 1 }, unnamed: { came: 1, taken: 1 } },
    });
    // The answer to the first frame took no time.
    expect(history.connection.latency).toMatchObject({ minMs: 0, maxMs: 7 });
    history.door.reset([10]);
    expect(history.connection.latency).toMatchObject({ minMs: Infinity, maxMs: 0 });
  });

  it("knows who comes from the server's own machine", () => {
    const { door } = new History();
    const addresses = ["127.0.0.1", "127.9.9.9", "0:0:0:0:0:0:0:1", "12.7.0.1", "0:0:0:0:0:0:0:12"];
    for (const [at, address] of addresses.entries())
      door.happened({ ...opened, connection: 8 + at, address }, { nowMs: 0, wallMs: 0 }, true);
    expect(door.totals).toMatchObject({ openedPlain: 6, openedOwn: 3 });
  });

  it("looks for no more frames after a length that cannot be", () => {
    const history = new History();
    history.receive(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0));
    expect(history.connection.framesIn).toBe(1);
  });

  it("tells who has ended a connection", () => {
    const history = new History();
    history.door.closed(7);
    expect([...history.door.connections]).toEqual([]);
    expect(history.door.totals).toMatchObject({ opened: 1, dropped: 0 });
    const other = new History();
    other.door.happened({ kind: "disconnected", connection: 7 }, { nowMs: 1, wallMs: 1 }, false);
    expect(other.door.totals).toMatchObject({ dropped: 1, perhapsClosed: 1 });
  });
});
