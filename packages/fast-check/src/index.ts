/** Arbitraries and a ready round-trip property for every class that `@jute-ts/compiler` generates. */
export type { FieldValue } from "./field-value.js";
export {
  fieldArbitrary,
  recordArbitrary,
  type RecordArbitraryOptions,
} from "./record-arbitrary.js";
export { roundTrip } from "./round-trip.js";
