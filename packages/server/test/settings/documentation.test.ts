/** docs/zoo-cfg.md says what the table of keys says. `npx vitest run … -u` writes it again. */
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { it, expect } from "vitest";
import { type ConfigurationKey, configurationKeys } from "../../src/configuration/index.js";

const FILE = fileURLToPath(new URL("../../../../docs/zoo-cfg.md", import.meta.url));

it("documents every key", async () => {
  const text = `# The keys of zoo.cfg

\`zk-server start\` reads the files that ZooKeeper's servers read. A key that is in none of these tables has no
effect, which a note at the start says. Keys that Apache's server takes as system properties, such as
\`zookeeper.skipACL\`, are written without the prefix, as in a zoo.cfg for Apache's.

What a leader is set to decides about the requests of all clients, whichever server they are connected to:
set the same on all servers.

## Used

${table("used")}

## Without effect

They are checked, and a note at the start says that they have no effect here.

${table("accepted")}

## Refused

Anything but the default is refused at the start.

${table("refused")}
`;
  const options = await resolveConfig(FILE);
  await expect(await format(text, { ...options, filepath: FILE })).toMatchFileSnapshot(FILE);
});

function table(status: ConfigurationKey["status"]): string {
  const rows = configurationKeys
    .filter((key) => key.status === status)
    .map(({ name, default: fallback, unit, remark }) => {
      const value = fallback === undefined || fallback === "" ? "" : `\`${fallback}\``;
      const counted = unit === undefined || unit === "port" || value === "" ? "" : ` ${unit}`;
      return `| \`${name}\` | ${value}${counted} | ${remark.replaceAll("|", "\\|")} |`;
    });
  const remark = { used: "what it does", accepted: "why it has none", refused: "why" }[status];
  return ["| key | without a line | " + remark + " |", "| --- | --- | --- |", ...rows].join("\n");
}
