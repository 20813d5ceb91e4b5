// Two rule sets: everything written by hand is linted with type information, and the generated
// records with plain recommended rules, because that is what a consuming project would run on them.
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores([
    "**/node_modules/",
    "**/dist/",
    "**/coverage/",
    "docs/api/",
    "packages/compiler/test/golden/",
  ]),
  {
    name: "jute-ts/generated",
    files: ["generated/src/**/*.ts", "examples/*/src/records/**/*.ts"],
    extends: [js.configs.recommended, tseslint.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  {
    name: "jute-ts/typescript",
    files: ["**/*.ts"],
    ignores: ["generated/src/**", "examples/*/src/records/**"],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      parserOptions: {
        // Named one by one: the nearest tsconfig.json of a package leaves its tests out.
        project: [
          "./packages/*/tsconfig.json",
          "./editors/*/tsconfig.json",
          "./packages/server/tsconfig.node.json",
          "./packages/simulator/tsconfig.node.json",
          "./tsconfig.tests.json",
          "./examples/browser/tsconfig.json",
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: ["error", "always"],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers and bigints print the same everywhere; objects and null are the ones that surprise.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // Texts are taken apart by code points on purpose, which is what spreading does.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      // A name with an underscore says that a signature, not the body, needs the parameter.
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
    },
  },
  {
    // One rule of visibility: the types say what is private, so that a mutant may still replace it.
    name: "jute-ts/quorum",
    files: ["packages/quorum/src/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "PrivateIdentifier", message: "Write `private name` in this package." },
      ],
    },
  },
  {
    name: "jute-ts/javascript",
    files: ["**/*.js"],
    extends: [js.configs.recommended],
  },
);
