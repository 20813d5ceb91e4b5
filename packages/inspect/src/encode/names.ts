/** Names of ops and packets, read back. */
import { JuteJsonError, type JsonObject, type JsonValue } from "@jute-ts/runtime";
import { OpCode, PacketType } from "@jute-ts/zookeeper";

/** The op code of a message: its `opCode`, or what its `name` stands for. */
export function opCodeIn(message: JsonObject): number {
  const { opCode, name } = message;
  return typeof opCode === "number" ? opCode : opCodeOf(name, "name");
}

/** The op code that a name or number stands for. */
export function opCodeOf(json: JsonValue | undefined, path: string): number {
  if (typeof json === "number") return json;
  const code = typeof json === "string" ? (opCodes.get(json) ?? numberIn(json, "op")) : undefined;
  if (code === undefined) throw new JuteJsonError(path, "the name of an op", json);
  return code;
}

/** The packet type that a name or number stands for. */
export function packetTypeOf(json: JsonValue | undefined): number {
  if (typeof json === "number") return json;
  const type =
    typeof json === "string" ? (packetTypes.get(json) ?? numberIn(json, "packet type")) : undefined;
  if (type === undefined) throw new JuteJsonError("name", "the name of a packet type", json);
  return type;
}

/** What is shown for a number that has no name. */
function numberIn(text: string, what: string): number | undefined {
  const match = /^(.*) (-?\d{1,10})$/.exec(text);
  return match?.[1] === what ? Number(match[2]) : undefined;
}

const opCodes: ReadonlyMap<string, number> = new Map(Object.entries(OpCode));
const packetTypes: ReadonlyMap<string, number> = new Map(Object.entries(PacketType));
