/** File operations as one line each, so that a sequence reads as a story. */
import type { FileOperation } from "../../src/index.js";

/** Without the reads, which change nothing. */
export function changesAsText(operations: readonly FileOperation[]): string[] {
  return operations
    .filter(({ kind }) => kind !== "read" && kind !== "list")
    .map((operation) => operationText(operation));
}

function operationText(operation: FileOperation): string {
  switch (operation.kind) {
    case "list":
    case "syncDirectory":
      return `${operation.kind} ${operation.directory}`;
    case "read":
      return `read ${operation.file.name} ${operation.offset}+${operation.length}`;
    case "write":
      return `write ${operation.file.name} ${operation.offset}+${operation.bytes.length}`;
    case "truncate":
      return `truncate ${operation.file.name} ${operation.size}`;
    case "rename":
      return `rename ${operation.file.name} ${operation.to}`;
    case "create":
    case "sync":
    case "remove":
      return `${operation.kind} ${operation.file.name}`;
  }
}
