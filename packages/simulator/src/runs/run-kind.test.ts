import { expect, it } from "vitest";
import { kindOf } from "./run-kind.js";

it.each([0, 1, 1_790_000_000_000_000, Number.MAX_SAFE_INTEGER - 99])(
  "gives so many of a hundred seeds from %i on a client port as are asked for",
  (first) => {
    for (const percent of [0, 1, 25, 99, 100]) {
      const kinds = Array.from({ length: 100 }, (_, at) => kindOf(first + at, percent));
      expect(kinds.filter((kind) => kind === "client-port")).toHaveLength(percent);
    }
  },
);
