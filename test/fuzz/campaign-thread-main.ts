/** A thread that runs the campaigns that it is told to, one after the other, until nothing more comes. */
import { parentPort, workerData } from "node:worker_threads";
import { runCampaign } from "./campaign.js";
import type { Order } from "./campaign-thread.js";
import { PARSERS } from "./parsers/all.js";

const current = new Uint32Array(workerData as SharedArrayBuffer);

parentPort?.on("message", ({ parser: name, ...options }: Order) => {
  const parser = PARSERS.find((each) => each.name === name);
  if (parser === undefined) throw new Error(`there is no parser ${name}`);
  const onInput = (number: number): void => {
    current[0] = number;
  };
  void runCampaign(parser, { ...options, onInput }).then((result) => {
    parentPort?.postMessage(result);
  });
});
