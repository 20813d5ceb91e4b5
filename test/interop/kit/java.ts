/**
 * Finds Java and ZooKeeper's jars, and compiles the programs that the tests run
 * beside ZooKeeper's own. It knows nothing of tests.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What is needed to run ZooKeeper; a value that can be handed to another process. */
export interface Java {
  /** ZooKeeper's jars and the programs of `test/java/interop`. */
  readonly classPath: string;
}

/** Java, or what is missing and how to get it. */
export type FoundJava =
  | { readonly kind: "found"; readonly java: Java }
  | { readonly kind: "missing"; readonly text: string };

/**
 * Looks for Java and the jars, and compiles the programs into `directory`, which
 * must exist. The environment's ZOOKEEPER_JARS names the directory of the jars
 * where that is not Debian's. Rejects when the programs do not compile.
 */
export async function prepareJava(directory: string): Promise<FoundJava> {
  const jarDirectory = process.env["ZOOKEEPER_JARS"] ?? DEBIAN_JARS;
  const jars = JARS.map((name) => join(jarDirectory, `${name}.jar`));
  const missingJar = jars.find((jar) => !existsSync(jar));
  if (missingJar !== undefined) {
    return missing(`${missingJar} does not exist; ZOOKEEPER_JARS may name another directory`);
  }
  const classPath = jars.join(delimiter);
  const sources = (await readdir(SOURCES))
    .filter((name) => name.endsWith(".java"))
    .map((name) => join(SOURCES, name));
  try {
    await run("javac", ["-encoding", "UTF-8", "-d", directory, "-cp", classPath, ...sources]);
    await run("java", ["-version"]);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return missing("java or javac is not installed");
    }
    throw error;
  }
  return { kind: "found", java: { classPath: `${directory}${delimiter}${classPath}` } };
}

/** The arguments of `java` for a small process that starts fast. Many run at once on small machines. */
export function javaArguments(
  { classPath }: Java,
  mainClass: string,
  properties: Readonly<Record<string, string>>,
  programArguments: readonly string[],
): string[] {
  return [
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    // Java's digest takes a path's bytes in the platform's encoding.
    "-Dfile.encoding=UTF-8",
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    "-cp",
    classPath,
    mainClass,
    ...programArguments,
  ];
}

function missing(what: string): FoundJava {
  return { kind: "missing", text: `${what} (Debian: ${PACKAGES})` };
}

const run = promisify(execFile);
const DEBIAN_JARS = "/usr/share/java";
const PACKAGES = "apt install libzookeeper-java default-jdk-headless";
/** What the admin server needs besides. */
const ADMIN_SERVER_JARS = [
  "jetty9-server",
  "jetty9-servlet",
  "jetty9-security",
  "jetty9-http",
  "jetty9-io",
  "jetty9-util",
  "jetty9-util-ajax",
  "servlet-api",
  "jackson-core",
  "jackson-databind",
  "jackson-annotations",
];

/**
 * zookeeper.jar's manifest names what else it needs, except something that logs,
 * and what netty needs to tell whether a connection to a quorum port is encrypted:
 * without it, a server stops listening at the first one.
 */
const JARS = ["zookeeper", "zookeeper-jute", "slf4j-simple", "netty-codec", ...ADMIN_SERVER_JARS];
const SOURCES = fileURLToPath(new URL("../../java/interop", import.meta.url));
