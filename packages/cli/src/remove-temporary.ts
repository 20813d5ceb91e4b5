import { rmSync } from "node:fs";

/**
 * Deletes a temporary file or directory after something else has failed, if it is there. Where that is refused as
 * well, as on a disk that has become read-only, it stays: what failed first is what the user must hear of.
 */
export function removeTemporary(file: string): void {
  try {
    rmSync(file, { force: true, recursive: true });
  } catch {
    return;
  }
}
