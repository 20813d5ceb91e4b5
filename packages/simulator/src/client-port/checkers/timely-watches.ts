/**
 * TimelyWatches: a client hears of every change that it watches, of each once and in
 * their order, of no other, and before any answer that shows the tree after it; of
 * none that the znode's access control list hides from it. Watches that are set
 * again tell at once what was missed.
 */
import {
  ErrorCode,
  EventType,
  formatZxid,
  OpCode,
  Perms,
  type RequestBody,
  type Zxid,
} from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type WorldView,
} from "../../checkers/checker.js";
import { isPermitted } from "../../model/access-model.js";
import type { ZnodeModel } from "../../model/znode-model.js";
import type { FrameEvent, FrameHappening } from "../frame-event.js";
import { KnownIds } from "./known-ids.js";
import { type ModelEvent, WatchModel } from "./watch-model.js";
import type { GhostZnodeChanges } from "./znode-changes.js";

interface Expected extends ModelEvent {
  readonly zxid: Zxid;
  /** What may come in any order has the same group. */
  readonly group: number | undefined;
  /** Whether it may be missing: nobody knows whether the server knew its client by then. */
  readonly isOptional: boolean;
}

interface Connection {
  readonly watches: WatchModel;
  readonly ids: KnownIds;
  /** How many txns are taken into account. */
  taken: number;
  /** Events that must have come before the next answer, oldest first. */
  expected: Expected[];
  /** Whether its server shows what the ensemble has not agreed on: then nobody knows what is right. */
  isUnknown: boolean;
  /** Whether its client was told that it watches too much: then it is closed. */
  isOver: boolean;
  /** Events of no txn: what was missed. */
  missed: { readonly type: number; readonly path: string }[];
}

type SetWatches = RequestBody<typeof OpCode.setWatches | typeof OpCode.setWatches2>;

export class TimelyWatches implements Checker {
  readonly name = "timely-watches";
  readonly watches = ["frame"] as const;
  readonly #requests: CommittedRequests;
  readonly #changes: GhostZnodeChanges;
  readonly #connections = new Map<number, Connection>();

  constructor(requests: CommittedRequests, changes: GhostZnodeChanges) {
    this.#requests = requests;
    this.#changes = changes;
  }

  observe(observation: Observation, { peers }: WorldView): void {
    if (observation.kind !== "frame" || this.#requests.isLost) return;
    const { sid, happening } = observation;
    const { event, connection: id } = happening;
    let connection = this.#connections.get(id);
    if (connection === undefined) {
      connection = {
        watches: new WatchModel(peers.get(sid)?.clientRules?.maxWatchSize),
        ids: new KnownIds(),
        taken: 0,
        expected: [],
        missed: [],
        isUnknown: false,
        isOver: false,
      };
      this.#connections.set(id, connection);
    }
    if (happening.isReader === true && "zxid" in event && event.zxid > 0n)
      connection.isUnknown ||= !this.#requests.isAgreed(event.zxid);
    if (connection.isUnknown && event.kind !== "closed") return;
    switch (event.kind) {
      case "asked":
        connection.ids.onAsked(event.request);
        return;
      case "event":
        this.#onEvent(happening, connection, event);
        return;
      case "answered":
        this.#onAnswer(happening, connection, event);
        return;
      case "closed":
        this.#connections.delete(id);
        return;
      default:
        return;
    }
  }

  #onEvent(
    { client }: FrameHappening,
    connection: Connection,
    { zxid, type, path }: Extract<FrameEvent, { kind: "event" }>,
  ): void {
    if (zxid < 0n) {
      connection.missed.push({ type, path });
      return;
    }
    this.#advance(connection, zxid);
    const { expected } = connection;
    const at = placeOf(
      expected,
      (each) => each.type === type && each.path === path && each.zxid === zxid,
    );
    if (at === undefined)
      throw violation(
        `${client} is notified ${describe({ type, path })} at ${formatZxid(zxid)}, where ${next(expected)}`,
      );
    // What may be missing and should have come before is missing.
    const [found] = expected.splice(at, 1);
    connection.expected = expected.filter(
      (each, index) => index >= at || (found?.group !== undefined && each.group === found.group),
    );
  }

