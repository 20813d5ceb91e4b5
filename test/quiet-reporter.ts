/** What a test run prints: how long it will take, a line for each test that fails, and a summary. */
import { MinimalReporter, type TestSpecification } from "vitest/node";

/** Whoever asks for some of the test files gets fewer than this. */
const MANY = 100;

export class QuietReporter extends MinimalReporter {
  readonly #expectation: string;

  /** `expectation` is said at the start, unless only some of the tests were asked for. */
  constructor(expectation: string) {
    super();
    this.#expectation = expectation;
  }

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    super.onTestRunStart(specifications);
    if (specifications.length >= MANY && this.ctx.config.testNamePattern === undefined) {
      this.log(`${String(specifications.length)} test files. ${this.#expectation}\n`);
    }
  }
}
