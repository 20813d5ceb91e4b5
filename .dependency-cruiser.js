// Import direction, as a tool and not a promise. TypeScript's project references order the build
// but do not stop an import by package name; these rules do.
//
//   runtime  <-  generated (@jute-ts/records)  <-  zookeeper  <-  persistence  <-  quorum
//   quorum:  core  <-  data-tree  <-  drivers (src/node) and simulator (src/sim), which do not
//            know each other
//   runtime  <-  fast-check
//   compiler  <-  cli, the only one of the two that may know Node

const test = "[.]test[.]ts$|^(packages/[^/]+|generated)/test/";

/** A package's shipped code may reach itself, the packages it stands on, and the libraries it lists. */
function standsOn(name, from, allowed) {
  return {
    name: `${name}-stands-on`,
    comment: `${name} may import ${allowed.length > 0 ? allowed.join(", ") : "no other workspace"}.`,
    severity: "error",
    from: { path: `^${from}/`, pathNot: test },
    to: {
      path: "^(packages/[^/]+|generated|bench|scripts|test)/",
      pathNot: [from, ...allowed].map((folder) => `^${folder}/src/`),
    },
  };
}

export default {
  forbidden: [
    standsOn("runtime", "packages/runtime", []),
    standsOn("compiler", "packages/compiler", []),
    standsOn("cli", "packages/cli", ["packages/compiler"]),
    standsOn("generated", "generated", ["packages/runtime"]),
    standsOn("zookeeper", "packages/zookeeper", ["packages/runtime", "generated"]),
    standsOn("fast-check", "packages/fast-check", ["packages/runtime"]),
    standsOn("persistence", "packages/persistence", [
      "packages/runtime",
      "generated",
      "packages/zookeeper",
    ]),
    standsOn("quorum", "packages/quorum", [
      "packages/runtime",
      "generated",
      "packages/zookeeper",
      "packages/persistence",
    ]),
    {
      name: "core-stands-alone",
      comment: "The protocol knows neither what it replicates, nor sockets, nor the simulator.",
      severity: "error",
      from: { path: "^packages/quorum/src/core/", pathNot: test },
      to: { path: "^packages/quorum/src/(?!core/)" },
    },
    {
      name: "data-tree-knows-the-contract-only",
      comment: "The tree implements the interface of the replicated state and knows nothing else.",
      severity: "error",
      from: { path: "^packages/quorum/src/data-tree/", pathNot: test },
      to: {
        path: "^packages/quorum/src/",
        pathNot: "^packages/quorum/src/(data-tree/|core/(replicated-state|zxid)[.]ts$)",
      },
    },
    {
      name: "drivers-know-no-simulator",
      comment: "What runs in production never imports what simulates it.",
      severity: "error",
      from: { path: "^packages/quorum/src/(node/|main[.]ts$|index[.]ts$)", pathNot: test },
      to: { path: "^packages/quorum/src/sim/" },
    },
    {
      name: "simulator-knows-no-drivers",
      comment: "The simulator's world has no sockets and no files.",
      severity: "error",
      from: { path: "^packages/quorum/src/sim/", pathNot: test },
      to: { path: "^packages/quorum/src/node/" },
    },
    {
      name: "libraries-know-no-node",
      comment:
        "These packages run in browsers; files, processes and sockets belong to their callers.",
      severity: "error",
      from: {
        path: "^(packages/(runtime|compiler|zookeeper|fast-check|persistence|quorum)|generated)/src/",
        pathNot: [
          test,
          "^packages/quorum/src/(node/|main[.]ts$|index[.]ts$|sim/(mutants/)?main[.]ts$)",
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
      comment:
        "Two files that need each other are one file or hide a third. Types may meet in a cycle.",
      severity: "error",
      // A record may contain itself through a vector, so generated records are left out.
      from: { pathNot: "^generated/src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
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
        pathNot: ["^packages/(cli|compiler)/", test],
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
        pathNot: "node_modules/(@types|chevrotain|commander|picocolors|tinyglobby)/",
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
