/** What the fuzzer needs to know of a parser. How inputs come about is not a parser's business. */
import type { Random } from "./random.js";

/** Whether an input was taken, or refused with the error that the parser names. */
export type Verdict = "accepted" | "refused";

export interface FuzzedParser {
  readonly name: string;
  /** Valid inputs, from which hostile ones are made. Not empty. */
  readonly samples: readonly Uint8Array[];
  /** Texts worth inserting: keywords that blind changes would not find. */
  readonly words?: readonly string[];
  /** How many bytes of memory each byte of input may take, beside what any call may. 4 when undefined. */
  readonly memoryPerByte?: number;
  /** Makes checksums right again, so that a change gets past them. Changes the input itself. */
  readonly repair?: (input: Uint8Array) => Uint8Array;
  /**
   * Everything that is not parsing: a new decoder, a peer in one of its roles.
   * `random` decides what is free beside the input, such as where a stream is cut.
   * What is returned is measured. It throws for what is a bug.
   */
  readonly begin: (random: Random) => (input: Uint8Array) => Verdict;
}

type ErrorClass = abstract new (...parameters: never[]) => Error;

/** Runs a parser that throws one of these errors for bad input; any other comes through. */
export function verdictOf(parse: () => unknown, ...refusals: readonly ErrorClass[]): Verdict {
  try {
    parse();
    return "accepted";
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return "refused";
    throw error;
  }
}

/** Hands an input on in a few pieces, each in memory of its own that is spoilt after the call: it was only lent. */
export function inPieces(
  input: Uint8Array,
  random: Random,
  take: (piece: Uint8Array) => void,
): void {
  const most = random.pick([input.length, input.length, 64, 7]);
  // So many pieces at most that cutting does not take longer than parsing.
  const least = Math.ceil(input.length / 64);
  let at = 0;
  do {
    const size = Math.max(least, 1 + random.below(most));
    const piece = input.slice(at, at + size);
    take(piece);
    at += size;
  } while (at < input.length);
}
