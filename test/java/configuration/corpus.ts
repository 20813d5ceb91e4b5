/**
 * Configurations that Apache's server and this project are both asked about: what
 * is accepted, what comes of it, and, where ours refuses, in which line. Where the
 * two are meant to disagree the case says why; DIVERGENCE.md has the same reasons.
 */

export interface ConfigurationCase {
  readonly name: string;
  /** `@DIR@` stands for a directory that exists. */
  readonly zooCfg: string;
  readonly dynamic?: { readonly fileName: string; readonly text: string };
  /** Undefined: there is no such file. */
  readonly myid: string | undefined;
  /** Where ours finds problems, as `file:line` and `file` for line 0, in order; undefined where it accepts. */
  readonly at?: readonly string[];
  /** Why the verdicts or the values differ on purpose. */
  readonly difference?: string;
}

type Details = Pick<ConfigurationCase, "at" | "difference" | "dynamic"> & {
  readonly myid?: string | undefined;
};

const base = [
  "tickTime=2000",
  "initLimit=10",
  "syncLimit=5",
  "dataDir=@DIR@",
  "clientPort=2181",
  "server.1=127.0.0.1:2888:3888",
  "server.2=127.0.0.2:2888:3888",
  "server.3=127.0.0.3:2888:3888",
];

const cases: ConfigurationCase[] = [];

function add(name: string, lines: readonly string[], details: Details = {}): void {
  const { myid, ...rest } = details;
  cases.push({
    name,
    zooCfg: lines.join("\n") + "\n",
    myid: "myid" in details ? myid : "1\n",
    ...rest,
  });
}

/** The base with lines in place of those of the same key; new lines come at the end, from line 9. */
function withLines(...lines: string[]): string[] {
  const all = [...base];
  for (const line of lines) {
    const key = line.split("=", 1)[0] ?? "";
    const index = all.findIndex((other) => other.startsWith(`${key}=`));
    if (index < 0) all.push(line);
    else all[index] = line;
  }
  return all;
}

function without(...keys: string[]): string[] {
  return base.filter((line) => !keys.some((key) => line.startsWith(`${key}=`)));
}

function servers(...values: string[]): string[] {
  return [
    ...without("server.1", "server.2", "server.3"),
    ...values.map((value, index) => `server.${String(index + 1)}=${value}`),
  ];
}

// The base and its layout.
add("three servers", base);
add("colons, spaces, comments and blank lines", [
  "# a comment",
  "tickTime : 2000",
  "",
  "initLimit 10",
  "   ! another comment",
  "syncLimit\t=\t5",
  "dataDir @DIR@",
  "server.1 127.0.0.1:2888:3888",
  "server.2: 127.0.0.2:2888:3888",
  "server.3 = 127.0.0.3:2888:3888",
]);
add("a value continued in the next line", [
  ...without("server.1"),
  "server.1=127.0.0.1:\\",
  "      2888:3888",
]);
add("a key with an escape", [...without("tickTime"), "tick\\u0054ime=4000"]);
add("a broken escape", withLines("note=\\u12"), { at: ["zoo.cfg:9"] });
add("the last of two lines counts", [...base, "tickTime=5000"]);
add(
  "lines that end in carriage returns",
  base.map((line) => `${line}\r`),
);
add("an empty file", [], { at: ["zoo.cfg"], myid: "1\n" });

