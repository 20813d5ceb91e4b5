/** What the figures were measured on, in one line. */
import { execFileSync } from "node:child_process";
import { arch, cpus, platform } from "node:os";

export function describeMachine(): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? "unknown processor";
  return `${model}, ${String(all.length)} cores, ${platform()} ${arch()}`;
}

/** The versions of another Node binary. */
export function nodeVersions(node: string): { node: string; v8: string } {
  const text = execFileSync(node, ["-p", "JSON.stringify(process.versions)"], { encoding: "utf8" });
  const versions = JSON.parse(text) as { node: string; v8: string };
  return { node: versions.node, v8: versions.v8 };
}
