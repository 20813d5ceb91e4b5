/**
 * One run: a world of this seed's own, a safety phase in which everything that
 * was planned goes wrong, then a healing phase after which all must be well.
 * The same seed and options give the same run, whatever ran before.
 */
import { InvariantViolation, type Checker } from "../checkers/checker.js";
import type { SimClient } from "../clients/client.js";
import type { FrameClient } from "../client-port/frame-port.js";
import type { CoverageCounts } from "../trace/coverage.js";
import { FaultRunner } from "../faults/fault-runner.js";
import type { PlannedFault } from "../faults/faults.js";
import { planFaults } from "../faults/plan-faults.js";
import { awaitRecovery, HEALING_CLIENT } from "../faults/healing.js";
import type { PeerKit } from "../world/peer-kit.js";
import type { Mutant } from "./mutant.js";
import { Random } from "../world/random.js";
import type { LoginSettings } from "../world/login-settings.js";
import { drawSettings, type WorldSettings } from "../world/settings.js";
import type { TraceSink } from "../trace/trace.js";
import { NO_TXN } from "@jute-ts/zookeeper";
import { World } from "../world/world.js";

/** What a run is made of, apart from its seed. */
export interface Cast {
  readonly kit: PeerKit;
  /** Changes what was drawn for a run, where not every world will do. The randomness is for this alone. */
  adapt?(settings: WorldSettings, random: Random): WorldSettings;
  /** New checkers for each run. */
  newCheckers(settings: WorldSettings): readonly Checker[];
  /** New clients for each run, drawn with this randomness. */
  newClients(random: Random, settings: WorldSettings): readonly SimClient[];
  /** New clients of the client port, drawn with the same randomness, and their addresses; none when it does not say. */
  newFrameClients?(
    random: Random,
    settings: WorldSettings,
  ): readonly { readonly client: FrameClient; readonly address: string }[];
  /** What must come to pass once the ensemble has healed, before the checkers have their last word. */
  afterRecovery?(world: World): void;
  /** What is judged besides, before anything happens, each with randomness of its own, by its name. Throw InvariantViolation. */
  readonly judgesBesides?: Readonly<Record<string, (random: Random) => void>>;
  /** What goes wrong in a run, within so many milliseconds; `planFaults` when it does not say. */
  planFaults?(random: Random, settings: WorldSettings, safetyMs: number): readonly PlannedFault[];
}

export interface SeedOptions {
  readonly cast: Cast;
  /** Takes the lines of the story. */
  readonly sink?: TraceSink | undefined;
  readonly mutant?: Mutant | undefined;
  /** What happens of all that was planned. Everything, when undefined. */
  readonly selection?: Selection | undefined;
}

/** A part of a run: planned faults by their ids, and operations of clients by "name#nth". */
export type Selection =
  | {
      readonly kind: "allBut";
      readonly faults: ReadonlySet<number>;
      readonly operations: ReadonlySet<string>;
    }
  | {
      readonly kind: "only";
      readonly faults: ReadonlySet<number>;
      readonly operations: ReadonlySet<string>;
    };

export interface SeedResult {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly traceHash: string;
  readonly simulatedMs: number;
  /** Events that peers handled. */
  readonly steps: number;
  readonly coverage: CoverageCounts;
  /** The whole schedule, whatever was left out. */
  readonly faults: readonly PlannedFault[];
  /** The operations that clients began, in order, whether they were left out or not. */
  readonly operations: readonly string[];
}

export interface Violation {
  readonly invariant: string;
  /** The checker that saw it; "world" for what the simulator itself watches; "crash" for an error that nobody expected. */
  readonly checker: string;
  readonly text: string;
  readonly atMs: number;
}

/** Runs a seed to its end, or to the first violation. Never throws for what peers do. */
export function runSeed(seed: number, options: SeedOptions): SeedResult {
  const restore = options.mutant?.apply();
  try {
    return run(seed, options);
  } finally {
    restore?.();
  }
}

function run(seed: number, { cast, sink, selection = EVERYTHING }: SeedOptions): SeedResult {
  const operations: string[] = [];
  let faults: readonly PlannedFault[] = [];
  let world: World | undefined;
  let violation: Violation | undefined;
  // A seed that cannot even be planned is a bug of the simulator, and no reason to end the other seeds.
  try {
    const drawn = drawSettings(Random.named(seed, "settings"));
    const settings = cast.adapt?.(drawn, Random.named(seed, "adapted settings")) ?? drawn;
    const random = Random.named(seed, "plan");
    const { safetyMs } = settings;
    const plan = cast.planFaults?.bind(cast) ?? planFaults;
    faults = plan(random, settings, safetyMs);
    const whole = new World({
      seed,
      settings,
      kit: cast.kit,
      checkers: cast.newCheckers(settings),
      sink,
      // The write that proves the healing is no part of the schedule: without it nothing is proven.
      isLeftOut: (client, nth) =>
        client !== HEALING_CLIENT && !selects(selection, "operations", `${client}#${nth}`),
      onInvoked: (client, nth) => {
        if (client !== HEALING_CLIENT) operations.push(`${client}#${nth}`);
      },
      onStopped: (process) => {
        runner.onStopped(process);
      },
    });
    world = whole;
    judgeBesides(cast, seed);
    const runner = new FaultRunner(whole, 10 * settings.peer.tickTimeMs);
    const traits = [
      ...traitsOf(settings),
      ...(cast.newFrameClients === undefined ? [] : portTraitsOf(settings)),
    ];
    for (const name of traits) whole.coverage.count("ensemble", name);
    runner.schedule(faults.filter(({ id }) => selects(selection, "faults", id)));
    startAll(whole);
    const chance = Random.named(seed, "clients");
    for (const client of cast.newClients(chance, settings)) whole.join(client);
    for (const { client, address } of cast.newFrameClients?.(chance, settings) ?? [])
      whole.joinFrames(client, address);
    whole.runUntil(safetyMs);
    runner.heal();
    whole.beginHealing();
    awaitRecovery(whole);
    cast.afterRecovery?.(whole);
    whole.judgeEnd();
  } catch (error) {
    violation = violationOf(error, world);
  }
  return {
    seed,
    violation,
    traceHash: world?.trace.hash ?? "",
    simulatedMs: world?.nowMs ?? 0,
    steps: world?.trace.steps ?? 0,
    coverage: world?.coverage.counts() ?? {},
    faults,
    operations,
  };
}

