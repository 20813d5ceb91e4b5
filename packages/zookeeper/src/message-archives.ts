/**
 * Where whole messages begin and end in the archives that records are encoded
 * and decoded with. All messages share those archives. That is safe, because
 * nothing of the caller's runs between a start and its finish: plain objects
 * are turned into records before the start.
 */
import {
  type BinaryInputArchive,
  type BinaryOutputArchive,
  finishDecoding,
  finishEncoding,
  startEncoding,
  type WriteOptions,
} from "@jute-ts/runtime";

/** How a message is written. */
export interface MessageWriteOptions extends WriteOptions {
  /**
   * Puts the message's length in front, in four bytes, as it travels on a client's
   * connection. Default false: the message alone, which is what the decoding
   * functions take and what a FrameReader yields.
   */
  readonly framed?: boolean | undefined;
}

/** An archive for one message, its frame begun if the options ask for one. */
export function startMessage(options: MessageWriteOptions | undefined): BinaryOutputArchive {
  const output = startEncoding(options);
  if (options?.framed === true) output.startFrame();
  return output;
}

/** The message as bytes that the caller owns. */
export function finishMessage(
  output: BinaryOutputArchive,
  options: MessageWriteOptions | undefined,
): Uint8Array {
  // The frame, if any, is the first thing in the archive, also after its buffer has grown.
  if (options?.framed === true) output.endFrame(output.origin);
  return finishEncoding(output);
}

/** Ends the decoding of a message whose rest does not matter. */
export function abandonDecoding(input: BinaryInputArchive): void {
  input.position = input.end;
  finishDecoding(input);
}