// Numbers.
const integers = [
  "tickTime",
  "initLimit",
  "syncLimit",
  "connectToLearnerMasterLimit",
  "clientPort",
  "maxClientCnxns",
  "minSessionTimeout",
  "maxSessionTimeout",
  "autopurge.snapRetainCount",
  "autopurge.purgeInterval",
  "observerMasterPort",
  "clientPortListenBacklog",
  "electionAlg",
  "quorum.cnxn.threads.size",
  "multiAddress.reachabilityCheckTimeoutMs",
  "secureClientPort",
];
for (const key of integers) {
  const lines = withLines(`${key}=x`);
  const line = lines.indexOf(`${key}=x`) + 1;
  add(`${key} is no number`, lines, { at: [`zoo.cfg:${String(line)}`] });
  const large = withLines(`${key}=2147483648`);
  add(`${key} is too large`, large, { at: [`zoo.cfg:${String(line)}`] });
}
add("tickTime is 0", withLines("tickTime=0"), { at: ["zoo.cfg:1"] });
add("tickTime is negative", withLines("tickTime=-5"), { at: ["zoo.cfg:1"] });
add("tickTime has a sign", withLines("tickTime=+3000"));
add("tickTime is missing", without("tickTime"));
add("tickTime is empty", withLines("tickTime="), { at: ["zoo.cfg:1"] });
add("initLimit is missing", without("initLimit"), { at: ["zoo.cfg"] });
add("initLimit is 0", withLines("initLimit=0"), { at: ["zoo.cfg:2"] });
add("initLimit is negative", withLines("initLimit=-1"), {
  at: ["zoo.cfg:2"],
  difference: "A negative limit makes every timeout pass at once.",
});
add("syncLimit is missing", without("syncLimit"), { at: ["zoo.cfg"] });
add("syncLimit is 0", withLines("syncLimit=0"), { at: ["zoo.cfg:3"] });
add("both limits are missing", without("initLimit", "syncLimit"), { at: ["zoo.cfg", "zoo.cfg"] });
add("connectToLearnerMasterLimit", withLines("connectToLearnerMasterLimit=7"));
add("session timeouts in order", withLines("minSessionTimeout=1000", "maxSessionTimeout=9000"));
add(
  "session timeouts out of order",
  withLines("minSessionTimeout=9001", "maxSessionTimeout=9000"),
  {
    at: ["zoo.cfg:9"],
  },
);
add("the shortest session above the longest by default", withLines("minSessionTimeout=40001"), {
  at: ["zoo.cfg:9"],
});
add("the longest session below the shortest by default", withLines("maxSessionTimeout=3999"), {
  at: ["zoo.cfg:9"],
});
add("snapshots kept", withLines("autopurge.snapRetainCount=7", "autopurge.purgeInterval=12"));
add(
  "too few snapshots kept",
  withLines("autopurge.snapRetainCount=1", "autopurge.purgeInterval=1"),
);
add("electionAlg 3", withLines("electionAlg=3"));
add("electionAlg 0", withLines("electionAlg=0"), { at: ["zoo.cfg:9"] });
add("maxClientCnxns", withLines("maxClientCnxns=0"));
add("maxClientCnxns is negative", withLines("maxClientCnxns=-1"), {
  at: ["zoo.cfg:9"],
  difference: "Counts below 0 have no meaning; 0 is no limit.",
});

// true and false.
const booleans = [
  "standaloneEnabled",
  "reconfigEnabled",
  "localSessionsEnabled",
  "localSessionsUpgradingEnabled",
  "quorumListenOnAllIPs",
  "syncEnabled",
  "sslQuorum",
  "portUnification",
  "sslQuorumReloadCertFiles",
  "quorum.auth.enableSasl",
  "quorum.auth.serverRequireSasl",
  "quorum.auth.learnerRequireSasl",
  "multiAddress.enabled",
  "multiAddress.reachabilityCheckEnabled",
];
for (const key of booleans) {
  add(`${key}=false`, withLines(`${key}=FALSE`));
  add(`${key}=yes`, withLines(`${key}=yes`), { at: ["zoo.cfg:9"] });
}
add("quorumListenOnAllIPs", withLines("quorumListenOnAllIPs=True"));
add("syncEnabled, spelled in capitals", withLines("syncEnabled=TRUE"));
add("reconfigEnabled", withLines("reconfigEnabled=true"), {
  at: ["zoo.cfg:9"],
  difference: "Reconfigurations are not taken part in.",
});
add("SASL of both sides", withLines("quorum.auth.enableSasl=true"), {
  at: ["zoo.cfg:9"],
  difference: "SASL is not supported.",
});
add("a server that requires SASL without SASL", withLines("quorum.auth.serverRequireSasl=true"), {
  at: ["zoo.cfg:9"],
});
add("a learner that requires SASL without SASL", withLines("quorum.auth.learnerRequireSasl=true"), {
  at: ["zoo.cfg:9"],
});
add(
  "a server that requires SASL of learners without it",
  withLines("quorum.auth.enableSasl=true", "quorum.auth.serverRequireSasl=true"),
  { at: ["zoo.cfg:9", "zoo.cfg:10"] },
);

