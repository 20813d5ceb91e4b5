/**
 * Cycles of one ensemble, seen by its clients: they write, read, watch and hold ephemerals
 * while servers are killed, and at rest every server's tree is compared with what they
 * were told. In the end the whole history is judged.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Sid } from "@jute-ts/zookeeper";
import type { Random } from "../../fuzz/random.js";
import type { Node } from "../../interop/kit/apache-client.js";
import type { Java } from "../../interop/kit/java.js";
import type { MixedEnsemble } from "../../interop/kit/mixed-ensemble.js";
import { until } from "../../interop/kit/waiting.js";
import { type Attack, carryOut, chooseAttack } from "../attack.js";
import { DirectSessions } from "../direct-sessions.js";
import { judgeHistory } from "../judges/history.js";
import { EXPIRY_SLACK_MS, judgeTree, type TreeMoment, type TreeZnode } from "../judges/trees.js";
import { ServerTrees, Violated } from "../server-trees.js";
import type { ClientTally } from "./client-tally.js";
import { Crowd } from "./crowd.js";
import { History } from "./history.js";
import { EPHEMERALS, TURNOVER } from "./znodes.js";

export interface ClientCyclesOptions {
  readonly java: Java;
  readonly cycles: number;
  /** By `performance.now()`. */
  readonly endMs: number;
  readonly random: Random;
  readonly pauses: boolean;
  /** Of the servers. */
  readonly tickMs: number;
  readonly tally: ClientTally;
  readonly onCycle: (cycle: { readonly attack: Attack; readonly ms: number }) => void;
}

/** Starts the ensemble and attacks it again and again. Throws for what must not be. */
export async function runClientCycles(
  ensemble: MixedEnsemble,
  options: ClientCyclesOptions,
): Promise<void> {
  await ensemble.start(...ensemble.sids);
  await ensemble.ready(SETTLE_MS);
  const run = new ClientRun(ensemble, options);
  try {
    await run.begin();
    for (let cycle = 0; cycle < options.cycles && performance.now() < options.endMs; cycle++) {
      const beganMs = performance.now();
      const attack = await run.attack();
      options.tally.cycles++;
      options.onCycle({ attack, ms: performance.now() - beganMs });
    }
    await run.finish();
  } finally {
    await run.end();
  }
}

class ClientRun {
  readonly #ensemble: MixedEnsemble;
  readonly #options: ClientCyclesOptions;
  readonly #history = new History();
  readonly #crowd: Crowd;
  readonly #trees: ServerTrees;
  #calmSinceMs = performance.now();

  constructor(ensemble: MixedEnsemble, options: ClientCyclesOptions) {
    this.#ensemble = ensemble;
    this.#options = options;
    const servers = ensemble.members.flatMap(({ client }) => client ?? []);
    const seed = options.random.next();
    this.#crowd = new Crowd({ java: options.java, servers, history: this.#history, seed });
    this.#trees = new ServerTrees(ensemble, new DirectSessions(ensemble));
  }

  async begin(): Promise<void> {
    await this.#crowd.open();
  }

  /** One attack under load, and the checks of what comes after it. */
  async attack(): Promise<Attack> {
    const { random, pauses, tally } = this.#options;
    const ensemble = this.#ensemble;
    const leader = await ensemble.ready(SETTLE_MS);
    this.#crowd.begin();
    const visitor = await this.#crowd.visit();
    await delay(50 + random.below(200));
    const attack = chooseAttack(ensemble, leader, random, pauses);
    tally.attacked(attack);
    await carryOut(ensemble, attack);
    const next = await ensemble.ready(SETTLE_MS);
    if (!isHarmless(attack, leader, next)) this.#calmSinceMs = performance.now();
    await delay(100);
    await this.#crowd.leave(visitor);
    await this.#crowd.pause();
    await this.#checkTrees();
    await this.#crowd.replaceExpired();
    return attack;
  }

