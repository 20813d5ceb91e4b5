/**
 * The public surface of `@jute-ts/quorum/sim`: simulated worlds in which ensembles
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
} from "./checker.js";
export type { ClientAnswer, ClientPort, ClientRequest, OperationId, SimClient } from "./client.js";
export { Coverage, type CoverageArea, type CoverageCounts } from "./coverage.js";
export { FaultRunner } from "./fault-runner.js";
export { FAULT_KINDS, planFaults, type Fault, type PlannedFault } from "./faults.js";
export { awaitRecovery, healingBoundMs, unrest } from "./healing.js";
export type { PeerKit } from "./kit.js";
export type { Mutant } from "./mutant.js";
export { quorumKit } from "./quorum-kit.js";
export { Random } from "./random.js";
export {
  runSeed,
  type Cast,
  type SeedOptions,
  type SeedResult,
  type Selection,
  type Violation,
} from "./run-seed.js";
export { calmSettings, drawSettings, type EnsembleShape, type WorldSettings } from "./settings.js";
export { shrink, type Shrunk } from "./shrink.js";
export { World, type WorldOptions } from "./world.js";