// Directories and ports.
add("dataDir is missing", without("dataDir"), { at: ["zoo.cfg", "dataDir/myid"], myid: undefined });
add("dataLogDir", withLines("dataLogDir=@DIR@/log"));
add("no clientPort", without("clientPort"));
add("clientPortAddress", withLines("clientPortAddress=127.0.0.1"));
add("clientPortAddress in IPv6", withLines("clientPortAddress=::1"));
add(
  "clientPortAddress without clientPort",
  [...without("clientPort"), "clientPortAddress=127.0.0.1"],
  {
    at: ["zoo.cfg:8"],
  },
);
add("clientPort is too large", withLines("clientPort=65536"), { at: ["zoo.cfg:5"] });
add("secureClientPort", withLines("secureClientPort=2281"), {
  at: ["zoo.cfg:9", "zoo.cfg:9"],
  difference: "A port for TLS without a key and a trust store could serve nobody.",
});
add(
  "secureClientPortAddress without secureClientPort",
  withLines("secureClientPortAddress=127.0.0.1"),
  { at: ["zoo.cfg:9"] },
);
add("peerType observer of a participant", withLines("peerType=observer"));
add("peerType PARTICIPANT", withLines("peerType=PARTICIPANT"));
add("peerType other", withLines("peerType=learner"), { at: ["zoo.cfg:9"] });
add("keys that are unknown", withLines("colour=blue", "snapCount=1000", "tickTme=5"));
add("a metrics provider's keys", withLines("metricsProvider.httpPort=7000"));

