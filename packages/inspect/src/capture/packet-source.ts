/** What all capture formats hold: packets, each with its time and the layer at which it was taken. */
export interface CapturedPacket {
  /** Milliseconds since 1970; undefined where the format does not say. */
  readonly timeMs: number | undefined;
  /** A LINKTYPE number of the pcap formats. */
  readonly linkType: number;
  /** Borrowed. As much of the packet as was captured. */
  readonly bytes: Uint8Array;
  /** How many bytes it had. */
  readonly originalLength: number;
}

/** Reads numbers in the byte order of a file. */
export class OrderedView {
  readonly #view: DataView;
  readonly #isLittle: boolean;

  constructor(bytes: Uint8Array, isLittle: boolean) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isLittle = isLittle;
  }

  /** An unsigned 16-bit number. */
  short(at: number): number {
    return this.#view.getUint16(at, this.#isLittle);
  }

  /** An unsigned 32-bit number. */
  int(at: number): number {
    return this.#view.getUint32(at, this.#isLittle);
  }
}

/** No packet of any network is longer; capture programs have this limit, too. */
export const MAX_PACKET_BYTES = 262_144;
