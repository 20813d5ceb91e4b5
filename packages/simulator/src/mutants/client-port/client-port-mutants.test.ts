/** The mutants of what serves clients, held to their table. */
import { describeTable } from "../../../test/mutant-table.js";
import { clientPortCast } from "../../client-port/client-port-cast.js";
import { clientPortMutants } from "./index.js";

describeTable({
  file: "client-port-mutants.md",
  mutants: clientPortMutants,
  cast: clientPortCast,
  leastFound: 0.9,
});
