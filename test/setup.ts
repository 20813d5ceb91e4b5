/** Runs before every test file: gives fast-check the seed of this run. A failing property prints it. */
import fc from "fast-check";
import { testSeed } from "./seed.js";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: testSeed() });
