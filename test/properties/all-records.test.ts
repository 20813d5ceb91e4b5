/** Every record of ZooKeeper carries every value: against itself, by way of JSON and copies, and against the slow twin. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordArbitrary, roundTrip } from "@jute-ts/fast-check";
import { registry } from "@jute-ts/records";
import { effort } from "../effort.js";
import { checkAgreement } from "./reference-agreement.js";

const types = [...registry];

it("ZooKeeper has 72 records", () => {
  expect(types).toHaveLength(72);
});

describe.each(types.map((type) => ({ type, name: type.descriptor.fullName })))(
  "$name",
  ({ type }) => {
    it("round-trips any value", () => {
      fc.assert(roundTrip(type), { numRuns: effort(100, 20) });
    });

    it("agrees with the slow twin, bytes and values, both ways", () => {
      fc.assert(
        fc.property(recordArbitrary(type), (record) => {
          checkAgreement(type, record);
        }),
        { numRuns: effort(30, 6) },
      );
    });
  },
);
