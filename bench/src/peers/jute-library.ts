/** Loads our packages as users get them. */
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

export function pick(
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
