import { expect, it } from "vitest";
import { ClientDriver, type ClientHost } from "./client-driver.js";
import type { ClientService } from "./client-service.js";

it.each([true, false])(
  "says when what happened began, however long it took; with something urgent: %s",
  (hasUrgentRequests) => {
    let nowMs = 7;
    const service = {
      step: () => {
        nowMs += 5;
      },
      hasMuchToSend: false,
      hasUrgentRequests,
      takeQuorumRequests: () => [],
    } as unknown as ClientService;
    const driver = new ClientDriver(service, {
      clock: () => ({ nowMs, wallMs: 0 }),
      carryOut: () => true,
      wakeAt: () => undefined,
    });
    const calls: unknown[] = [];
    const host: ClientHost = {
      ask: (_events, beganMs) => calls.push(["ask", beganMs]),
      settleSoon: (beganMs) => calls.push(["settleSoon", beganMs]),
    };
    driver.attach(host);
    driver.happen({ kind: "deadline" });
    expect(calls).toEqual([[hasUrgentRequests ? "ask" : "settleSoon", 7]]);
  },
);
