/** Cuts a stream of bytes into the frames that it consists of, each with its length in front. */
export class FrameCutter {
  #left = new Uint8Array(0);
  #isBroken = false;

  /** `onFrame`: called with each frame that is complete, without its length; the bytes are lent. */
  push(bytes: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
    if (this.#isBroken) return;
    let stream = bytes;
    if (this.#left.length > 0) {
      stream = new Uint8Array(this.#left.length + bytes.length);
      stream.set(this.#left);
      stream.set(bytes, this.#left.length);
    }
    let at = 0;
    while (stream.length - at >= LENGTH_BYTES) {
      const length = new DataView(stream.buffer, stream.byteOffset + at).getInt32(0);
      // After a length that cannot be, nobody knows where the next frame begins.
      this.#isBroken = length < 0;
      const end = at + LENGTH_BYTES + length;
      if (this.#isBroken || end > stream.length) break;
      onFrame(stream.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    this.#left = stream.slice(at);
  }
}

const LENGTH_BYTES = 4;
