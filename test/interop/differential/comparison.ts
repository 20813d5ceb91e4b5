/** The same random requests to two servers, one of ours and one of Apache's, and what they did differently. */
import { encodeRequest, OpCode, opCodeName, OPEN_ACL_UNSAFE } from "@jute-ts/zookeeper";
import { Random } from "../../fuzz/random.js";
import { Conversation, type Outcome } from "./conversation.js";
import { explain } from "./differences.js";
import { type RandomRequest, randomRequest, type WatchKind } from "./random-requests.js";

export interface ComparisonOptions {
  /** Client ports on this machine. */
  readonly ownPort: number;
  readonly apachePort: number;
  readonly requests: number;
  /** Equal seeds send equal requests. */
  readonly seed: number;
  /** Told now and then how many requests were sent. */
  readonly onProgress?: (sent: number) => void;
}

export interface Comparison {
  readonly sent: number;
  /** How many of them both answered with success, with an error, and by closing the connection. */
  readonly equal: { ok: number; failed: number; closed: number };
  /** By the explanation in DIVERGENCE.md. */
  readonly explained: Map<string, number>;
  /** Epoch, request, and what each has done. */
  readonly unexplained: string[];
}

/** Sends so many requests in epochs of their own znodes, session and kind of watches; a difference ends its epoch. */
export async function compareServers(options: ComparisonOptions): Promise<Comparison> {
  const comparison: Comparison = {
    sent: 0,
    equal: { ok: 0, failed: 0, closed: 0 },
    explained: new Map(),
    unexplained: [],
  };
  let sent = 0;
  for (let epoch = 0; sent < options.requests; epoch++) {
    const count = Math.min(REQUESTS_PER_EPOCH, options.requests - sent);
    sent += await runEpoch(options, epoch, count, comparison);
    options.onProgress?.(sent);
    if (comparison.unexplained.length >= MOST_DIFFERENCES) break;
  }
  return { ...comparison, sent };
}

/** Returns how many requests were sent. */
async function runEpoch(
  { ownPort, apachePort, seed }: ComparisonOptions,
  epoch: number,
  count: number,
  comparison: Comparison,
): Promise<number> {
  const random = new Random(seed, epoch);
  const pair = [new Conversation(ownPort), new Conversation(apachePort)] as const;
  const root = `/e${String(seed)}-${String(epoch)}`;
  const watchKind = random.pick<WatchKind>(["standard", "persistent", "recursive"]);
  try {
    await openBoth(pair);
    const create = { path: root, data: null, acl: [...OPEN_ACL_UNSAFE], flags: 0 };
    const first = encodeRequest(OpCode.create, 1, create);
    for (const each of pair) await each.send(first, OpCode.create);
    for (let sent = 1; sent <= count; sent++) {
      const request = randomRequest(random, sent + 1, root, watchKind);
      const goesOn = await compareOne(pair, request, epoch, comparison);
      if (!goesOn) return sent;
    }
    return count;
  } finally {
    for (const each of pair) await each.end();
  }
}

type Pair = readonly [own: Conversation, apache: Conversation];

/** False if the epoch is over. */
async function compareOne(
  pair: Pair,
  request: RandomRequest,
  epoch: number,
  comparison: Comparison,
): Promise<boolean> {
  const [own, apache] = await Promise.all(
    pair.map((each) => each.send(request.payload, request.type)),
  );
  if (own === undefined || apache === undefined) return false;
  if (isEqual(own, apache)) {
    const { equal } = comparison;
    if (own.answer === "closed") equal.closed++;
    else if (own.err === 0) equal.ok++;
    else equal.failed++;
    return own.answer !== "closed" || (await openBoth(pair));
  }
  const explanation = explain(request, own, apache);
  if (explanation === undefined) {
    comparison.unexplained.push(
      `epoch ${String(epoch)}: ${describe(request)}\n  own    ${JSON.stringify(own)}\n  apache ${JSON.stringify(apache)}`,
    );
  } else {
    comparison.explained.set(explanation, (comparison.explained.get(explanation) ?? 0) + 1);
  }
  return false;
}

function isEqual(own: Outcome, apache: Outcome): boolean {
  return own.answer === apache.answer && own.events.join("\n") === apache.events.join("\n");
}

/** Whether both have a session. */
async function openBoth(pair: Pair): Promise<boolean> {
  const [own, apache] = await Promise.all(
    pair.map((each) => each.open().catch((error: unknown) => String(error))),
  );
  if (own !== apache)
    throw new Error(`sessions: ours is ${String(own)}, Apache's ${String(apache)}`);
  return own !== "expired";
}

function describe({ type, payload, isMalformed }: RandomRequest): string {
  const name = opCodeName(type) ?? String(type);
  return `${name}${isMalformed ? ", malformed" : ""}: ${Buffer.from(payload)
    .toString("latin1")
    .replace(/[^ -~]/g, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`)}`;
}

/** Few enough that a session's timeout is not over, many enough that znodes have a history. */
const REQUESTS_PER_EPOCH = 100;
const MOST_DIFFERENCES = 50;