// The value of server.N.
const good: readonly (readonly [string, string])[] = [
  ["with a role", "127.0.0.1:2888:3888:participant"],
  ["with a role in capitals", "127.0.0.1:2888:3888:PARTICIPANT"],
  ["with a client port", "127.0.0.1:2888:3888;2181"],
  ["with role and client port", "127.0.0.1:2888:3888:participant;2181"],
  ["with a client address", "127.0.0.1:2888:3888;0.0.0.0:2181"],
  ["with an IPv6 client address", "127.0.0.1:2888:3888;[::]:2181"],
  ["in IPv6", "[::1]:2888:3888"],
  ["in long IPv6", "[2001:db8:0:0:0:0:0:1]:2888:3888:participant"],
  ["in IPv6 with zeros left out in the middle", "[2001:db8::8:800:200c:417a]:2888:3888"],
  ["in IPv6 that is IPv4", "[::ffff:127.0.0.1]:2888:3888"],
  ["by name", "zk1.example:2888:3888"],
  ["by a name that has no address", "nowhere.invalid:2888:3888"],
  ["that ends in a colon", "127.0.0.1:2888:3888:"],
  ["that ends in a semicolon", "127.0.0.1:2888:3888;"],
];
for (const [name, value] of good) {
  add(`a server ${name}`, servers(value, "127.0.0.2:2888:3888", "127.0.0.3:2888:3888"));
}
const bad: readonly (readonly [string, string, string?])[] = [
  ["without ports", "127.0.0.1"],
  ["with one port", "127.0.0.1:2888"],
  ["with five parts", "127.0.0.1:2888:3888:participant:1"],
  ["with an unknown role", "127.0.0.1:2888:3888:leader"],
  ["with a port that is a word", "127.0.0.1:quorum:3888"],
  ["with an election port that is a word", "127.0.0.1:2888:election"],
  ["with equal ports", "127.0.0.1:2888:2888"],
  ["with a port that is too large", "127.0.0.1:2888:65536"],
  ["with a negative port", "127.0.0.1:-1:3888"],
  ["with two client parts", "127.0.0.1:2888:3888;2181;2182"],
  ["with a client port that is a word", "127.0.0.1:2888:3888;client"],
  ["with a client port that is too large", "127.0.0.1:2888:3888;65536"],
  ["with three parts for clients", "127.0.0.1:2888:3888;h:1:2"],
  ["in IPv6 without brackets", "::1:2888:3888"],
  ["in IPv6 with half a bracket", "[::1:2888:3888"],
  ["in IPv6 that ends after the colon", "[::1]:"],
  ["in IPv6 without ports", "[::1]"],
  ["that is empty", ""],
  ["with two addresses", "127.0.0.1:2888:3888|127.0.0.9:2888:3888"],
  [
    "without a host",
    ":2888:3888",
    "An empty host would be localhost, which other servers cannot reach.",
  ],
  ["with port 0", "127.0.0.1:0:3888", "Nobody can connect to port 0."],
  [
    "with a colon missing after the bracket",
    "[::1]x2888:3888",
    "A letter there is a typing error.",
  ],
  ["with a name in brackets", "[localhost]:2888:3888", "Only IPv6 addresses stand in brackets."],
  ["with a space in the host", "zk 1:2888:3888", "No host has a space in its name."],
  [
    "in IPv6 that is none",
    "[:::1]:2888:3888",
    "Apache's server takes it for a name that has no address.",
  ],
  ["with a plus before a port", "127.0.0.1:+2888:3888", "Ports are plain numbers."],
];
for (const [name, value, difference] of bad) {
  add(`a server ${name}`, servers(value, "127.0.0.2:2888:3888", "127.0.0.3:2888:3888"), {
    at: ["zoo.cfg:6"],
    ...(difference === undefined ? {} : { difference }),
  });
}
add("a server with a space at its end", withLines("server.1=127.0.0.1:2888:3888 "), {
  difference: "Spaces at the end of a line cannot be seen, and mean nothing.",
});
add(
  "two addresses with multiAddress.enabled",
  withLines("server.1=127.0.0.1:2888:3888|127.0.0.9:2889:3889", "multiAddress.enabled=true"),
  {
    difference:
      "Apache's server honours the key in the file only for connecting, and the property of the command line for reading.",
  },
);
add(
  "two roles in one list of addresses",
  withLines(
    "server.1=127.0.0.1:2888:3888:participant|127.0.0.9:2888:3888:observer",
    "multiAddress.enabled=true",
  ),
  { at: ["zoo.cfg:6"] },
);
add(
  "the same address twice in one list",
  withLines("server.1=127.0.0.1:2888:3888|127.0.0.1:2888:3888", "multiAddress.enabled=true"),
  { at: ["zoo.cfg:6"] },
);
add("a server whose number is a word", [...base, "server.x=127.0.0.4:2888:3888"], {
  at: ["zoo.cfg:9"],
});
add(
  "a server whose number is too large",
  [...base, "server.9223372036854775808=127.0.0.4:2888:3888"],
  {
    at: ["zoo.cfg:9"],
  },
);
add("the largest number", [...base, "server.9223372036854775807=127.0.0.4:2888:3888"]);
add("a negative number", [...base, "server.-2=127.0.0.4:2888:3888"], {
  at: ["zoo.cfg:9"],
  difference: "Negative numbers mean versions and observers in the hello of an election.",
});
add("a number with a zero before it", [...base, "server.04=127.0.0.4:2888:3888"]);
add("a number twice", [...base, "server.1=127.0.0.4:2888:3888"], {
  at: ["zoo.cfg:9"],
  difference: "Apache's server takes the last line, silently: somebody's server is lost.",
});
add("a number twice in two spellings", [...base, "server.01=127.0.0.4:2888:3888"], {
  at: ["zoo.cfg:9"],
  difference: "Apache's server takes one of the two.",
});

