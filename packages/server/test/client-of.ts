/** Raw clients for a test, each gone when the test is. */
import { OPEN_ACL_UNSAFE } from "@jute-ts/zookeeper";
import { onTestFinished } from "vitest";
import type { Ensemble } from "../src/index.js";
import { RawClient } from "./raw-client.js";

/** Connects to one of an ensemble's servers. */
export function clientOf(ensemble: Ensemble, index = 0): RawClient {
  const client = new RawClient(ensemble.servers[index]?.client.port ?? 0);
  onTestFinished(() => client.drop());
  return client;
}

/** Connects and opens a session. */
export async function openClient(
  ensemble: Ensemble,
  index = 0,
  timeOut = 4000,
): Promise<RawClient> {
  const client = clientOf(ensemble, index);
  await client.open({ timeOut });
  return client;
}

/** The body of a create that everybody may do everything with. */
export function node(path: string, data = "", flags = 0) {
  return { path, data: new TextEncoder().encode(data), acl: OPEN_ACL_UNSAFE, flags };
}
