/** Writes the questions for Verdicts.java, a line each, to standard output. */
import { allQuestions, formatQuestion } from "./questions.js";

process.stdout.write(
  allQuestions()
    .map((question) => `${formatQuestion(question)}\n`)
    .join(""),
);
