/** The client port: what anybody may send there, in place of a four-letter word. */
import { FOUR_LETTER_WORDS } from "../../../packages/server/src/admin/four-letter-words.js";
import type { ServerMode } from "../../../packages/server/src/admin/server-view.js";
import { handMadeWords } from "../../../packages/server/test/hand-made-server.js";
import type { FuzzedParser } from "../fuzzed-parser.js";

const MODES: readonly (ServerMode | undefined)[] = [
  "leader",
  "follower",
  "standalone",
  "read-only",
  undefined,
];

export const fourLetterWords: FuzzedParser = {
  name: "four-letter-words",
  samples: [...FOUR_LETTER_WORDS, "kill", "ruok\n", "stmk12345678"].map((word) =>
    new TextEncoder().encode(word),
  ),
  words: FOUR_LETTER_WORDS,
  begin: (random) => {
    const mode = random.pick(MODES);
    const allowed = random.pick([["*"], ["srvr"], []]);
    const { words } = handMadeWords(mode, { allowed });
    return (input) => (words.answer(input) === undefined ? "refused" : "accepted");
  },
};
