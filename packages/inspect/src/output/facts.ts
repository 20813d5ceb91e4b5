/** What lines and JSON begin with, for items that come by the million: the facts of an item, without its content. */
import type { Connection, ItemFacts } from "../item.js";
import { errorName, hexLong } from "../meanings.js";
import { TimeWriter } from "../quick/time-writer.js";
import { isAnswer, itemPlace } from "./line.js";
import type { TextSink } from "./text-sink.js";

/** Writes what `itemLine` begins with: when, where from and what. An error is left to what follows. */
export function writeFactsLine(facts: ItemFacts, sink: TextSink): void {
  const { timeMs, connection, kind, name, zxid, sessionId, xid } = facts;
  const isTimed =
    timeMs !== undefined &&
    (connection === undefined ? times.write(timeMs, sink) : times.writeMicros(timeMs, sink));
  if (isTimed) sink.text("  ");
  sink.text(placeText(facts));
  sink.text("  ");
  sink.text(kind);
  if (name !== kind) {
    sink.text(" ");
    sink.text(name);
  }
  if (zxid !== undefined && zxid !== -1n) {
    sink.text(" zxid=");
    sink.text(hexLong(zxid));
  }
  if (sessionId !== undefined && sessionId !== 0n) {
    sink.text(" session=");
    sink.text(hexLong(sessionId));
  }
  if (xid !== undefined) {
    sink.text(" xid=");
    sink.decimal(xid);
  }
}

/** Writes the members that `itemJson` begins with, before the paths, with a comma after the last. */
export function writeFactsJson(facts: ItemFacts, sink: TextSink): void {
  const { timeMs, connection, sender, opCode, xid, zxid, sessionId, err, latencyMs } = facts;
  sink.text(`{"kind":"${facts.kind}","name":"${facts.name}","offset":`);
  sink.decimal(facts.offset);
  sink.text(',"length":');
  sink.decimal(facts.length);
  if (timeMs !== undefined) sink.text(`,"timeMs":${timeMs}`);
  if (connection !== undefined) sink.text(textsOf(connection).json);
  if (sender !== undefined) sink.text(`,"sender":"${sender}"`);
  if (opCode !== undefined) sink.text(`,"opCode":${opCode}`);
  if (xid !== undefined) sink.text(`,"xid":${xid}`);
  if (zxid !== undefined) sink.text(`,"zxid":"${hexLong(zxid)}"`);
  if (sessionId !== undefined) sink.text(`,"session":"${hexLong(sessionId)}"`);
  if (err !== undefined) sink.text(`,"err":${err}`);
  if (err !== undefined && err !== 0) sink.text(`,"error":"${errorName(err)}"`);
  if (latencyMs !== undefined) sink.text(`,"latencyMs":${latencyMs}`);
  sink.text(",");
}

/** Texts that all items of a connection share. */
interface ConnectionTexts {
  readonly json: string;
  readonly forward: string;
  readonly back: string;
}

function placeText(facts: ItemFacts): string {
  const { connection, sender } = facts;
  if (connection === undefined) return itemPlace(facts);
  const { forward, back } = textsOf(connection);
  return isAnswer(sender) ? back : forward;
}

function textsOf(connection: Connection): ConnectionTexts {
  let texts = connectionTexts.get(connection);
  if (texts === undefined) {
    texts = {
      json: `,"connection":${JSON.stringify(connection)}`,
      forward: itemPlace({ connection, sender: "client", offset: 0 }),
      back: itemPlace({ connection, sender: "server", offset: 0 }),
    };
    connectionTexts.set(connection, texts);
  }
  return texts;
}

const connectionTexts = new WeakMap<Connection, ConnectionTexts>();
const times = new TimeWriter();