// How many servers.
add("two participants", without("server.3"));
add("four participants", [...base, "server.4=127.0.0.4:2888:3888"]);
add("an observer", [...base, "server.4=127.0.0.4:2888:3888:observer"]);
add("this server is an observer", [...base, "server.4=127.0.0.4:2888:3888:Observer"], {
  myid: "4\n",
});
add("observers alone", servers("127.0.0.1:2888:3888:observer", "127.0.0.2:2888:3888:observer"), {
  at: ["zoo.cfg:6"],
});
add("no servers", servers());
add("no servers without standalone", [...servers(), "standaloneEnabled=false"], {
  at: ["zoo.cfg"],
});
add("one participant", servers("127.0.0.1:2888:3888"));
add(
  "one participant without limits",
  servers("127.0.0.1:2888:3888").filter((line) => !line.includes("Limit")),
  {
    difference:
      "A server that stands alone has limits too, though nobody exceeds them: 10 and 5 ticks.",
  },
);
add("one participant without standalone", [
  ...servers("127.0.0.1:2888:3888"),
  "standaloneEnabled=false",
]);
add(
  "one participant and an observer",
  servers("127.0.0.1:2888:3888", "127.0.0.2:2888:3888:observer"),
  { at: ["zoo.cfg"] },
);
add("one participant and an observer without standalone", [
  ...servers("127.0.0.1:2888:3888", "127.0.0.2:2888:3888:observer"),
  "standaloneEnabled=false",
]);
add("one participant without myid", servers("127.0.0.1:2888:3888"), {
  myid: undefined,
  difference: "The only server there is needs no myid to know its number.",
});

// myid.
const myids: readonly (readonly [string, string | undefined, string?])[] = [
  ["missing", undefined],
  ["a word", "one\n"],
  ["empty", ""],
  ["a number too large", "9223372036854775808\n"],
  ["hexadecimal", "0x1\n"],
  ["on the second line", "\n1\n"],
  ["-1", "-1\n"],
  ["of no server", "7\n", "Apache's server finds that out later, at start."],
];
for (const [name, myid, difference] of myids) {
  add(`myid is ${name}`, base, {
    myid,
    at: [`@DIR@/myid${myid === undefined ? "" : ":1"}`],
    ...(difference === undefined ? {} : { difference }),
  });
}
add("myid without an end of line", base, { myid: "2" });
add("myid with more lines", base, { myid: "3\nserver three\n" });
add("myid with a zero before it", base, { myid: "02\n" });
add("myid with spaces", base, {
  myid: " 2 \n",
  difference: "Spaces around the number mean nothing.",
});

// Clients' address in two places.
add("the client port in both places", withLines("server.1=127.0.0.1:2888:3888;2181"));
add("two client ports", withLines("server.1=127.0.0.1:2888:3888;2182"), { at: ["zoo.cfg:5"] });
add(
  "two client addresses",
  withLines("server.1=127.0.0.1:2888:3888;127.0.0.1:2181", "clientPortAddress=127.0.0.2"),
  { at: ["zoo.cfg:9"] },
);
add(
  "one client address in both places",
  withLines("server.1=127.0.0.1:2888:3888;127.0.0.1:2181", "clientPortAddress=127.0.0.1"),
);
add("a client address in one place", withLines("server.1=127.0.0.1:2888:3888;127.0.0.1:2181"));
add("another server's client port", withLines("server.2=127.0.0.2:2888:3888;2182"));