const EVERYTHING: Selection = { kind: "allBut", faults: new Set(), operations: new Set() };

function selects(selection: Selection, part: "faults", id: number): boolean;
function selects(selection: Selection, part: "operations", name: string): boolean;
function selects(
  selection: Selection,
  part: "faults" | "operations",
  key: number | string,
): boolean {
  const named: ReadonlySet<number | string> = selection[part];
  return named.has(key) === (selection.kind === "only");
}

/** Peers are not started at the same moment. */
function startAll(world: World): void {
  const random = Random.named(world.seed, "start");
  for (const process of world.processes) {
    world.queue.after(random.exponential(world.settings.peer.tickTimeMs), () => {
      if (!process.up) process.start();
    });
  }
}

/**
 * What is refused is most of what is judged there, and a stack that nobody reads costs more than the refusal.
 * So none is taken, until something ends otherwise than it should: it does so again, with its stack.
 */
function judgeBesides(cast: Cast, seed: number): void {
  const { stackTraceLimit } = V8Error;
  for (const [name, judge] of Object.entries(cast.judgesBesides ?? {})) {
    V8Error.stackTraceLimit = 0;
    try {
      judge(Random.named(seed, `besides: ${name}`));
    } catch (error) {
      V8Error.stackTraceLimit = stackTraceLimit;
      judge(Random.named(seed, `besides: ${name}`));
      throw error;
    } finally {
      V8Error.stackTraceLimit = stackTraceLimit;
    }
  }
}

/** As V8 has it: how many calls a stack tells. Other engines have no such limit, and ignore it. */
const V8Error = Error as ErrorConstructor & { stackTraceLimit: number };

function violationOf(error: unknown, world: World | undefined): Violation {
  const atMs = world?.nowMs ?? 0;
  if (error instanceof InvariantViolation) {
    return {
      invariant: error.invariant,
      checker: world?.judging ?? "world",
      text: error.message,
      atMs,
    };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { invariant: "NoCrash", checker: world?.judging ?? "crash", text, atMs };
}

/** What kind of world it is, as coverage counts it. */
function traitsOf(settings: WorldSettings): string[] {
  const { voters, observers, groups, weights, version } = settings.ensemble;
  const traits = [`${voters.length} voters`, `${observers.length} observers`];
  traits.push(groups === undefined ? "majority" : "groups");
  if (weights !== undefined && weights.size > 0) traits.push("weights");
  if (settings.isMixed) traits.push("members differ");
  if (settings.quotas !== "none") traits.push(`quotas are ${settings.quotas}`);
  if ((version ?? 0n) > 0n) traits.push("reconfigured before");
  if (settings.knowsLogins) traits.push("lists name logins");
  if (settings.neverUsedMs > 0) traits.push("unused containers end");
  if (settings.mayWipe) traits.push("disks may be replaced");
  if (settings.quorum.identifiesLearners) traits.push("identities are proven");
  if (settings.firstZxid !== NO_TXN) traits.push("disks begin full");
  return traits;
}

function portTraitsOf({ clientLimits, clientPorts }: WorldSettings): string[] {
  const { throttledRequests, connections, perAddress, total } = clientLimits;
  const traits: string[] = [...loginTraitsOf(clientPorts.logins)];
  if (throttledRequests !== Infinity) traits.push("requests are throttled");
  if (connections !== undefined) traits.push("connections are throttled");
  if (perAddress > 0) traits.push("connections of an address are limited");
  if (total > 0) traits.push("connections are limited");
  if (clientPorts.readOnlyServers) traits.push("readers are served without a leader");
  if (clientPorts.localSessions) traits.push("sessions begin locally");
  return traits;
}

function loginTraitsOf(logins: LoginSettings | undefined): string[] {
  if (logins === undefined) return [];
  const { sasl, x509, ensemble, requiredSchemes, allowsFailedSasl } = logins;
  const traits = [...requiredSchemes].map((scheme) => `${scheme} is required`);
  if (requiredSchemes.size > 1) traits.push("one of two schemes is required");
  traits.push(sasl ? "users log in" : "logins are not looked at");
  if (sasl && allowsFailedSasl) traits.push("logins may fail");
  traits.push(x509 ? "certificates are looked at" : "certificates are not looked at");
  if (ensemble) traits.push("the ensemble has names");
  return traits;
}
