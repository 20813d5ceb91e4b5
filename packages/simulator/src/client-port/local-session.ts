/** Sessions that only one server knows, as their clients see them. */
import { CreateMode, OpCode, type RequestMessage } from "@jute-ts/zookeeper";

export interface LocalSession {
  /** Whether its server makes it one of the ensemble when it creates an ephemeral. */
  readonly isUpgraded: boolean;
  /** Whether its client has ever asked for an ephemeral. */
  wantsEnsemble: boolean;
}

/** Whether a request creates an ephemeral, alone or together with others: the whole ensemble must hear of its session's end. */
export function needsEnsemble({ type, body }: RequestMessage): boolean {
  return type === OpCode.multi ? body.some(createsEphemeral) : createsEphemeral({ type, body });
}

/** Creates of containers, and of znodes with a time to live, make none, whatever they say. */
function createsEphemeral({
  type,
  body,
}: {
  readonly type: number;
  readonly body: unknown;
}): boolean {
  if (type !== OpCode.create && type !== OpCode.create2) return false;
  const { flags } = body as { readonly flags: number };
  return EPHEMERAL.has(flags);
}

const EPHEMERAL: ReadonlySet<number> = new Set([
  CreateMode.EPHEMERAL,
  CreateMode.EPHEMERAL_SEQUENTIAL,
]);
