/**
 * One direction of a TCP connection: its bytes in order, each once, from segments that
 * come twice, in any order, or not at all. What is missing becomes a gap when nothing
 * can fill it any more.
 */

/** What comes out, in order. */
export type TcpPiece =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly timeMs: number | undefined }
  | { readonly kind: "gap"; readonly length: number; readonly timeMs: number | undefined };

interface Waiting {
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly cutBytes: number;
  readonly timeMs: number | undefined;
}

export class TcpDirection {
  /** The number of the next byte; undefined before the first. */
  #next: number | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** How many segments have come since the first one that waits. */
  #patience = 0;
  #fin: number | undefined;
  #startsLost = false;
  #ended = false;

  /** Whether bytes before the first were not captured. */
  get startsLost(): boolean {
    return this.#startsLost;
  }

  /** Whether the sender has said that it is done, and all that it sent has come. */
  get ended(): boolean {
    return this.#ended;
  }

  get heldBytes(): number {
    return this.#waitingBytes;
  }

  /** The connection begins: data starts after this number. A SYN that comes again changes nothing. */
  begin(sequence: number): void {
    this.#next ??= (sequence + 1) | 0;
  }

  /** Whether a SYN with this number begins another connection. */
  isOther(sequence: number): boolean {
    if (this.#next === undefined) return false;
    const distance = (this.#next - ((sequence + 1) | 0)) | 0;
    // A SYN that is sent again has the number of before; the stream may have gone on since.
    return distance < 0 || distance > RECENT_BYTES;
  }

  /** Takes a segment, and returns what is in order now. */
  push(
    sequence: number,
    payload: Uint8Array,
    cutBytes: number,
    timeMs: number | undefined,
  ): TcpPiece[] {
    const pieces: TcpPiece[] = [];
    if (payload.length + cutBytes === 0) return pieces;
    if (this.#next === undefined) {
      this.#next = sequence;
      this.#startsLost = true;
    }
    this.#take({ sequence, payload, cutBytes, timeMs }, pieces);
    if (this.#waiting.length > 0 && ++this.#patience >= PATIENCE) this.#giveUp(pieces, timeMs);
    while (this.#waitingBytes > MOST_WAITING_BYTES) this.#giveUp(pieces, timeMs);
    this.#checkEnd();
    return pieces;
  }

  /** The other side has received everything before this number: what was not captured until now will never be. */
  acknowledged(sequence: number, timeMs: number | undefined): TcpPiece[] {
    const pieces: TcpPiece[] = [];
    const [first] = this.#waiting;
    if (first === undefined || this.#next === undefined) return pieces;
    const isPast = ((sequence - first.sequence) | 0) > 0;
    if (isPast && ++this.#patience >= PATIENCE_AFTER_ACK) this.#giveUp(pieces, timeMs);
    this.#checkEnd();
    return pieces;
  }

  /** The sender ends its stream in front of this number. */
  finish(sequence: number): void {
    this.#fin = sequence;
    this.#next ??= sequence;
    this.#checkEnd();
  }

  /** No more segments come: gives out what waits, with the gaps before it. */
  flush(timeMs: number | undefined): TcpPiece[] {
    const pieces: TcpPiece[] = [];
    while (this.#waiting.length > 0) this.#giveUp(pieces, timeMs);
    this.#ended = true;
    return pieces;
  }

  #take(segment: Waiting, pieces: TcpPiece[]): void {
    if (((segment.sequence - (this.#next ?? 0)) | 0) > 0) {
      this.#wait(segment);
      return;
    }
    this.#deliver(segment, pieces);
    this.#takeWaiting(pieces);
  }

  /** Gives out what is new in a segment that does not begin after the next byte. */
  #deliver(segment: Waiting, pieces: TcpPiece[]): void {
    const known = ((this.#next ?? 0) - segment.sequence) | 0;
    const size = segment.payload.length + segment.cutBytes;
    if (known >= size) return;
    const { timeMs } = segment;
    const bytes = segment.payload.subarray(known);
    const cut = Math.min(segment.cutBytes, size - known);
    if (bytes.length > 0) pieces.push({ kind: "bytes", bytes, timeMs });
    if (cut > 0) pieces.push({ kind: "gap", length: cut, timeMs });
    this.#next = (segment.sequence + size) | 0;
  }

  #takeWaiting(pieces: TcpPiece[]): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || ((first.sequence - (this.#next ?? 0)) | 0) > 0) return;
      this.#waiting.shift();
      this.#waitingBytes -= first.payload.length + OVERHEAD_BYTES;
      if (this.#waiting.length === 0) this.#patience = 0;
      this.#deliver(first, pieces);
    }
  }

  #wait(segment: Waiting): void {
    // Segments nearly always come in order, so the place is near the end.
    let at = this.#waiting.length;
    while (at > 0 && (((this.#waiting[at - 1]?.sequence ?? 0) - segment.sequence) | 0) > 0) at--;
    // The packet's memory goes with the chunk that it came in.
    const payload = segment.payload.slice();
    this.#waiting.splice(at, 0, { ...segment, payload });
    this.#waitingBytes += payload.length + OVERHEAD_BYTES;
    if (this.#waiting.length === 1) this.#patience = 0;
  }

  #giveUp(pieces: TcpPiece[], timeMs: number | undefined): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#next === undefined) return;
    const length = (first.sequence - this.#next) >>> 0;
    if (length > 0) pieces.push({ kind: "gap", length, timeMs: first.timeMs ?? timeMs });
    this.#next = first.sequence;
    this.#patience = 0;
    this.#takeWaiting(pieces);
  }

  #checkEnd(): void {
    if (this.#fin !== undefined && this.#next === this.#fin) this.#ended = true;
  }
}

/** So many later segments, and a missing one is not expected any more. */
const PATIENCE = 256;
/** The same when the receiver has acknowledged it: only captures of several queues mix the order. */
const PATIENCE_AFTER_ACK = 16;

const MOST_WAITING_BYTES: number = 4 << 20;

/** What a segment that waits costs besides its bytes. */
const OVERHEAD_BYTES = 128;

/** A connection that has sent so many bytes is not opened again by the same SYN. */
const RECENT_BYTES = 65_536;