  /** What lasted until now is closed, what was left must end by itself, and the history is judged. */
  async finish(): Promise<void> {
    const { tally, tickMs } = this.#options;
    await this.#crowd.close();
    const [first] = this.#ensemble.sids;
    const mostMs = LONGEST_SESSION_MS + EXPIRY_SLACK_MS + 1000;
    const endMs = performance.now() + mostMs;
    await until(
      async () => {
        const nodes = await this.#trees.nodesOf(first ?? 1n, EPHEMERALS);
        return nodes.length <= 1 || performance.now() > endMs;
      },
      2 * mostMs,
      () => "the ephemerals of sessions that are over",
    );
    await this.#checkTrees();
    const { entries } = this.#history;
    const { violations, events, counted, undecided } = judgeHistory(entries, tickMs);
    refuse("the history", violations);
    tally.judged(entries);
    tally.events += events;
    tally.counted += counted;
    tally.undecided += undecided;
    tally.treeDigests += this.#trees.treeDigests;
    tally.txnDigests += this.#trees.txnDigests;
  }

  async end(): Promise<void> {
    await this.#crowd.end();
  }

  async #checkTrees(): Promise<void> {
    await this.#trees.settled();
    for (const sid of this.#ensemble.sids) {
      const moment = { atMs: performance.now(), calmSinceMs: this.#calmSinceMs };
      const znodes = (await this.#trees.nodesOf(sid, "/")).map(znodeOf);
      this.#judge(sid, znodes, moment);
      this.#options.tally.ephemerals += znodes.filter(
        ({ ephemeralOwner }) => ephemeralOwner !== 0n,
      ).length;
      if (sid === this.#ensemble.sids[0]) await this.#checkShown(znodes);
    }
  }

  #judge(sid: Sid, znodes: readonly TreeZnode[], moment: TreeMoment): void {
    refuse(`server ${sid}`, judgeTree(this.#history.entries, znodes, moment));
  }

  /** A client that watches by itself shows in the end what is there. */
  async #checkShown(znodes: readonly TreeZnode[]): Promise<void> {
    const expected = new Map(znodes.map(({ path, mzxid }) => [path, String(mzxid)]));
    const children = znodes
      .filter(({ path }) => path.startsWith(`${TURNOVER}/`))
      .map(({ path }) => path.slice(TURNOVER.length + 1));
    expected.set(TURNOVER, children.sort().join(" "));
    const wrong = (): readonly string[] =>
      this.#shownLast()
        .filter(({ path, mark }) => expected.get(path) !== mark)
        .map(
          ({ path, mark, index }) =>
            `session ${index} shows ${path} as ${mark}, not ${String(expected.get(path))}`,
        );
    const endMs = performance.now() + SHOWN_MS;
    while (wrong().length > 0 && performance.now() < endMs) await delay(20);
    refuse("what kazoo shows", wrong());
  }

  #shownLast(): readonly { index: number; path: string; mark: string }[] {
    const living = new Set(
      this.#crowd.sessions.filter(({ isOver }) => !isOver).map(({ info }) => info),
    );
    const last = new Map<string, { index: number; path: string; mark: string }>();
    for (const entry of this.#history.entries) {
      if (entry.kind !== "shown" || !living.has(entry.session)) continue;
      const {
        path,
        mark,
        session: { index },
      } = entry;
      last.set(`${index} ${path}`, { index, path, mark });
    }
    return [...last.values()];
  }
}

/** Whether the leader has led all the while. */
function isHarmless({ kind, victims }: Attack, leader: Sid, next: Sid): boolean {
  const [first, ...others] = victims;
  return kind === "kill" && first?.role === "follower" && others.length === 0 && leader === next;
}

function refuse(where: string, violations: readonly string[]): void {
  if (violations.length === 0) return;
  const lines = violations.slice(0, 20).map((violation) => `\n  ${violation}`);
  throw new Violated(`${where}: ${violations.length} violations${lines.join("")}`);
}

function znodeOf({ path, data, stat }: Node): TreeZnode {
  const fields = stat.split(",").map(BigInt);
  const [czxid = 0n, mzxid = 0n, , , version = 0n, , , ephemeralOwner = 0n] = fields;
  const value = data === "-" ? "" : Buffer.from(data, "base64").toString();
  return { path, value, version: Number(version), czxid, mzxid, ephemeralOwner };
}

const SETTLE_MS = 60_000;
const LONGEST_SESSION_MS = 10_000;
const SHOWN_MS = 10_000;
