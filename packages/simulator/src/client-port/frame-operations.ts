/** Draws what a client of the client port does next: any request that clients may make, and some that they must not. */
import {
  AddWatchMode,
  CreateMode,
  createModeTraits,
  decodeRequest,
  encodeRequest,
  ErrorCode,
  OpCode,
  type RequestBodyInit,
  type RequestMessage,
  type RequestOpCode,
  type RequestContent,
  WatcherType,
} from "@jute-ts/zookeeper";
import {
  type ChangeBody,
  closeSessionChange,
  createChange,
  createMany,
  multiChange,
  createPart,
} from "../clients/change-requests.js";
import { EPHEMERALS, SEQUENCES } from "../clients/paths.js";
import { drawReadPath, drawWildChange, setupChanges } from "../clients/wild-operations.js";
import { LOGIN_IDS } from "../world/login-settings.js";
import type { Random } from "../world/random.js";
import type { FrameMix, FrameWorkload } from "./frame-workload.js";
import { FRAME_USERS } from "./logins/digest-users.js";
import type { Proving } from "./logins/proofs.js";

/** A request without a number. `objection`: the error that servers answer by themselves. `isFatal`: they close the connection after it. */
export interface DrawnRequest {
  readonly kind: "request";
  readonly message: RequestMessage;
  /** What follows the header. */
  readonly body: Uint8Array;
  readonly objection?: number | undefined;
  readonly isFatal?: boolean | undefined;
}

export type DrawnFrame =
  | DrawnRequest
  /** Proves to be somebody: `user:password`. */
  | { readonly kind: "auth"; readonly credentials: string }
  /** Proves to be somebody, by odd credentials. */
  | { readonly kind: "proof"; readonly proving: Proving }
  /** Proves it in another way, or tries to. */
  | { readonly kind: "login" }
  /** Goes to another server. */
  | { readonly kind: "move"; readonly gracefully: boolean }
  /** Never comes back, and begins a new session. */
  | { readonly kind: "leave" }
  /** Somebody else tries to take the session, without knowing its password. */
  | { readonly kind: "steal" }
  /** Sends what is no frame. */
  | { readonly kind: "garbage" };

export class FrameOperations {
  readonly #workload: FrameWorkload;
  readonly #name: string;
  readonly #kinds: readonly (keyof FrameMix)[];
  readonly #weights: readonly number[];
  #setup: readonly ChangeBody[];
  #count = 0;

  constructor(name: string, workload: FrameWorkload) {
    this.#name = name;
    this.#workload = workload;
    this.#setup = setupChanges(workload.setsQuotas);
    this.#kinds = Object.keys(workload.mix) as (keyof FrameMix)[];
    this.#weights = this.#kinds.map((kind) => workload.mix[kind]);
  }

  draw(random: Random): DrawnFrame {
    const [first] = this.#setup;
    if (first !== undefined) {
      this.#setup = this.#setup.slice(1);
      return this.#change(first);
    }
    switch (random.pickWeighted(this.#kinds, this.#weights)) {
      case "change":
        return this.#change(drawWildChange(random, this.#wild));
      case "sequential": {
        if (random.chance(0.15)) return this.#change(createMany(SEQUENCES, 12));
        const modes = [CreateMode.PERSISTENT_SEQUENTIAL, CreateMode.EPHEMERAL_SEQUENTIAL];
        return this.#change(createChange(`${SEQUENCES}/n-`, "", random.pick(modes)));
      }
      case "ephemeral":
        return this.#change(this.#ephemeral(random));
      case "read":
        return drawRead(random);
      case "sync":
        return request(OpCode.sync, { path: drawReadPath(random) });
      case "watch":
        return drawWatch(random);
      case "auth":
        return { kind: "auth", credentials: random.pick(FRAME_USERS).credentials };
      case "login":
        return { kind: "login" };
      case "move":
        return { kind: "move", gracefully: random.chance(0.5) };
      case "closeSession":
        return this.#change(closeSessionChange);
      case "leave":
        return { kind: "leave" };
      case "steal":
        return { kind: "steal" };
      case "garbage":
        return { kind: "garbage" };
    }
  }

  /** A write that must never be carried out, because of what was sent before it. */
  forbidden(): DrawnRequest {
    const path = `${EPHEMERALS}/forbidden-${this.#nextValue()}`;
    return this.#change(createChange(path, "", CreateMode.EPHEMERAL));
  }

  /** What shows, in the end, that nothing was missed. */
  static lastLook(): readonly DrawnRequest[] {
    return [
      request(OpCode.sync, { path: "/" }),
      request(OpCode.getChildren2, { path: "/", watch: false }),
      request(OpCode.getEphemerals, { prefixPath: "" }),
      request(OpCode.whoAmI, null),
    ];
  }

  #ephemeral(random: Random): ChangeBody {
    const path = `${EPHEMERALS}/${this.#nextValue()}`;
    if (random.chance(0.7)) return createChange(path, "", CreateMode.EPHEMERAL);
    return multiChange([
      createPart(path, "", CreateMode.EPHEMERAL),
      createPart(`${EPHEMERALS}/n-`, "", CreateMode.EPHEMERAL_SEQUENTIAL),
    ]);
  }

