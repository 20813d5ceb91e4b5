// Import direction, as a tool and not a promise. TypeScript's project references order the build
// but do not stop an import by package name; these rules do.
//
//   runtime  <-  records  <-  zookeeper  <-  persistence  <-  quorum  <-  data-tree  <-  server
//   runtime  <-  fast-check;  compiler  <-  cli, prettier-plugin, language-server;  language-server  <-  cli
//   simulator and inspect stand on quorum and data-tree, the simulator also on the clients of server;
//   nobody stands on the simulator

const test = "[.]test[.]ts$|^(packages/[^/]+|editors/[^/]+|generated)/test/";

/** A package's shipped code may reach itself, the packages it stands on, and the libraries it lists. */
function standsOn(name, allowed) {
  const folder = (workspace) => (workspace === "generated" ? workspace : `packages/${workspace}`);
  return {
    name: `${name}-stands-on`,
    comment: `${name} may import ${allowed.length > 0 ? allowed.join(", ") : "no other workspace"}.`,
    severity: "error",
    from: { path: `^${folder(name)}/`, pathNot: test },
    to: {
      path: "^(packages/[^/]+|generated|bench|scripts|test)/",
      pathNot: [name, ...allowed].map((each) => `^${folder(each)}/src/`),
    },
  };
}

