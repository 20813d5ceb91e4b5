/** Gathers the story of a run for its page: lanes, what happens in them, and which message arrived where. */
import type { SeedResult } from "../runs/run-seed.js";
import type { MessageEnd, TraceHappening, TraceSink } from "../trace/trace.js";
import type { PageTopic, TraceData } from "./trace-data.js";
import { tracePage } from "./trace-page.js";

export interface TraceRecorderOptions {
  /** The page holds so many rows at most, the last ones; 200,000 by default. */
  readonly maxRows?: number | undefined;
}

/**
 * `new TraceRecorder().sink` takes the story of one run; `page` makes a page of it, one
 * HTML file that needs nothing else.
 */
export class TraceRecorder {
  readonly #maxRows: number;
  readonly #rows: TraceHappening[] = [];
  /** Rows that made room for later ones. */
  #left = 0;

  /** Takes what happens, in the order of time. Keeps twice as much as the page holds at most. */
  readonly sink: TraceSink = (_line, _topic, happening) => {
    this.#rows.push(happening);
    if (this.#rows.length >= 2 * this.#maxRows) this.#makeRoom();
  };

  constructor({ maxRows = MAX_ROWS }: TraceRecorderOptions = {}) {
    if (!Number.isInteger(maxRows) || maxRows < 1)
      throw new RangeError(`maxRows is a whole number from 1 on, not ${maxRows}`);
    this.#maxRows = maxRows;
  }

  /** The page of the run that gave this result, as the text of an HTML file. */
  page(result: Pick<SeedResult, "seed" | "simulatedMs" | "violation">): string {
    return tracePage(this.data(result));
  }

  /** What the page draws. */
  data({
    seed,
    simulatedMs,
    violation,
  }: Pick<SeedResult, "seed" | "simulatedMs" | "violation">): TraceData {
    this.#makeRoom();
    const columns = new Columns();
    for (const happening of this.#rows) columns.add(happening);
    if (violation !== undefined) {
      const { atMs, invariant, checker, text } = violation;
      columns.addViolation(atMs, `${invariant} is violated (found by: ${checker})\n${text}`);
    }
    const outcome = violation === undefined ? "no violation" : `violates ${violation.invariant}`;
    return columns.data(`Seed ${seed}: ${outcome}`, simulatedMs, this.#left);
  }

  #makeRoom(): void {
    const tooMany = this.#rows.length - this.#maxRows;
    if (tooMany <= 0) return;
    this.#rows.splice(0, tooMany);
    this.#left += tooMany;
  }
}

const MAX_ROWS = 200_000;

/** Messages under way from one end to the other; what was lost on the way makes room for what follows. */
class Underway {
  readonly #sent = new Map<string, { readonly row: number; readonly body: object | undefined }[]>();

  /** The row where the message that arrives was sent; undefined for what is sent, and where it is not known. */
  match({ isSent, way, body }: MessageEnd, row: number): number | undefined {
    const waiting = this.#sent.get(way) ?? [];
    if (isSent) {
      waiting.push({ row, body });
      if (waiting.length > MAX_UNDERWAY) waiting.shift();
      this.#sent.set(way, waiting);
      return undefined;
    }
    const at = waiting.findIndex((each) => each.body === body);
    const [found] = at < 0 ? [] : waiting.splice(at, 1);
    return found?.row;
  }
}

/** Far more than a link holds before its sender waits. */
const MAX_UNDERWAY = 4096;

class Columns {
  readonly #lanes = new Map<string, number>();
  readonly #lanesInOrder: TraceData["lanes"][number][] = [];
  readonly #texts = new Map<string, number>();
  readonly #underway = new Underway();
  readonly #atMs: number[] = [];
  readonly #lane: number[] = [];
  readonly #topic: number[] = [];
  readonly #text: number[] = [];
  readonly #arrows: number[] = [];
  readonly #faults: number[] = [];
  readonly #states: (number | string)[] = [];

  add(happening: TraceHappening): void {
    const { atMs, topic, text, message, state, isFault } = happening;
    const isByWorld = topic === "world" && state === undefined;
    const row = this.#push(atMs, this.#laneOf(happening), isByWorld ? "fault" : topic, text);
    if (isFault === true) this.#faults.push(row);
    if (state !== undefined) this.#states.push(row, state);
    const sent = message === undefined ? undefined : this.#underway.match(message, row);
    if (sent !== undefined) this.#arrows.push(sent, row);
  }

  addViolation(atMs: number, text: string): void {
    const row = this.#push(atMs, this.#laneNamed("the world", "world"), "violation", text);
    this.#faults.push(row);
  }

  data(title: string, endMs: number, left: number): TraceData {
    return {
      title,
      endMs,
      left,
      lanes: this.#lanesInOrder,
      topics: TOPICS,
      texts: [...this.#texts.keys()],
      atMs: this.#atMs,
      lane: this.#lane,
      topic: this.#topic,
      text: this.#text,
      arrows: this.#arrows,
      faults: this.#faults,
      states: this.#states,
    };
  }

  #push(atMs: number, lane: number, topic: PageTopic, text: string): number {
    let place = this.#texts.get(text);
    if (place === undefined) this.#texts.set(text, (place = this.#texts.size));
    // Thousandths of a millisecond are enough to see what came first.
    this.#atMs.push(Math.round(1000 * atMs) / 1000);
    this.#lane.push(lane);
    this.#topic.push(TOPICS.indexOf(topic));
    return this.#text.push(place) - 1;
  }

  #laneOf({ sid, client }: TraceHappening): number {
    if (client !== undefined) return this.#laneNamed(client, "client");
    return sid === undefined
      ? this.#laneNamed("the world", "world")
      : this.#laneNamed(`server ${sid}`, "server");
  }

  #laneNamed(name: string, kind: TraceData["lanes"][number]["kind"]): number {
    const key = `${kind} ${name}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.#lanes.set(key, (lane = this.#lanes.size));
      this.#lanesInOrder.push({ name, kind });
    }
    return lane;
  }
}

const TOPICS: readonly PageTopic[] = [
  "violation",
  "fault",
  "world",
  "peer",
  "packet",
  "notification",
  "file",
  "client",
  "ping",
];
