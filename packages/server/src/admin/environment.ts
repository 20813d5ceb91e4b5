/** `envi`: what a server runs on, under Java's names; what only Java has is told of Node. */
import { arch, homedir, hostname, release, tmpdir, type as system, userInfo } from "node:os";
import { dirname } from "node:path";
import { getHeapStatistics } from "node:v8";

/** Names and values in Java's order. */
export function environmentOf(version: string): readonly (readonly [string, string])[] {
  const heap = getHeapStatistics();
  return [
    ["zookeeper.version", version],
    ["host.name", hostname()],
    ["java.version", process.versions.node],
    ["java.vendor", "Node.js"],
    ["java.home", dirname(process.execPath)],
    ["java.class.path", process.argv[1] ?? ""],
    ["java.library.path", ""],
    ["java.io.tmpdir", tmpdir()],
    ["java.compiler", "<NA>"],
    ["os.name", system()],
    ["os.arch", javaArchitecture()],
    ["os.version", release()],
    ["user.name", userName()],
    ["user.home", homedir()],
    ["user.dir", process.cwd()],
    ["os.memory.free", megabytes(heap.total_available_size)],
    ["os.memory.max", megabytes(heap.heap_size_limit)],
    ["os.memory.total", megabytes(heap.total_heap_size)],
  ];
}

export function environmentText(version: string): string {
  const lines = environmentOf(version).map(([name, value]) => `${name}=${value}\n`);
  return `Environment:\n${lines.join("")}`;
}

function javaArchitecture(): string {
  const name = arch();
  return name === "x64" ? "amd64" : name === "arm64" ? "aarch64" : name;
}

/** Some containers run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "?";
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)}MB`;
}
