/** Bodies of requests that are too long for the memory. */
import { open } from "node:fs/promises";
import type { IncomingMessage } from "node:http";

/**
 * Writes the body of a request to a file, which is made or written over. Rejects with the
 * system's error where that fails, and the connection stays, so that it can be said; or because
 * the connection is gone before all was there.
 */
export async function saveBody(request: IncomingMessage, path: string): Promise<void> {
  const file = await open(path, "w");
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) {
      await file.writeFile(piece as Uint8Array);
    }
  } finally {
    await file.close();
  }
}