// Groups and weights.
const six = servers(
  "127.0.0.1:2888:3888",
  "127.0.0.2:2888:3888",
  "127.0.0.3:2888:3888",
  "127.0.0.4:2888:3888",
  "127.0.0.5:2888:3888",
  "127.0.0.6:2888:3888",
);
const grouped = [...six, "group.1=1:2:3", "group.2=4:5:6"];
add("groups", grouped);
add("groups and weights", [...grouped, "weight.1=5", "weight.2=0", "weight.6=2147483647"]);
add("a group of weight 0", [...grouped, "weight.4=0", "weight.5=0", "weight.6=0"]);
add("a group that ends in a colon", [...six, "group.1=1:2:3:", "group.2=4:5:6"]);
add("a participant in no group", [...six, "group.1=1:2:3", "group.2=4:5"], { at: ["zoo.cfg:11"] });
add("a server in two groups", [...six, "group.1=1:2:3:4", "group.2=4:5:6"], { at: ["zoo.cfg:13"] });
add("a server twice in a group", [...six, "group.1=1:2:3:3", "group.2=4:5:6"], {
  at: ["zoo.cfg:12"],
});
add("weights without groups", [...six, "weight.1=2"], {
  at: ["zoo.cfg:6", "zoo.cfg:7", "zoo.cfg:8", "zoo.cfg:9", "zoo.cfg:10", "zoo.cfg:11"],
});
add("a group that names a word", [...six, "group.1=1:2:x", "group.2=3:4:5:6"], {
  at: ["zoo.cfg:12"],
});
add("a group that is empty", [...grouped, "group.3="], { at: ["zoo.cfg:14"] });
add("a group with an empty place", [...six, "group.1=1::2:3", "group.2=4:5:6"], {
  at: ["zoo.cfg:12"],
});
add("a group whose number is a word", [...six, "group.a=1:2:3", "group.2=4:5:6"], {
  at: ["zoo.cfg:6", "zoo.cfg:7", "zoo.cfg:8", "zoo.cfg:12"],
});
add("a group without a dot", [...grouped, "group3=1"], { at: ["zoo.cfg:14"] });
add("a key that begins like a group's", [...grouped, "groups=1"], { at: ["zoo.cfg:14"] });
add("a group with an unknown server", [...six, "group.1=1:2:3", "group.2=4:5:6:7"], {
  at: ["zoo.cfg:13"],
});
add(
  "a group with an observer",
  [...grouped, "server.7=127.0.0.7:2888:3888:observer", "group.3=7"],
  {
    at: ["zoo.cfg:15"],
  },
);
add(
  "a group with an observer that has a weight",
  [...grouped, "server.7=127.0.0.7:2888:3888:observer", "group.3=7", "weight.7=1"],
  {
    at: ["zoo.cfg:15"],
    difference: "Its weight would count against its group and never for it.",
  },
);
add("an observer beside groups", [...grouped, "server.7=127.0.0.7:2888:3888:observer"]);
add("an observer's weight", [...grouped, "server.7=127.0.0.7:2888:3888:observer", "weight.7=3"]);
add("a weight that is a word", [...grouped, "weight.1=heavy"], { at: ["zoo.cfg:14"] });
add("a weight with a fraction", [...grouped, "weight.1=0.5"], { at: ["zoo.cfg:14"] });
add("a negative weight", [...grouped, "weight.1=-1"], {
  at: ["zoo.cfg:14"],
  difference: "With negative weights two quorums need not have a server in common.",
});
add("the weight of no server", [...grouped, "weight.9=1"], {
  at: ["zoo.cfg:14"],
  difference: "It is a typing error: some other server has not got its weight.",
});
add("weights of 0 alone", [...grouped, ...[1, 2, 3, 4, 5, 6].map((n) => `weight.${String(n)}=0`)], {
  at: ["zoo.cfg"],
  difference: "Nothing could ever be decided.",
});
add("one group", [...base, "group.1=1:2:3"]);
add("a version in zoo.cfg", withLines("version=10000000a"));
add("a version that is none", withLines("version=xyz"), { at: ["zoo.cfg:9"] });
add("a version that is too large", withLines("version=8000000000000000"), { at: ["zoo.cfg:9"] });
add("a negative version", withLines("version=-1"), {
  at: ["zoo.cfg:9"],
  difference: "Versions are zxids.",
});

