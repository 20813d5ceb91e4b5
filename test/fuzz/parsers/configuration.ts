/** What persons write (zoo.cfg, the dynamic file, myid) and the text that servers send each other. */
import { ConfigurationError, filesNamedIn, parseZooCfg } from "@jute-ts/server/configuration";
import {
  ConfigurationTextError,
  parseConfigurationText,
  printConfigurationText,
} from "../../../packages/quorum/src/membership/configuration-text.js";
import { type FuzzedParser, verdictOf } from "../fuzzed-parser.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const SERVERS =
  "server.1=zk1.example:2888:3888:participant;0.0.0.0:2181\n" +
  "server.2=10.0.0.2:2888:3888\nserver.3=[fe80::3]:2888:3888:observer;2182\n";
const GROUPS = "group.1=1:2\ngroup.2=3\nweight.1=1\nweight.2=2\nweight.3=1\n";
const BASICS = "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/var/lib/zookeeper\n";

/** Stands between the files in one input. */
const BETWEEN_FILES = "\f";

export const zooCfg: FuzzedParser = {
  name: "zoo-cfg",
  samples: [
    [`${BASICS}clientPort=2181\n${SERVERS}`, "", "1\n"],
    [`${BASICS}dynamicConfigFile=zoo.cfg.dynamic.100000000\n`, `${SERVERS}version=100000000`, "2"],
    [
      `# comment\n${BASICS}dataLogDir=/log\nautopurge.purgeInterval=1\n${SERVERS}${GROUPS}`,
      "",
      "3",
    ],
    [`${BASICS}clientPort=2181\n`, "", "1"],
    ["dataDir = C:\\\\zk \\\n  more\nke\\u0079:value\nsslQuorum=true\n", "server.1=a:1:2", " 1 "],
  ].map((files) => bytesOf(files.join(BETWEEN_FILES))),
  words: [
    "\\",
    "\\u12",
    "server.",
    "=",
    "||",
    "dataDir=",
    "true",
    "peerType=observer\n",
    BETWEEN_FILES,
  ],
  begin: () => (input) => {
    const [text = "", dynamic, myid] = textOf(input).split(BETWEEN_FILES);
    filesNamedIn(text);
    return verdictOf(
      () =>
        parseZooCfg(text, {
          fileName: "zoo.cfg",
          dynamic:
            dynamic === undefined
              ? undefined
              : { fileName: "zoo.cfg.dynamic.100000000", text: dynamic },
          myid,
        }),
      ConfigurationError,
    );
  },
};

export const configurationText: FuzzedParser = {
  name: "configuration-text",
  samples: [`${SERVERS}version=100000000`, `${SERVERS}${GROUPS}version=0`, "server.1=a:1:2\n"].map(
    bytesOf,
  ),
  words: ["server.", "=", "|", ";", "participant", "\n".repeat(5000), "version=ffffffffffffffff"],
  begin: () => (input) =>
    verdictOf(() => {
      const verifier = parseConfigurationText(textOf(input));
      // What was understood must be understood by everybody whom it is sent to.
      const printed = printConfigurationText(verifier);
      if (printConfigurationText(parseConfigurationText(printed)) !== printed) {
        throw new Error(`what was read is printed as something else: ${printed}`);
      }
    }, ConfigurationTextError),
};
