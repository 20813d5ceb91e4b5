import { rmSync } from "node:fs";

/**
 * Deletes a temporary file after something else has failed, if it is there. Where that is refused as well, as on a
 * disk that has become read-only, the file stays: what failed first is what the user must hear of.
 */
export function removeTemporary(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    return;
  }
}
