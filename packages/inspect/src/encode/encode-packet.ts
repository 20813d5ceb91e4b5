/** Packets between servers from JSON. */
import {
  BinaryOutputArchive,
  type JsonObject,
  type JsonValue,
  type WriteOptions,
} from "@jute-ts/runtime";
import { Id, LearnerInfo, PacketType, QuorumPacket } from "@jute-ts/zookeeper";
import { utf8Bytes } from "../messages/text.js";
import { writeRequestBody } from "./encode-request-body.js";
import { encodeTxnJson } from "./encode-txn.js";
import { bytesOf, concatenated, intIn, listAt, longIn, objectAt, textIn } from "./json-reading.js";
import { opCodeOf, packetTypeOf } from "./names.js";

/** `{name, zxid, data, authinfo}`. */
export function encodePacket(message: JsonObject, options?: WriteOptions): Uint8Array {
  const type = packetTypeOf(message["name"]);
  const authinfo = message["authinfo"] ?? null;
  const packet = {
    type,
    zxid: longIn(message, "zxid", -1n),
    data: encodeData(type, message["data"] ?? null, options),
    authinfo: authinfo === null ? null : listAt(authinfo, "authinfo").map((id) => Id.fromJSON(id)),
  };
  return QuorumPacket.encode(packet, options);
}

function encodeData(
  type: number,
  json: JsonValue,
  options: WriteOptions | undefined,
): Uint8Array | null {
  // Null, and what has no layout of its own, as bytes.
  if (json === null || typeof json === "string") return bytesOf(json, "data");
  const data = objectAt(json, "data");
  const output = new BinaryOutputArchive(options);
  switch (type) {
    case PacketType.REQUEST: {
      const opCode = opCodeOf(data["op"], "data.op");
      output.writeLong(longIn(data, "sessionId"));
      output.writeInt(intIn(data, "cxid", 0));
      output.writeInt(opCode);
      writeRequestBody(output, opCode, data["body"]);
      return output.toBytes();
    }
    case PacketType.PROPOSAL:
    case PacketType.INFORM:
      return encodeTxnJson(data, options);
    case PacketType.INFORMANDACTIVATE: {
      output.writeLong(longIn(data, "designatedLeader"));
      return concatenated(output.toBytes(), encodeTxnJson(data, options));
    }
    case PacketType.PING:
      for (const each of listAt(data["sessions"], "data.sessions")) {
        const session = objectAt(each, "data.sessions");
        output.writeLong(longIn(session, "sessionId"));
        output.writeInt(intIn(session, "timeoutMs"));
      }
      return output.toBytes();
    case PacketType.REVALIDATE:
      output.writeLong(longIn(data, "sessionId"));
      if (data["valid"] === undefined) output.writeInt(intIn(data, "timeoutMs"));
      else output.writeBool(data["valid"] === true);
      return output.toBytes();
    case PacketType.COMMITANDACTIVATE:
      output.writeLong(longIn(data, "designatedLeader"));
      return output.toBytes();
    case PacketType.NEWLEADER:
      return utf8Bytes(textIn(data, "configuration") ?? "");
    case PacketType.FOLLOWERINFO:
    case PacketType.OBSERVERINFO:
      return LearnerInfo.fromJSON(data).encode(options);
    case PacketType.LEADERINFO:
      output.writeInt(intIn(data, "protocolVersion"));
      if (data["uncounted"] !== undefined) output.writeByte(intIn(data, "uncounted"));
      return output.toBytes();
    case PacketType.ACKEPOCH:
      output.writeInt(intIn(data, "currentEpoch"));
      return output.toBytes();
    default:
      return bytesOf(json, "data");
  }
}
