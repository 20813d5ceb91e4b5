/** The process that loads servers through their client ports, Apache's and ours alike. */
import {
  type Fill,
  fill,
  firstWrite,
  type Kill,
  killUnderLoad,
  type Load,
  loadThrough,
} from "./load.js";
import { answerParent } from "./questions.js";

answerParent({
  fill: async (argument: Fill) => await fill(argument),
  load: async ({ address, load }: { readonly address: string; readonly load: Load }) =>
    await loadThrough(address, load),
  firstWrite: async (addresses: readonly string[]) => {
    await firstWrite(addresses);
  },
  kill: async (argument: Kill) => await killUnderLoad(argument),
});
