/** What the figures were measured on, in one line. */
import { arch, cpus, platform } from "node:os";

export function describeMachine(): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? "unknown processor";
  return `${model}, ${String(all.length)} cores, ${platform()} ${arch()}`;
}