  #change({ opCode, body }: ChangeBody): DrawnRequest {
    const message = readMessage(opCode, body);
    const drawn = { kind: "request", message, body } as const;
    switch (opCode) {
      case OpCode.check:
      case OpCode.deleteContainer:
        return { ...drawn, objection: ErrorCode.UNIMPLEMENTED, isFatal: true };
      case OpCode.reconfig:
        return { ...drawn, objection: ErrorCode.RECONFIGDISABLED };
      default:
        return { ...drawn, objection: this.#objectionTo(message) };
    }
  }

  /** Followers of ours let nothing through to a leader that may be Apache's and could not bear it. */
  #objectionTo(message: RequestMessage): number | undefined {
    const parts = message.type === OpCode.multi ? message.body : [message];
    for (const { type, body } of parts) {
      if (body === null || !("flags" in body)) continue;
      const traits = createModeTraits(body.flags);
      if (traits === undefined) return ErrorCode.BADARGUMENTS;
      if (traits.ttl && !this.#workload.extendedTypes) return ErrorCode.UNIMPLEMENTED;
      const isOwnOp =
        traits.ttl === (type === OpCode.createTTL) &&
        traits.container === (type === OpCode.createContainer);
      if (!isOwnOp) return ErrorCode.BADARGUMENTS;
    }
    return undefined;
  }

  get #wild() {
    return {
      users: FRAME_USERS.map(({ id }) => id),
      logins: this.#workload.identity === undefined ? [] : LOGIN_IDS,
      longestTtlMs: this.#workload.longestTtlMs,
      setsQuotas: this.#workload.setsQuotas,
      asksNonsense: false,
      newValue: () => this.#nextValue(),
    };
  }

  #nextValue(): string {
    return `${this.#name}-${++this.#count}`;
  }
}

/** The bytes of a message as they travel, after their length. */
export function framed(xid: number, type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 8 + body.length);
  view.setInt32(4, xid);
  view.setInt32(8, type);
  bytes.set(body, 12);
  return bytes;
}

export function request<C extends RequestOpCode>(type: C, body: RequestBodyInit<C>): DrawnRequest {
  // What an op code needs is not known before the op code is; `body` is tied to it above.
  const bytes = encodeRequest(type, 0, ...([body] as unknown as RequestContent<C>));
  return { kind: "request", message: decodeRequest(bytes), body: bytes.subarray(8) };
}

/** A request of which only the bytes are known. */
export function encodedRequest(type: number, body: Uint8Array): DrawnRequest {
  return { kind: "request", message: readMessage(type, body), body };
}

function readMessage(type: number, body: Uint8Array): RequestMessage {
  return decodeRequest(framed(0, type, body).subarray(4));
}

/** Often the same, so that several watches meet there. */
function drawPath(random: Random): string {
  return random.chance(0.4) ? FAVOURITE : drawReadPath(random);
}

function drawRead(random: Random): DrawnRequest {
  const path = drawPath(random);
  const watch = random.chance(0.5);
  return random.pick([
    () => request(OpCode.exists, { path, watch }),
    () => request(OpCode.exists, { path, watch }),
    () => request(OpCode.getData, { path, watch }),
    () => request(OpCode.getData, { path, watch }),
    () => request(OpCode.getChildren, { path, watch }),
    () => request(OpCode.getChildren2, { path, watch }),
    () => request(OpCode.getACL, { path }),
    () => request(OpCode.getACL, { path: drawReadPath(random) }),
    () => request(OpCode.getEphemerals, { prefixPath: random.pick(["", "/", EPHEMERALS, path]) }),
    () => request(OpCode.getAllChildrenNumber, { path }),
    () => request(OpCode.whoAmI, null),
    () =>
      request(OpCode.multiRead, [
        { type: OpCode.getData, body: { path, watch: false } },
        { type: OpCode.getChildren, body: { path: drawReadPath(random), watch: false } },
        { type: OpCode.getData, body: { path: drawReadPath(random), watch: false } },
      ]),
  ])();
}

function drawWatch(random: Random): DrawnRequest {
  const path = drawPath(random);
  const kind = random.fraction();
  if (kind < 0.6) {
    const mode = random.pick([AddWatchMode.PERSISTENT, AddWatchMode.PERSISTENT_RECURSIVE]);
    return request(OpCode.addWatch, { path, mode });
  }
  const type = random.pick(Object.values(WatcherType));
  return request(kind < 0.8 ? OpCode.removeWatches : OpCode.checkWatches, { path, type });
}

/** The znode that clients ask for most. */
export const FAVOURITE = "/wild/a";
