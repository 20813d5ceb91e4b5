/**
 * ForwardedRequests: a server that follows lets no change through to its leader that is wrong
 * whatever the tree is, as a leader of Apache's might not bear it; and a server that leads refuses
 * such a change by a txn, as any other that fails. Which server a client is connected with says
 * the role that it had when it first answered, since connections end with it.
 */
import { ErrorCode, formatZxid } from "@jute-ts/zookeeper";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type WorldView,
} from "../../checkers/checker.js";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import type { SocketId } from "../../world/client-network.js";
import type { FrameEvent, FrameHappening } from "../frame-event.js";
import { isEagerRefusal } from "./eager-refusals.js";

type Answered = Extract<FrameEvent, { kind: "answered" }>;

export class ForwardedRequests implements Checker {
  readonly name = "forwarded-requests";
  readonly watches = ["connection", "frame"] as const;
  readonly #requests: Pick<CommittedRequests, "isLost" | "operationOf">;
  /** Whether the servers of connections lead; of those that serve. */
  readonly #areLed = new Map<SocketId, boolean>();

  constructor(requests: Pick<CommittedRequests, "isLost" | "operationOf">) {
    this.#requests = requests;
  }

  observe(observation: Observation, { peers }: WorldView): void {
    if (observation.kind === "connection" && observation.change === "answered") {
      const { role, serving } = peers.get(observation.sid)?.status ?? {};
      if (serving === true) this.#areLed.set(observation.connection, role === "leading");
    } else if (observation.kind === "frame") {
      const { happening } = observation;
      if (happening.event.kind === "closed") this.#areLed.delete(happening.connection);
      if (happening.event.kind === "answered") this.#judge(happening, happening.event);
    }
  }

  #judge({ client, connection }: FrameHappening, { request, zxid, err }: Answered): void {
    const isLed = this.#areLed.get(connection);
    if (isLed === undefined || this.#requests.isLost) return;
    if (request?.operation === undefined || !isWrongAnywhere(request.objection)) return;
    const isForwarded = this.#requests.operationOf(zxid) === request.operation;
    if (isForwarded === isLed || isEagerRefusal(zxid, err) || err === ErrorCode.THROTTLEDOP) return;
    throw new InvariantViolation(
      "ForwardedRequests",
      isLed
        ? `${client} asked a leader for what is wrong (request ${request.xid}), and no txn says so`
        : `a follower has forwarded what is wrong anywhere: request ${request.xid} of ${client} is ${formatZxid(zxid)}`,
    );
  }
}

/** Whether a change is wrong whatever the tree is: not those that depend on the session. */
function isWrongAnywhere(objection: number | undefined): boolean {
  return objection === ErrorCode.BADARGUMENTS || objection === ErrorCode.UNIMPLEMENTED;
}
