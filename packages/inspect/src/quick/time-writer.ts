/** Times by the million. Neighbours share their second, whose text is made once. */
import { timeText } from "../meanings.js";
import type { TextSink } from "../output/text-sink.js";

export class TimeWriter {
  #second = NaN;
  #secondText = "";

  /** Writes what `timeText` returns. False: it is no time, and nothing is written. */
  write(timeMs: number, sink: TextSink): boolean {
    return this.#write(timeMs, sink, false);
  }

  /** The same with microseconds. */
  writeMicros(timeMs: number, sink: TextSink): boolean {
    return this.#write(timeMs, sink, true);
  }

  #write(timeMs: number, sink: TextSink, withMicros: boolean): boolean {
    // The Date of a fraction is that of the millisecond before it.
    const whole = Math.floor(timeMs);
    if (!(whole > 0)) return false;
    const second = Math.floor(whole / 1000);
    if (second !== this.#second) {
      const text = timeText(timeMs);
      if (text === undefined) return false;
      this.#second = second;
      this.#secondText = text.slice(0, -4);
    }
    sink.text(this.#secondText);
    sink.threeDigits(whole - 1000 * second);
    if (withMicros) sink.threeDigits(Math.floor((timeMs - whole) * 1000));
    sink.text("Z");
    return true;
  }
}