// The dynamic file.
const statics = [
  ...without("server.1", "server.2", "server.3", "clientPort"),
  "dynamicConfigFile=@DIR@/zoo.cfg.dynamic.10000000a",
];
const dynamicLines = [
  "server.1=127.0.0.1:2888:3888:participant;0.0.0.0:2181",
  "server.2=127.0.0.2:2888:3888:participant;0.0.0.0:2181",
  "server.3=127.0.0.3:2888:3888:participant;0.0.0.0:2181",
];
function dynamic(fileName: string, ...more: string[]): ConfigurationCase["dynamic"] & object {
  return { fileName: `@DIR@/${fileName}`, text: [...dynamicLines, ...more].join("\n") };
}
const named = "zoo.cfg.dynamic.10000000a";
add("a dynamic file", statics, { dynamic: dynamic(named) });
for (const end of ["", ".0", ".xyz", ".8000000000000000", ".FF", ".next"]) {
  const fileName = `zoo.cfg.dynamic${end}`;
  add(
    `a dynamic file whose name ends in "${end}"`,
    [
      ...without("server.1", "server.2", "server.3", "clientPort"),
      `dynamicConfigFile=@DIR@/${fileName}`,
    ],
    { dynamic: dynamic(fileName) },
  );
}
add("a dynamic file that is missing", statics, { at: ["zoo.cfg:5"] });
add("a dynamic file with a version", statics, {
  dynamic: dynamic(named, "version=1"),
  at: [`@DIR@/${named}:4`],
});
add("a dynamic file with another key", statics, {
  dynamic: dynamic(named, "tickTime=1"),
  at: [`@DIR@/${named}:4`],
});
add("a dynamic file with groups", statics, {
  dynamic: dynamic(named, "group.1=1:2:3", "weight.2=4"),
});
add("a dynamic file with a broken server", statics, {
  dynamic: dynamic(named, "server.4=127.0.0.4:2888"),
  at: [`@DIR@/${named}:4`],
});
add("servers beside a dynamic file", [...statics, "server.4=127.0.0.4:2888:3888"], {
  dynamic: dynamic(named),
  at: ["zoo.cfg:6"],
});
add("groups beside a dynamic file", [...statics, "group.1=1:2:3", "weight.1=1"], {
  dynamic: dynamic(named),
  at: ["zoo.cfg:6", "zoo.cfg:7"],
});
add("clientPort beside a dynamic file that has another", [...statics, "clientPort=2182"], {
  dynamic: dynamic(named),
  at: ["zoo.cfg:6"],
});
add("an empty dynamic file", statics, {
  dynamic: { fileName: `@DIR@/${named}`, text: "" },
  at: [`@DIR@/${named}`],
  difference: "A file for the ensemble without servers is no wish to stand alone.",
});

// What is refused for safety.
add("forceSync=no", withLines("forceSync=no"), {
  at: ["zoo.cfg:9"],
  difference: "Nothing is acknowledged before it is on the disk.",
});
add("an oracle", withLines("oraclePath=@DIR@/oracle"), {
  at: ["zoo.cfg:9"],
  difference: "A file that decides beside the servers can let two leaders be elected.",
});
add("sslQuorum without keys", withLines("sslQuorum=true"), {
  at: ["zoo.cfg:9", "zoo.cfg:9"],
  difference: "Apache's server finds that out with the first connection.",
});

/** All cases, each with a name of its own. */
export const configurationCases: readonly ConfigurationCase[] = cases;
