/**
 * A znode that clients use as a register, one operation at a time: what ZooKeeper
 * promises for a single path, written down without a tree, a zxid or a server.
 * Every write carries a value that no other write has, so that a version cannot
 * stand for two histories.
 */
import type { SequentialModel } from "./linearizability.js";

/** The znode; undefined where there is none. */
export type RegisterState = { readonly value: string; readonly version: number } | undefined;

/** Any version, as a client asks for it. */
export const ANY_VERSION = -1;

export type RegisterOperation =
  | { readonly kind: "create"; readonly value: string; readonly outcome: RegisterOutcome }
  | {
      readonly kind: "set";
      readonly value: string;
      readonly expectedVersion: number;
      readonly outcome: RegisterOutcome;
    }
  | {
      readonly kind: "delete";
      readonly expectedVersion: number;
      readonly outcome: RegisterOutcome;
    }
  /** A multi's part that only looks at the version. */
  | {
      readonly kind: "check";
      readonly expectedVersion: number;
      readonly outcome: RegisterOutcome;
    }
  | { readonly kind: "read"; readonly found: RegisterState };

export type RegisterOutcome =
  /** Done. `version`: what the znode's version became, where the answer tells. */
  | { readonly kind: "ok"; readonly version?: number }
  | { readonly kind: "exists" }
  | { readonly kind: "missing" }
  | { readonly kind: "badVersion" }
  /** Done or refused, for whatever reason the state gives: nobody was told. */
  | { readonly kind: "unknown" };

export const registerModel: SequentialModel<{ readonly node: RegisterState }, RegisterOperation> = {
  initial: { node: undefined },
  step({ node }, operation) {
    if (operation.kind === "read") return sameNode(node, operation.found) ? { node } : undefined;
    const { refusal, next } = perform(node, operation);
    switch (operation.outcome.kind) {
      case "unknown":
        return { node: next };
      case "ok": {
        const { version } = operation.outcome;
        if (refusal !== undefined) return undefined;
        return version === undefined || version === next?.version ? { node: next } : undefined;
      }
      case "exists":
      case "missing":
      case "badVersion":
        return refusal === operation.outcome.kind ? { node } : undefined;
    }
  },
  identify({ node }) {
    return node === undefined ? "" : `${node.version}:${node.value}`;
  },
};

/** What a znode does when asked: refuses, or becomes something else. */
function perform(
  node: RegisterState,
  operation: Exclude<RegisterOperation, { kind: "read" }>,
): { refusal: "exists" | "missing" | "badVersion" | undefined; next: RegisterState } {
  if (operation.kind === "create") {
    return node === undefined
      ? { refusal: undefined, next: { value: operation.value, version: 0 } }
      : { refusal: "exists", next: node };
  }
  if (node === undefined) return { refusal: "missing", next: node };
  const { expectedVersion } = operation;
  if (expectedVersion !== ANY_VERSION && expectedVersion !== node.version)
    return { refusal: "badVersion", next: node };
  switch (operation.kind) {
    case "set":
      return { refusal: undefined, next: { value: operation.value, version: node.version + 1 } };
    case "delete":
      return { refusal: undefined, next: undefined };
    case "check":
      return { refusal: undefined, next: node };
  }
}

function sameNode(a: RegisterState, b: RegisterState): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.value === b.value && a.version === b.version;
}