  #onAnswer(
    { client }: FrameHappening,
    connection: Connection,
    { request, zxid, xid, err }: Extract<FrameEvent, { kind: "answered" }>,
  ): void {
    if (request === undefined) return;
    const { ids, watches } = connection;
    if (connection.isOver)
      throw violation(
        `${client} is answered request ${xid}, and was told that it watches too much`,
      );
    // Changes may be answered so for other reasons.
    const isTooMuch = err === ErrorCode.THROTTLEDOP && request.operation === undefined;
    connection.isOver = isTooMuch;
    if (zxid > 0n) {
      this.#advance(connection, zxid);
      this.#judgeMissing(client, connection, xid, zxid);
      ids.onState();
    }
    const { message } = request;
    const setsAgain = message.type === OpCode.setWatches2 || message.type === OpCode.setWatches;
    if (setsAgain && (err === 0 || isTooMuch))
      this.#setAgain(client, connection, message.body, zxid, isTooMuch);
    else if (connection.missed.length > 0)
      throw violation(
        `${client} is notified of something that it has missed, without having asked`,
      );
    ids.onAnswered(request, err);
    // What makes no sense changes nothing.
    if (request.objection === ErrorCode.MARSHALLINGERROR) return;
    // Nobody has looked at it.
    if (request.isRefused === true) return;
    const right = setsAgain ? err : watches.onAnswer(message, err);
    if (right === undefined ? isTooMuch : right !== err)
      throw violation(
        `${client}: request ${xid} about watches has error ${err}, where ${right ?? "another"} is right`,
      );
  }

  /** Takes all txns up to this one into account. */
  #advance(connection: Connection, zxid: Zxid): void {
    const { watches, ids, taken } = connection;
    if (watches.isEmpty) {
      connection.taken = Math.max(taken, this.#changes.countUpTo(zxid));
      return;
    }
    for (const txn of this.#changes.between(taken, zxid)) {
      connection.taken += 1;
      const group = txn.isUnordered ? connection.taken : undefined;
      for (const change of txn.changes)
        for (const event of watches.fire(change)) {
          if (!isPermitted(event.acl, Perms.READ, ids.possible)) continue;
          const isOptional = !isPermitted(event.acl, Perms.READ, ids.certain);
          connection.expected.push({ ...event, zxid: txn.zxid, group, isOptional });
        }
    }
  }

  #judgeMissing(client: string, connection: Connection, xid: number, zxid: Zxid): void {
    const missing = connection.expected.find(
      ({ isOptional, zxid: at }) => !isOptional && at <= zxid,
    );
    if (missing !== undefined)
      throw violation(
        `${client} is answered request ${xid} at ${formatZxid(zxid)}, and was not notified ${describe(missing)} at ${formatZxid(missing.zxid)}`,
      );
    connection.expected = connection.expected.filter(({ zxid: at }) => at > zxid);
  }

  /** What was missed is told once, and nothing else; the rest is watched from now on. */
  #setAgain(
    client: string,
    connection: Connection,
    body: SetWatches,
    zxid: Zxid,
    isTooMuch: boolean,
  ): void {
    const { ids, watches } = connection;
    const expected: Expected[] = [];
    let fits = true;
    const decide = (
      paths: readonly (string | null)[] | null,
      typeOf: (znode: ZnodeModel | undefined) => number | undefined,
      watch: (path: string) => boolean,
    ): void => {
      for (const path of paths ?? []) {
        if (path === null) continue;
        const znode = this.#requests.tree.znode(path, zxid);
        const type = typeOf(znode);
        if (type === undefined) {
          fits &&= watch(path);
          continue;
        }
        const acl = znode?.acl ?? [];
        if (!isPermitted(acl, Perms.READ, ids.possible)) continue;
        const isOptional = !isPermitted(acl, Perms.READ, ids.certain);
        expected.push({ type, path, acl, zxid, group: undefined, isOptional });
      }
    };
    const { relativeZxid } = body;
    decide(
      body.dataWatches,
      (znode) => {
        if (znode === undefined) return EventType.NodeDeleted;
        return znode.mzxid > relativeZxid ? EventType.NodeDataChanged : undefined;
      },
      (path) => watches.watchData(path),
    );
    decide(
      body.existWatches,
      (znode) => (znode === undefined ? undefined : EventType.NodeCreated),
      (path) => watches.watchData(path),
    );
    decide(
      body.childWatches,
      (znode) => {
        if (znode === undefined) return EventType.NodeDeleted;
        return znode.pzxid > relativeZxid ? EventType.NodeChildrenChanged : undefined;
      },
      (path) => watches.watchChildren(path),
    );
    if ("persistentWatches" in body) {
      for (const path of body.persistentWatches ?? [])
        fits &&= watches.watchPersistently(path ?? "");
      for (const path of body.persistentRecursiveWatches ?? [])
        fits &&= watches.watchRecursively(path ?? "");
    }
    if (fits === isTooMuch)
      throw violation(`${client} is told that it watches ${fits ? "too" : "not too"} much`);
    if (isTooMuch) expected.length = 0;
    const left = [...expected];
    for (const { type, path } of connection.missed.splice(0)) {
      const at = placeOf(left, (each) => each.type === type && each.path === path);
      if (at === undefined)
        throw violation(
          `${client} is told that it missed ${describe({ type, path })}, where ${next(left)}`,
        );
      left.splice(0, at + 1);
    }
    const missing = left.find(({ isOptional }) => !isOptional);
    if (missing !== undefined)
      throw violation(`${client} is not told that it missed ${describe(missing)}`);
  }
}

/** Where an event stands that may come now: only what may be missing, or is of its group, stands before it. */
function placeOf(
  expected: readonly Expected[],
  isIt: (event: Expected) => boolean,
): number | undefined {
  const at = expected.findIndex(isIt);
  const found = expected[at];
  if (found === undefined) return undefined;
  const isNext = expected
    .slice(0, at)
    .every(({ isOptional, group }) => isOptional || (group !== undefined && group === found.group));
  return isNext ? at : undefined;
}

function next(expected: readonly Expected[]): string {
  const [first] = expected;
  return first === undefined
    ? "nothing was to be told"
    : `${describe(first)} at ${formatZxid(first.zxid)} was to be told next`;
}

function describe({ type, path }: { readonly type: number; readonly path: string }): string {
  return `of event ${type} of ${path}`;
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("TimelyWatches", text);
}