export default {
  forbidden: [
    standsOn("runtime", []),
    standsOn("generated", ["runtime"]),
    standsOn("fast-check", ["runtime"]),
    standsOn("zookeeper", ["runtime", "generated"]),
    standsOn("persistence", ["runtime", "generated", "zookeeper"]),
    standsOn("quorum", ["runtime", "generated", "zookeeper", "persistence"]),
    standsOn("data-tree", ["runtime", "generated", "zookeeper", "persistence", "quorum"]),
    standsOn("server", ["runtime", "generated", "zookeeper", "persistence", "quorum", "data-tree"]),
    standsOn("simulator", [
      "runtime",
      "generated",
      "zookeeper",
      "persistence",
      "quorum",
      "data-tree",
      "server",
    ]),
    standsOn("inspect", [
      "runtime",
      "generated",
      "zookeeper",
      "persistence",
      "quorum",
      "data-tree",
    ]),
    standsOn("compiler", []),
    standsOn("language-server", ["compiler"]),
    standsOn("cli", [
      "compiler",
      "language-server",
      "runtime",
      "generated",
      "zookeeper",
      "persistence",
      "data-tree",
      "inspect",
    ]),
    standsOn("prettier-plugin", ["compiler"]),
    standsOn("playground", ["compiler", "inspect", "runtime", "persistence"]),
    {
      name: "editors-stand-alone",
      comment:
        "An extension starts the command and talks to it; scripts/vsix puts both into one file.",
      severity: "error",
      from: { path: "^editors/", pathNot: test },
      to: { path: "^(packages/[^/]+|generated|bench|scripts|test)/" },
    },
    {
      name: "wire-is-pure",
      comment: "The bytes of the quorum's ports know what is said, not who says it or when.",
      severity: "error",
      from: { path: "^packages/quorum/src/wire/", pathNot: test },
      to: {
        path: "^packages/quorum/src/",
        pathNot: "^packages/quorum/src/(wire/|(replicated-state|protocol-violation)[.]ts$)",
      },
    },
    {
      name: "membership-is-pure",
      comment: "Who belongs to an ensemble is known without the protocol.",
      severity: "error",
      from: { path: "^packages/quorum/src/membership/", pathNot: test },
      to: { path: "^packages/quorum/src/(?!membership/)" },
    },
    {
      name: "data-tree-knows-the-contract-only",
      comment:
        "The tree implements the interface of the replicated state: types, and nothing else.",
      severity: "error",
      from: { path: "^packages/data-tree/src/", pathNot: test },
      to: { path: "^packages/quorum/src/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "configuration-is-pure",
      comment: "A configuration is read from texts: no protocol, no socket, no file.",
      severity: "error",
      from: { path: "^packages/server/src/configuration/", pathNot: test },
      to: {
        path: "^packages/(server/src/(?!configuration/)|quorum/src/(?!membership/)|data-tree/|persistence/)",
      },
    },
    {
      name: "clients-are-pure",
      comment:
        "The client side is a state machine beside the quorum's: no socket, no timer, no configuration file.",
      severity: "error",
      from: { path: "^packages/server/src/clients/", pathNot: test },
      to: { path: "^packages/server/src/(?!clients/)", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "only-mutants-reach-inside",
      comment:
        "Known bugs are put into the insides of the protocol, the tree and the servers; nobody else goes there, and to servers only for their side of clients.",
      severity: "error",
      from: { path: "^packages/simulator/src/(?!mutants/)", pathNot: test },
      to: {
        path: "^packages/(quorum|data-tree|server)/src/",
        pathNot:
          "^packages/(quorum/src/((wire|membership)/)?|data-tree/src/|server/src/clients/)index[.]ts$",
      },
    },
    {
      name: "libraries-know-no-node",
      comment:
        "These packages run in browsers; files, processes and sockets belong to their callers.",
      severity: "error",
      from: {
        path: "^(packages/[^/]+|generated)/src/",
        pathNot: [
          test,
          "^packages/cli/",
          "^packages/language-server/src/(index|disk)[.]ts$",
          "^packages/server/src/(?!configuration/|clients/)",
          "^packages/simulator/src/(command/|(mutants/)?main[.]ts$)",
        ],
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "runtime-and-records-need-nothing",
      comment: "The runtime and the records have no dependency outside this repository.",
      severity: "error",
      from: { path: "^(packages/runtime|generated|packages/zookeeper)/src/", pathNot: test },
      to: { path: "node_modules/(?!@jute-ts/)" },
    },
    {
      name: "no-cycles",
      comment: "Two files that need each other are one file or hide a third.",
      severity: "error",
      // A record may contain itself through a vector, so generated records are left out.
      from: { pathNot: "^generated/src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-cycles-of-types",
      comment:
        "The same where only types are needed. One ring is the nature of the thing: an archive reads records, and a record reads itself from an archive. The sessions of clients and the simulator's faults still have rings of types.",
      severity: "error",
      from: { pathNot: "^(generated|packages/server/src/clients|packages/simulator)/" },
      to: { circular: true, viaOnly: { pathNot: "^packages/runtime/src/record[.]ts$" } },
    },
    {
      name: "resolvable",
      comment: "Every import leads somewhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "shipped-code-imports-shipped-dependencies",
      comment: "A devDependency is not there when a user installs the package.",
      severity: "error",
      from: {
        path: "^(packages/[^/]+|generated)/src/",
        // Those that scripts/bundle.ts makes one file of.
        pathNot: ["^packages/(cli|compiler)/", "^packages/server/src/(cli/|main\\.ts)", test],
      },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        // What the root needs for development may be a package's real dependency too.
        dependencyTypesNot: ["npm", "npm-peer", "type-only"],
        pathNot: "node_modules/@types/",
      },
    },
    {
      name: "what-the-bundles-hold",
      comment:
        "The published compiler and command hold these (scripts/bundle.ts), so they may stay devDependencies.",
      severity: "error",
      from: { path: "^packages/(cli|compiler)/src/", pathNot: test },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        dependencyTypesNot: ["npm", "npm-peer", "type-only"],
        pathNot:
          "node_modules/(@types|@commander-js/extra-typings|chevrotain|commander|picocolors|tinyglobby)/",
      },
    },
    {
      name: "tests-are-leaves",
      comment: "Nothing that ships imports a test.",
      severity: "error",
      from: { pathNot: test },
      to: { path: "[.]test[.]ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/|^packages/compiler/test/golden/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    // Package manifests are merged up to the root, because tests use the root's devDependencies.
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@jute-ts/source", "import", "node", "default", "types"],
    },
  },
};
