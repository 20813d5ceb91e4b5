/** What follows the header of a request, from JSON: in requests of clients and in those that servers pass on. */
import { type BinaryOutputArchive, JuteJsonError, type JsonValue } from "@jute-ts/runtime";
import {
  isMultiOpCode,
  MultiHeader,
  type MultiOpCode,
  multiOperationRecordType,
  requestRecordType,
} from "@jute-ts/zookeeper";
import { listAt, objectAt } from "./json-reading.js";
import { opCodeOf } from "./names.js";

/** Writes what follows the header of a request with this op code. */
export function writeRequestBody(
  output: BinaryOutputArchive,
  opCode: number,
  body: JsonValue | undefined,
): void {
  if (isMultiOpCode(opCode)) {
    writeOperations(output, opCode, body);
    return;
  }
  const type = requestRecordType(opCode);
  if (type === undefined) throw new JuteJsonError("name", "an op that requests have", opCode);
  if (type !== null) output.writeRecord(type.fromJSON(body ?? {}));
}

function writeOperations(
  output: BinaryOutputArchive,
  op: MultiOpCode,
  body: JsonValue | undefined,
): void {
  listAt(body, "body").forEach((part, index) => {
    const operation = objectAt(part, `body[${index}]`);
    const opCode = opCodeOf(operation["op"], `body[${index}].op`);
    const type = multiOperationRecordType(op, opCode);
    if (type === undefined) {
      throw new JuteJsonError(`body[${index}].op`, "an op that a multi can have", operation["op"]);
    }
    output.writeRecord(new MultiHeader({ type: opCode, done: false, err: UNUSED_ERROR }));
    output.writeRecord(type.fromJSON(operation["body"] ?? {}));
  });
  output.writeRecord(END_OF_PARTS);
}

/** What Java writes where an error code has no meaning. */
const UNUSED_ERROR = -1;

/** Ends the parts of a multi. */
export const END_OF_PARTS: MultiHeader = new MultiHeader({
  type: -1,
  done: true,
  err: UNUSED_ERROR,
});
