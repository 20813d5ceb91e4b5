/** Which requests a server may forward to its leader: those that become txns. */
import { OpCode } from "@jute-ts/zookeeper";

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
