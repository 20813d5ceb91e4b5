/**
 * Loads our packages as users get them, and on request a second copy of them that
 * finds no Buffer while it loads, as in a browser. Both copies then run in one
 * process, so that their ratio can be taken round by round.
 */
import { register } from "node:module";
import type * as dataModule from "@jute-ts/records/data";
import type * as protoModule from "@jute-ts/records/proto";
import type * as quorumModule from "@jute-ts/records/quorum";
import type * as runtimeModule from "@jute-ts/runtime";
import type * as codegenModule from "@jute-ts/runtime/codegen";

type Runtime = typeof runtimeModule;
type Codegen = typeof codegenModule;
type Data = typeof dataModule;
type Proto = typeof protoModule;
type Quorum = typeof quorumModule;

/** What the workloads need of them. */
export type JuteLibrary = Pick<
  Runtime,
  "BinaryInputArchive" | "BinaryOutputArchive" | "encodeParts"
> &
  Pick<Codegen, "finishEncoding" | "startEncoding"> &
  Pick<Data, "Stat" | "StatView"> &
  Pick<
    Proto,
    | "CreateRequest"
    | "GetChildrenResponse"
    | "GetDataResponse"
    | "MultiHeader"
    | "ReplyHeader"
    | "ReplyHeaderView"
    | "SetDataRequest"
  > &
  Pick<Quorum, "QuorumPacket">;

export async function loadJute(): Promise<JuteLibrary> {
  return pick(
    await import("@jute-ts/runtime"),
    await import("@jute-ts/runtime/codegen"),
    await import("@jute-ts/records/data"),
    await import("@jute-ts/records/proto"),
    await import("@jute-ts/records/quorum"),
  );
}

export async function loadJuteWithoutBuffer(): Promise<JuteLibrary> {
  // A module that is imported under another query is evaluated again. This hands the query on
  // to what such a module imports in turn.
  const handOn = `
    export async function resolve(specifier, context, next) {
      const resolved = await next(specifier, context);
      const portable = context.parentURL?.endsWith("?portable") === true;
      return portable ? { ...resolved, url: resolved.url + "?portable" } : resolved;
    }`;
  register(`data:text/javascript,${encodeURIComponent(handOn)}`);
  const load = async (name: string): Promise<unknown> =>
    import(`${import.meta.resolve(name)}?portable`);
  const buffer = Object.getOwnPropertyDescriptor(globalThis, "Buffer");
  if (buffer === undefined) throw new Error("This host has no Buffer to hide");
  Reflect.deleteProperty(globalThis, "Buffer");
  try {
    return pick(
      (await load("@jute-ts/runtime")) as Runtime,
      (await load("@jute-ts/runtime/codegen")) as Codegen,
      (await load("@jute-ts/records/data")) as Data,
      (await load("@jute-ts/records/proto")) as Proto,
      (await load("@jute-ts/records/quorum")) as Quorum,
    );
  } finally {
    Object.defineProperty(globalThis, "Buffer", buffer);
  }
}

function pick(
  runtime: Runtime,
  codegen: Codegen,
  data: Data,
  proto: Proto,
  quorum: Quorum,
): JuteLibrary {
  return {
    BinaryInputArchive: runtime.BinaryInputArchive,
    BinaryOutputArchive: runtime.BinaryOutputArchive,
    encodeParts: runtime.encodeParts,
    finishEncoding: codegen.finishEncoding,
    startEncoding: codegen.startEncoding,
    Stat: data.Stat,
    StatView: data.StatView,
    CreateRequest: proto.CreateRequest,
    GetChildrenResponse: proto.GetChildrenResponse,
    GetDataResponse: proto.GetDataResponse,
    MultiHeader: proto.MultiHeader,
    ReplyHeader: proto.ReplyHeader,
    ReplyHeaderView: proto.ReplyHeaderView,
    SetDataRequest: proto.SetDataRequest,
    QuorumPacket: quorum.QuorumPacket,
  };
}
