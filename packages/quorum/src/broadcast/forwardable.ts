/** Which requests a server may forward to its leader: those that become txns. */
import { OpCode, opCodeName } from "@jute-ts/zookeeper";

const changes: ReadonlySet<number> = new Set<number>([
  OpCode.create,
  OpCode.create2,
  OpCode.createTTL,
  OpCode.createContainer,
  OpCode.delete,
  OpCode.deleteContainer,
  OpCode.setData,
  OpCode.setACL,
  OpCode.check,
  OpCode.multi,
  OpCode.reconfig,
  OpCode.createSession,
  OpCode.closeSession,
]);

/** Whether a request with this op code asks for a change. */
export function isForwardable(opCode: number): boolean {
  return changes.has(opCode);
}

/** Why a request with this op code is not proposed at all, as a sentence; undefined when it is. */
export function whyNotProposed(opCode: number): string | undefined {
  if (isForwardable(opCode)) return undefined;
  const name = opCodeName(opCode);
  return name === undefined
    ? `op code ${opCode} means nothing`
    : `op code ${opCode} (${name}) asks for no change: only changes are proposed`;
}
