/** What the tables of mutants say around their rows. */
import type { TableTexts } from "./hunt.js";

const INTRODUCTION = `# Mutants

Known bugs of ZooKeeper, and mistakes that are easy to make in its protocol, put into the peers of
the simulator (\`src/mutants\`), and the first random seed that shows each, counted from 1.
Written by \`npm run sim:mutants -- --out packages/simulator/test/mutants.md\`;
\`npm run sim -- --mutant NAME --seed N --trace\` tells the story.`;

const HARMLESS = `One more mistake is no mutant, because it does no harm, or next to none, on its own:

- _TRUNC cuts the log and leaves snapshots that hold what was cut._ It takes a snapshot of what was
  never committed. A peer writes none of its own while its state may hold that; a leader that fails
  before its epoch is established may have sent one, but none of the TRUNCs of 300 seeds met it. This
  is the second half of ZOOKEEPER-1549, which the table has together with the first.`;

const CHECKERS = `Who was the first to notice which mutant. A run ends with its first violation, so this is less than
what a checker could notice. Those that were never the first are shown histories made by hand that
they must refuse, as all checkers are, in \`src/checkers/refusals.test.ts\`.`;

const CLIENT_PORT_INTRODUCTION = `# Mutants of what serves clients

Bugs that ZooKeeper's servers had towards their clients, and others like them, put into the client side of
the simulated servers (\`src/mutants/client-port\`), and the first random seed that shows each, counted from 1.
Written by \`npm run sim:mutants -- --kind client-port --out packages/simulator/test/client-port-mutants.md\`;
\`npm run sim -- --mutant NAME --seed N --trace\` tells the story.`;

const CLIENT_PORT_HARMLESS = `Two more mistakes are no mutants, because something else makes up for them:

- _A server that is behind takes clients that have seen more._ Its leader must confirm their sessions first, and
  the confirmation comes after the commits that the server lacks, on the same connection.
- _The connection of a session that has expired stays open._ It is closed for its silence at the same time, and a
  client that has taken its session to another server has left it.`;

const CLIENT_PORT_CHECKERS = `Who was the first to notice which mutant. A run ends with its first violation, so this is less than
what a checker could notice. What each checker must refuse is shown by histories made by hand in
\`src/client-port/checkers/refusals.test.ts\`.`;

export const quorumTexts: TableTexts = {
  introduction: INTRODUCTION,
  harmless: HARMLESS,
  checkers: CHECKERS,
};

export const clientPortTexts: TableTexts = {
  introduction: CLIENT_PORT_INTRODUCTION,
  harmless: CLIENT_PORT_HARMLESS,
  checkers: CLIENT_PORT_CHECKERS,
};
