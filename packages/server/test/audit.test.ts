/** The audit log beyond what Apache's shows: hostile names, clients that are gone, and files that move or cannot be written. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { OpCode } from "@jute-ts/zookeeper";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AuditFile, type AuditReport } from "../src/admin/audit-file.js";
import { type AuditEvent, auditText } from "../src/clients/index.js";
import { startServer } from "../src/index.js";
import { node } from "./client-of.js";
import { RawClient } from "./raw-client.js";

const EVENT: AuditEvent = { operation: "create", znode: "/a", result: "success" };

describe("a line", () => {
  it("stays one line of the same pairs, whatever clients call things", () => {
    const text = auditText({
      ...EVENT,
      user: "eve\tresult=success",
      znode: "/a\nsession=0x1\u2028\u0000é",
      result: "failure",
    });
    expect(text).toBe(
      "user=eve\\u0009result=success\toperation=create\t" +
        "znode=/a\\u000asession=0x1\\u2028\\u0000é\tresult=failure",
    );
  });

  it("shows a session id as Java does, also one below 0", () => {
    expect(auditText({ ...EVENT, sessionId: -1n })).toContain("session=0xffffffffffffffff\t");
  });
});

describe("a change", () => {
  it("is audited also when its client does not wait for the answer", async () => {
    await using zk = await startServer({ storage: "memory", settings: { "audit.enable": true } });
    const events: AuditEvent[] = [];
    zk.peer.on("audited", (event) => events.push(event));
    const client = new RawClient(Number(zk.connectString.split(":")[1]));
    const { sessionId } = await client.open();
    for (let i = 0; i < 20; i++) client.post(OpCode.create, node(`/gone${i}`));
    client.post(OpCode.create, node("/none/x"));
    client.socket.end();
    client.socket.destroySoon();
    const znodes = (): (string | undefined)[] =>
      events.filter((event) => event.sessionId === sessionId).map(({ znode }) => znode);
    await expect
      .poll(znodes)
      .toEqual([...Array.from({ length: 20 }, (_, i) => `/gone${i}`), "/none/x"]);
    expect(events.map(({ result }) => result).filter((result) => result === "failure")).toEqual([
      "failure",
    ]);
  });
});

describe("the file", () => {
  let directory: string;
  let path: string;
  let reports: AuditReport[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "jute-ts-audit-"));
    path = join(directory, "audit.log");
    reports = [];
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (where = path): AuditFile =>
    new AuditFile({ path: where, onReport: (report) => reports.push(report) });
  const lines = (where: string): number => readFileSync(where, "utf8").split("\n").length - 1;

  it("is appended to, and made again after it was moved away", async () => {
    for (let start = 0; start < 2; start++) {
      const file = open();
      file.append(EVENT);
      file.close();
    }
    expect(lines(path)).toBe(2);
    const file = open();
    try {
      renameSync(path, `${path}.1`);
      await delay(1100);
      file.append(EVENT);
      file.append(EVENT);
      await expect.poll(() => existsSync(path)).toBe(true);
      expect([lines(path), lines(`${path}.1`)]).toEqual([2, 2]);
      expect(reports).toEqual([]);
    } finally {
      file.close();
    }
  });

  it("that is full is told of once, and loses nothing more than what comes meanwhile", async () => {
    const file = open("/dev/full");
    for (let i = 0; i < 3; i++) {
      file.append(EVENT);
      await delay(5);
    }
    file.close();
    expect(reports).toEqual([
      { kind: "auditFails", path: "/dev/full", why: expect.any(String) as string },
    ]);
  });

  it("says how much is lost when it can be written again", async () => {
    const file = open();
    try {
      rmSync(directory, { recursive: true });
      await delay(1100);
      file.append(EVENT);
      file.append(EVENT);
      await expect.poll(() => reports.map(({ kind }) => kind)).toEqual(["auditFails"]);
      directory = mkdtempSync(join(tmpdir(), "jute-ts-audit-"));
      renameSync(directory, join(path, ".."));
      directory = join(path, "..");
      file.append(EVENT);
      await expect.poll(() => reports[1]).toEqual({ kind: "auditWorks", path, lostLines: 2 });
      expect(lines(path)).toBe(1);
    } finally {
      file.close();
    }
  });
});
