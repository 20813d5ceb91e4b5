/**
 * Our compiler against the recorded verdicts of Apache's. Each difference must
 * belong to one of the deliberate ones, which docs/language.md describes.
 */
import { describe, expect, it } from "vitest";
import { checkSources } from "../../../packages/compiler/src/schema/check.js";
import { includable } from "./corpus.js";
import {
  allTexts,
  hashOf,
  readRecorded,
  verdictOf,
  type Judged,
  type Verdict,
} from "./verdicts.js";

const { corpus, mutations } = allTexts();
const recorded = readRecorded();
const judged = [...corpus, ...mutations].map((text, index) => ({
  ...text,
  apache: verdictOf((recorded.corpus + recorded.mutations).charAt(index)),
}));

/** What we refuse though Apache's compiler accepts it: its output would be broken or ambiguous, or the annotations make no sense. */
const strictness: ReadonlyMap<string, string> = new Map([
  ["JUTE022", "duplicate class"],
  ["JUTE023", "duplicate field"],
  ["JUTE040", "annotations"],
  ["JUTE042", "annotations"],
  ["JUTE043", "annotations"],
  ["JUTE044", "annotations"],
  ["JUTE046", "annotations"],
]);

type Outcome =
  | { readonly kind: "agree" | "deliberate"; readonly reason: string }
  | { readonly kind: "wrong"; readonly reason: string };

function compare({ text, apache }: Judged & { readonly apache: Verdict }): Outcome {
  const { diagnostics, schema } = checkSources([{ path: "directory/text.jute", text }], {
    readInclude: (path) => includable[path.replace("directory/", "")],
  });
  const codes = diagnostics.map(({ code }) => code);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const refusedByGrammar = codes.some((code) => /^JUTE0[016]/.test(code));
  const accepted = schema !== undefined;
  const wrong = (reason: string): Outcome => ({
    kind: "wrong",
    reason: `${reason}: ${codes.join(" ")}`,
  });
  const agree: Outcome = { kind: "agree", reason: apache };

  switch (apache) {
    case "accept": {
      if (accepted)
        return codes.includes("JUTE024")
          ? wrong("we warn of a forward reference that Apache accepts")
          : agree;
      // Apache's compiler 3.8.0 overlooks a comment that opens in the last two characters; later ones do not.
      if (/\/\*$/.test(text) && codes.join() === "JUTE003") {
        return { kind: "deliberate", reason: "open comment at the end" };
      }
      const reasons = errors.map(({ code }) => strictness.get(code));
      const [reason] = reasons;
      return reason === undefined || reasons.includes(undefined)
        ? wrong("we refuse what Apache accepts")
        : { kind: "deliberate", reason };
    }
    case "lexical":
    case "syntax": {
      if (refusedByGrammar) return agree;
      if (/include "[^"]*[^\0-\xff][^"]*"/.test(text) && codes.includes("JUTE030")) {
        return { kind: "deliberate", reason: "path beyond Latin-1" };
      }
      if (text.startsWith("\uFEFF")) return { kind: "deliberate", reason: "byte order mark" };
      if (/\/\/[^\n\r]*$/.test(text)) return { kind: "deliberate", reason: "comment at the end" };
      return wrong("we do not refuse the syntax");
    }
    case "unknown":
      if (refusedByGrammar || codes.includes("JUTE020")) return agree;
      if (codes.includes("JUTE024")) return { kind: "deliberate", reason: "forward reference" };
      if (codes.includes("JUTE027")) return { kind: "deliberate", reason: "type of the includer" };
      // We refuse it too, and say more about why: the class may lie in the file that is missing.
      if (codes.includes("JUTE050") || codes.includes("JUTE030")) return agree;
      return wrong("we find no unknown type");
    case "missing":
      return refusedByGrammar || codes.includes("JUTE030") ? agree : wrong("we miss no include");
  }
}

describe("Apache's compiler and ours", () => {
  it("have judged the same texts", () => {
    expect(hashOf([...corpus, ...mutations]), "the texts have changed: run record.sh").toBe(
      recorded.textsSha256,
    );
    expect(recorded.corpus).toHaveLength(corpus.length);
    expect(recorded.mutations).toHaveLength(mutations.length);
  });

  it("differ only where we mean to", () => {
    const wrong = judged.flatMap((text) => {
      const { kind, reason } = compare(text);
      return kind === "wrong"
        ? [`${text.name}: ${reason} (Apache: ${text.apache})\n${text.text}`]
        : [];
    });
    expect(wrong.slice(0, 20).join("\n\n")).toBe("");
  });

  it("differ for every one of the deliberate reasons, so that none is listed in vain", () => {
    const reasons = new Set(
      judged.map(compare).flatMap(({ kind, reason }) => (kind === "deliberate" ? [reason] : [])),
    );
    expect([...reasons].sort()).toEqual([
      "annotations",
      "byte order mark",
      "comment at the end",
      "duplicate class",
      "duplicate field",
      "forward reference",
      "open comment at the end",
      "path beyond Latin-1",
      "type of the includer",
    ]);
  });

  it("were asked about texts of every kind", () => {
    const counts = new Map<Verdict, number>();
    for (const { apache } of judged) counts.set(apache, (counts.get(apache) ?? 0) + 1);
    for (const verdict of ["accept", "lexical", "syntax", "unknown", "missing"] as const) {
      expect(counts.get(verdict) ?? 0, verdict).toBeGreaterThan(20);
    }
  });
});
