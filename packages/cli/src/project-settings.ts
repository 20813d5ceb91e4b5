/** The settings in the config above a file, for the language server: read again only when the config has changed. */
import path from "node:path";
import type { ProjectSettings, SettingsOf } from "@jute-ts/language-server";
import { findConfig, readConfig } from "./config.js";
import { UsageError } from "./surroundings.js";
import { statsIfKnown } from "./system-error.js";

export function projectSettings(): SettingsOf {
  const known = new Map<string, { readonly stamp: string; readonly settings: ProjectSettings }>();
  return (file) => {
    const config = findConfig(path.dirname(path.resolve(file)));
    if (config === undefined) return NO_SETTINGS;
    const last = known.get(config);
    const stamp = stampOf(config);
    if (last?.stamp === stamp) return last.settings;
    const settings = read(config, last?.settings ?? NO_SETTINGS);
    known.set(config, { stamp, settings });
    return settings;
  };
}

const NO_SETTINGS: ProjectSettings = { lint: {}, format: {} };

/** While somebody writes a config, what it said before holds. */
function read(config: string, before: ProjectSettings): ProjectSettings {
  try {
    const { lint, format } = readConfig(config, config);
    return { lint, format };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { ...before, problem: error.message };
  }
}

function stampOf(file: string): string {
  const stats = statsIfKnown(file);
  return stats === undefined ? "" : `${String(stats.mtimeMs)} ${String(stats.size)}`;
}
