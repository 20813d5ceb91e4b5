/** A znode as the page shows it: to everybody whom its access control list lets read it by their address. */
import { DataTree } from "@jute-ts/data-tree";
import type { ReplicatedState } from "@jute-ts/quorum";
import type { Stat } from "@jute-ts/zookeeper";
import { hex } from "../java-format.js";
import type { JsonFields } from "../json-text.js";

export function treeNodeFields(state: ReplicatedState, path: string, address: string): JsonFields {
  const node = state instanceof DataTree ? state.getNode(path) : undefined;
  if (!(state instanceof DataTree) || node === undefined)
    return { error: "there is no such znode" };
  const ids = [{ scheme: "ip", id: address }];
  if (!state.isPermitted(node.acl, READ, ids)) {
    return { error: "its access control list does not let you read it" };
  }
  const names = (state.getChildren(path) ?? []).sort();
  return {
    stat: statFields(node.stat),
    data: node.data === null ? null : textOf(node.data),
    children: names.slice(0, MAX_CHILDREN),
    moreChildren: Math.max(0, names.length - MAX_CHILDREN),
  };
}

function statFields(stat: Stat): JsonFields {
  return {
    czxid: hex(stat.czxid),
    mzxid: hex(stat.mzxid),
    pzxid: hex(stat.pzxid),
    created: timeOf(stat.ctime),
    modified: timeOf(stat.mtime),
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: hex(stat.ephemeralOwner),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  };
}

/** Text where it is such, otherwise hexadecimal; not more than a person reads. */
function textOf(data: Uint8Array): string {
  const shown = data.subarray(0, MAX_BYTES);
  const rest = data.length > shown.length ? `\n… ${data.length - shown.length} more bytes` : "";
  const text = new TextDecoder().decode(shown);
  const isText = !/[^\P{Cc}\s]|\ufffd/u.test(text);
  return (isText ? text : Buffer.from(shown).toString("hex")) + rest;
}

const READ = 1;
const MAX_BYTES = 4096;
const MAX_CHILDREN = 500;

/** Servers of others may have written any number. */
function timeOf(wallMs: bigint): string {
  const date = new Date(Number(wallMs));
  return Number.isNaN(date.getTime()) ? String(wallMs) : date.toISOString();
}
