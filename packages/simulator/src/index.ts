/**
 * The public surface of `@jute-ts/simulator`: simulated worlds in which ensembles
 * of this package run, from a seed or from a script.
 */
export {
  InvariantViolation,
  type Checker,
  type ConnectionView,
  type DiskImage,
  type DiskView,
  type Observation,
  type PeerMachine,
  type PeerView,
  type WorldView,
} from "./checkers/checker.js";
export type {
  ClientAnswer,
  ClientPort,
  ClientRequest,
  OperationId,
  SimClient,
} from "./clients/client.js";
export { Coverage, type CoverageArea, type CoverageCounts } from "./trace/coverage.js";
export { FaultRunner } from "./faults/fault-runner.js";
export { FAULT_KINDS, planFaults, type Fault, type PlannedFault } from "./faults/faults.js";
export { awaitRecovery, healingBoundMs, unrest } from "./faults/healing.js";
export type { PeerKit } from "./world/peer-kit.js";
export type { Mutant } from "./runs/mutant.js";
export { quorumKit } from "./world/quorum-kit.js";
export { Random } from "./world/random.js";
export {
  runSeed,
  type Cast,
  type SeedOptions,
  type SeedResult,
  type Selection,
  type Violation,
} from "./runs/run-seed.js";
export {
  calmSettings,
  drawSettings,
  type EnsembleShape,
  type WorldSettings,
} from "./world/settings.js";
export { shrink, type Shrunk } from "./runs/shrink.js";
export { World, type WorldOptions } from "./world/world.js";
