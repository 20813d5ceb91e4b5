/** Runs Debian's tshark with the dissector that the compiler makes of ZooKeeper's schema. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "@jute-ts/compiler";

const folder = new URL("../../jute-defs/", import.meta.url);

/** Why there is no tshark; undefined when there is one. */
export function whyNoTshark(): string | undefined {
  const { error } = spawnSync("tshark", ["--version"], { stdio: "ignore" });
  return error === undefined ? undefined : "tshark is not installed (Debian: apt install tshark)";
}

/** A message as the dissector shows it. */
export interface Shown {
  readonly frame: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly kind: string;
  readonly name: string;
  readonly length: number;
}

/** tshark with the dissector, in a directory of its own. */
export class Tshark {
  readonly #directory = mkdtempSync(join(tmpdir(), "jute-tshark-"));

  static async start(): Promise<Tshark> {
    const tshark = new Tshark();
    const sources = readdirSync(folder).map((path) => ({
      path,
      text: readFileSync(new URL(path, folder), "utf8"),
    }));
    const { files } = await compile(sources, { target: "wireshark" });
    const plugins = join(tshark.#directory, PLUGINS);
    mkdirSync(plugins, { recursive: true });
    for (const { path, text } of files) writeFileSync(join(plugins, path), text);
    return tshark;
  }

  stop(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** What tshark prints about a capture. Throws when it fails, or complains of the dissector. */
  print(capture: Uint8Array, ...options: readonly string[]): string {
    writeFileSync(join(this.#directory, "capture.pcap"), capture);
    return this.#run("tshark", ["-r", "capture.pcap", "-n", ...options]);
  }

  /** What a line of a shell prints in a directory that has this capture as `life.pcap`. */
  shell(line: string, capture: Uint8Array): string {
    writeFileSync(join(this.#directory, "life.pcap"), capture);
    return this.#run("sh", ["-c", line]);
  }

  #run(program: string, words: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(program, words, {
      cwd: this.#directory,
      encoding: "utf8",
      maxBuffer: 1 << 30,
      timeout: PATIENCE_MS,
      // Nobody's own settings and plugins.
      env: { PATH: process.env["PATH"], HOME: this.#directory, LC_ALL: "C.UTF-8", TZ: "UTC" },
    });
    if (status !== 0) throw new Error(`${program} ended with ${String(status)}: ${stderr}`);
    if (/lua/i.test(stderr)) throw new Error(stderr);
    return stdout;
  }

  /** The values of fields, a line for each frame that has one of them. */
  fields(
    capture: Uint8Array,
    names: readonly string[],
    ...options: readonly string[]
  ): readonly (readonly string[])[] {
    const wanted = names.flatMap((name) => ["-e", name]);
    const form = ["-T", "fields", "-E", "separator=/t", "-E", "aggregator=,"];
    const text = this.print(capture, "-Y", "zookeeper", ...form, ...wanted, ...options);
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t"));
  }

  /** Every message, in the order of the frames that complete them. */
  messages(capture: Uint8Array, ...options: readonly string[]): readonly Shown[] {
    const about = ["kind", "name", "length"].map((name) => `zookeeper.${name}`);
    const names = ["frame.number", "tcp.srcport", "tcp.dstport", ...about];
    return this.fields(capture, names, ...options).flatMap(
      ([frame = "", source = "", destination = "", kinds = "", ops = "", lengths = ""]) => {
        const [opList, lengthList] = [ops.split(","), lengths.split(",")];
        return kinds.split(",").map((kind, index) => ({
          frame: Number(frame),
          sourcePort: Number(source),
          destinationPort: Number(destination),
          kind,
          name: opList[index] ?? "",
          length: Number(lengthList[index]),
        }));
      },
    );
  }
}

/** Where Wireshark looks for a user's plugins. */
const PLUGINS = ".local/lib/wireshark/plugins";
const PATIENCE_MS = 120_000;

/** Ports by what is spoken there. */
export interface Ports {
  readonly client: readonly number[];
  readonly quorum: readonly number[];
  readonly election: readonly number[];
}

/** Options that name the usual ports and these. Wireshark would take some of them for those of other protocols. */
export function portOptions(ports: Ports): readonly string[] {
  const usual = { client: 2181, quorum: 2888, election: 3888 };
  return (["client", "quorum", "election"] as const).flatMap((protocol) => {
    const list = [usual[protocol], ...ports[protocol]].join(",");
    return ["-o", `zookeeper.${protocol}_ports:${list}`];
  });
}
