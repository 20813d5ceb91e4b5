/** Apache's side: where its jars are, our programs that run beside them, and how its servers are started. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ApacheMissing } from "../command.js";

export interface Java {
  /** ZooKeeper's jars, and the compiled programs. */
  readonly classPath: string;
  /** The most that the heap of a process may have, as `-Xmx` takes it. */
  readonly heap: string;
  /** ZooKeeper's version and Java's, for the report. */
  readonly versions: { readonly zookeeper: string; readonly java: string };
}

/** Compiles the programs into the directory. Throws ApacheMissing. */
export function prepareJava(directory: string): Java {
  const jarDirectory = process.env["ZOOKEEPER_JARS"] ?? DEBIAN_JARS;
  const jars = JARS.map((name) => join(jarDirectory, `${name}.jar`));
  const missing = jars.find((jar) => !existsSync(jar));
  if (missing !== undefined) {
    throw new ApacheMissing(
      `The benchmark needs Apache ZooKeeper, and ${missing} does not exist. ${PACKAGES} ` +
        "ZOOKEEPER_JARS names another directory of jars.",
    );
  }
  const classPath = jars.join(delimiter);
  const sources = SOURCES.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const { error, status, stderr } = spawnSync(
    "javac",
    ["-encoding", "UTF-8", "-d", directory, "-cp", classPath, ...sources],
    { encoding: "utf8" },
  );
  if (error !== undefined) {
    throw new ApacheMissing(`javac cannot be run (${error.message}). ${PACKAGES}`);
  }
  if (status !== 0) throw new ApacheMissing(`javac failed:\n${stderr}`);
  const all = `${directory}${delimiter}${classPath}`;
  return {
    classPath: all,
    heap: HEAP,
    versions: {
      zookeeper: versionIn(["-cp", all, "org.apache.zookeeper.Version"], /\d+(?:\.\d+)+/u),
      java: versionIn(["-version"], /"([^"]+)"/u),
    },
  };
}

/** What the pattern finds in what `java` prints, on either stream. */
function versionIn(args: readonly string[], pattern: RegExp): string {
  const { stdout, stderr } = spawnSync("java", args, { encoding: "utf8" });
  const found = pattern.exec(`${stdout}${stderr}`);
  return found?.[1] ?? found?.[0] ?? "unknown";
}

/** The arguments of `java` for a server: the compilers and the collector as the JVM chooses them. */
export function serverArguments({ classPath, heap }: Java, configuration: string): string[] {
  return [
    `-Xmx${heap}`,
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dzookeeper.jmx.log4j.disable=true",
    "-cp",
    classPath,
    "WatchedServer",
    configuration,
  ];
}

/** The arguments of `java` for the load by Apache's own client. */
export function clientArguments({ classPath, heap }: Java): string[] {
  return [
    `-Xmx${heap}`,
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
    "-cp",
    classPath,
    "WriteLoad",
  ];
}

const HEAP = "512m";
const DEBIAN_JARS = "/usr/share/java";
const PACKAGES = "Debian: apt install libzookeeper-java default-jdk-headless.";
/** zookeeper.jar's manifest names what else it needs, except something that logs. */
const JARS = ["zookeeper", "zookeeper-jute", "slf4j-simple"];
const SOURCES = [
  "../../apache/TreeLoad.java",
  "../../apache/WriteLoad.java",
  "../../../test/java/interop/WatchedServer.java",
];
