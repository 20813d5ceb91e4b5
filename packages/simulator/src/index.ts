/**
 * The public surface of `@jute-ts/simulator`: simulated worlds in which ensembles
 * run, from a seed or from a story, and what fills and judges them.
 */

// Runs.
export {
  runSeed,
  type Cast,
  type SeedOptions,
  type SeedResult,
  type Selection,
  type Violation,
} from "./runs/run-seed.js";
export { standardCast } from "./runs/standard-cast.js";
export { shrink, type Shrunk } from "./runs/shrink.js";
export type { Mutant } from "./runs/mutant.js";
export {
  formatScenario,
  parseScenario,
  playScenario,
  type ScenarioFile,
} from "./stories/scenario.js";
export { ScenarioError } from "./stories/stage.js";
export type { MessageEnd, TraceHappening, TraceSink, TraceTopic } from "./trace/trace.js";
export { TraceRecorder, type TraceRecorderOptions } from "./page/trace-recorder.js";
export type { PageTopic, TraceData } from "./page/trace-data.js";
export { Coverage, type CoverageArea, type CoverageCounts } from "./trace/coverage.js";

// Worlds.
export { World, type WorldOptions } from "./world/world.js";
export type { PeerKit } from "./world/peer-kit.js";
export { quorumKit } from "./world/quorum-kit.js";
export { Random } from "./world/random.js";
export {
  calmSettings,
  drawSettings,
  type EnsembleShape,
  type WorldSettings,
} from "./world/settings.js";

// What goes wrong.
export { FaultRunner } from "./faults/fault-runner.js";
export {
  FAULT_KINDS,
  type CustomFault,
  type Fault,
  type FaultyWorld,
  type PlannedFault,
} from "./faults/faults.js";
export { planFaults } from "./faults/plan-faults.js";
export { awaitRecovery, healingBoundMs, unrest } from "./faults/healing.js";

// What judges.
export { allCheckers, isJudge, protocolCheckers } from "./checkers/all-checkers.js";
export {
  InvariantViolation,
  type Checker,
  type ConnectionView,
  type DiskImage,
  type DiskView,
  type Observation,
  type PeerMachine,
  type PeerView,
  type Watch,
  type WorldView,
} from "./checkers/checker.js";
export { applied, FakeRun, sessionTxn, txnOf } from "./checkers/fake-run.js";
export { INVARIANTS, type Invariant } from "./checkers/invariants.js";
export {
  checkLinearizability,
  type LinearizabilityResult,
  type SequentialModel,
  type TimedOperation,
} from "./model/linearizability.js";

// Who asks.
export type {
  ClientAnswer,
  ClientPort,
  ClientRequest,
  OperationId,
  SimClient,
} from "./clients/client.js";
export {
  checkPart,
  closeSessionChange,
  createChange,
  createPart,
  createSessionChange,
  deleteChange,
  deletePart,
  multiChange,
  setChange,
  setPart,
  type ChangeBody,
} from "./clients/change-requests.js";
export { drawClients } from "./clients/draw-clients.js";
