/**
 * The directories of servers whose data nobody keeps. They go when their servers stop. Where
 * nobody stops them, they go with the process; and where a signal ends the process without a
 * chance to remove them, the next process that makes one removes them.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Makes an empty directory that only this user may enter. Rejects with what the system says. */
export async function makeTemporaryDirectory(): Promise<string> {
  const parent = tmpdir();
  const directory = join(parent, `${PREFIX}${ownerName(process.pid)}-${randomUUID()}`);
  await mkdir(directory, { mode: 0o700 });
  if (open.size === 0) process.on("exit", removeAll);
  open.add(directory);
  if (!searched.has(parent)) {
    searched.add(parent);
    await removeAbandoned(parent);
  }
  return directory;
}

/** Removes a directory that was made here. */
export async function removeTemporaryDirectory(directory: string): Promise<void> {
  await rm(directory, REMOVAL);
  open.delete(directory);
  if (open.size === 0) process.off("exit", removeAll);
}

/** At the end of the process, when nothing can be waited for. */
function removeAll(): void {
  for (const directory of open) {
    try {
      rmSync(directory, REMOVAL);
    } catch {
      // The next process that makes one tries again.
    }
  }
}

/**
 * Removes the directories of processes of this user and this machine that no longer run. What
 * cannot be removed stays: it is in nobody's way.
 */
async function removeAbandoned(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const pid = Number(NAME.exec(name)?.groups?.["pid"] ?? 0);
    // The name begins with the one of its process, if that is still the same.
    if (pid === 0 || !name.startsWith(`${PREFIX}${machine()}-`)) continue;
    if (isRunning(pid) && name.startsWith(`${PREFIX}${ownerName(pid)}-`)) continue;
    const directory = join(parent, name);
    const entry = await lstat(directory).catch(() => undefined);
    if (entry?.isDirectory() !== true || entry.uid !== process.getuid?.()) continue;
    await rm(directory, REMOVAL).catch(() => undefined);
  }
}

/** Names a process of this machine: ids of processes are used again, but not with the same start. */
function ownerName(pid: number): string {
  return `${machine()}-${pid}-${startOf(pid)}`;
}

/** When a process started, in the system's ticks; 0 where the system does not say. */
function startOf(pid: number): string {
  const stat = contentOf(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  // The name of the program is in parentheses, and may hold spaces and parentheses itself.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[START_FIELD] ?? "0";
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** Where ids of processes mean the same: one machine since it booted, and one container of it. */
function machine(): string {
  machineName ??= createHash("sha256")
    .update(hostname())
    .update(contentOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1")))
    .update(contentOf(() => readlinkSync("/proc/self/ns/pid")))
    .digest("hex")
    .slice(0, 12);
  return machineName;
}

/** Nothing where there is no such file, as on systems other than Linux. */
function contentOf(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

const PREFIX = "jute-ts-ensemble-";
const NAME = /^jute-ts-ensemble-[0-9a-f]{12}-(?<pid>[1-9]\d{0,9})-\d+-[0-9a-f-]{36}$/u;
/** Files may be written while their directory is being removed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const;
/** `starttime` in /proc/PID/stat, counted from the field after the program's name. */
const START_FIELD = 19;

/** Made by this process and not yet removed. */
const open = new Set<string>();
/** Where directories of earlier processes were looked for. */
const searched = new Set<string>();
let machineName: string | undefined;
