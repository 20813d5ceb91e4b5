/**
 * Test files that run in one process share the modules they import (vitest.config.ts).
 * What a test makes of modules in a world of its own stays out of that.
 */
import { vi } from "vitest";

/** What `load` imports is loaded for it, in the surroundings it prepares, and seen by nobody else. */
export async function withOwnModules<T>(load: () => Promise<T>): Promise<T> {
  vi.resetModules();
  try {
    return await load();
  } finally {
    vi.resetModules();
  }
}
