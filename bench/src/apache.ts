/**
 * Apache's own Java and C codecs as children that answer "how long do n operations
 * take": they run in the same rounds as everything else, each batch timed by the
 * child itself, so that the ratio does not contain the pipe.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ApacheMissing } from "./command.js";
import type { Mode } from "./peers/peer.js";
import type { ExternalCodec } from "./run.js";

export const APACHE_JAVA = "Java Jute";
export const APACHE_C = "C Jute";

/** Where Debian's libzookeeper-java and libzookeeper-mt-dev put what is needed. */
const JUTE_JAR = "/usr/share/java/zookeeper-jute.jar";
const C_HEADER = "/usr/include/zookeeper/zookeeper.jute.h";

/** Compiles the Java worker and returns the command that runs it. */
export function buildJava(warmMs: number): readonly string[] {
  if (!existsSync(JUTE_JAR)) {
    throw new ApacheMissing(
      `--java needs ${JUTE_JAR}: install Debian's libzookeeper-java and a JDK (17 or later).`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "jute-bench-java-"));
  compile("javac", [
    "-encoding",
    "UTF-8",
    "-cp",
    JUTE_JAR,
    "-d",
    folder,
    source("JuteWorker.java"),
  ]);
  return [
    "java",
    "-Xmx512m",
    // The reader's limit, which the 1 MB workload comes close to.
    "-Djute.maxbuffer=4194304",
    "-cp",
    `${JUTE_JAR}:${folder}`,
    "JuteWorker",
    String(warmMs),
  ];
}

/** Compiles the C worker and returns the command that runs it. */
export function buildC(): readonly string[] {
  if (!existsSync(C_HEADER)) {
    throw new ApacheMissing(`--c needs ${C_HEADER}: install Debian's libzookeeper-mt-dev and gcc.`);
  }
  const folder = mkdtempSync(join(tmpdir(), "jute-bench-c-"));
  const program = join(folder, "jute-worker");
  compile("gcc", [
    "-O2",
    "-o",
    program,
    source("jute-worker.c"),
    "-I/usr/include/zookeeper",
    // The shared library hides the serializers; the archive has them.
    "-l:libzookeeper_mt.a",
    "-lpthread",
    "-lm",
  ]);
  return [program];
}

function source(name: string): string {
  return fileURLToPath(new URL(`../apache/${name}`, import.meta.url));
}

function compile(compiler: string, args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(compiler, args, { encoding: "utf8" });
  if (error !== undefined) throw new ApacheMissing(`${compiler} cannot be run: ${error.message}`);
  if (status !== 0) throw new ApacheMissing(`${compiler} failed:\n${stderr}`);
}

/** Starts a built worker and checks that it encodes the same message as we do. */
export async function startApacheWorker(
  name: string,
  command: readonly string[],
  workload: string,
  juteBytes: Uint8Array,
): Promise<ExternalCodec> {
  const [program = "", ...args] = command;
  const child = spawn(program, [...args, workload], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${name} ended in the middle of workload ${workload}`);
    return line.value;
  };
  const [ready, version = "", modes = "", length, hash] = (await nextLine()).split("\t");
  if (ready !== "ready") throw new Error(`${name} did not become ready: ${String(ready)}`);
  if (Number(length) !== juteBytes.length || Number(hash) !== fingerprint(juteBytes)) {
    throw new Error(`${name} encodes workload ${workload} to other bytes than we do`);
  }
  return {
    name,
    version,
    modes: modes.split(",") as Mode[],
    async batch(mode, iterations) {
      child.stdin.write(`${mode} ${String(iterations)}\n`);
      return Number(await nextLine());
    },
    stop() {
      child.stdin.end();
    },
  };
}

/** FNV-1a, as the workers compute it. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
