/** Puts the parts of the page together. */
import { element } from "./page.js";
import { InspectPanel } from "./inspect-panel.js";
import { RecordPanel } from "./record-panel.js";
import { SchemaPanel } from "./schema-panel.js";
import { fromHash, toHash } from "./state.js";

const records = new RecordPanel((record) => {
  schema.showRecord(record);
});
const schema = new SchemaPanel((current) => {
  records.use(current);
});
const inspect = new InspectPanel();
const shareStatus = element("share-status", HTMLSpanElement);
/** What this page has written into its own address, which is nothing to load. */
let ownHash: string | undefined;

async function load(): Promise<void> {
  if (location.hash !== "" && location.hash === ownHash) return;
  const state = await fromHash(location.hash);
  schema.set(state?.files, state?.source);
  if (state !== undefined) records.set(state.record, state.hex);
  inspect.set(state?.packet ?? "", state?.format ?? "", state?.filter ?? "");
  const isBroken = state === undefined && location.hash.length > 1;
  shareStatus.textContent = isBroken ? "The link is damaged; these are ZooKeeper's schemas." : "";
}

async function share(): Promise<void> {
  const { files, source } = schema;
  const { record, hex } = records;
  const { packet, format, filter } = inspect;
  const hash = await toHash({ files, source, record, hex, packet, format, filter });
  ownHash = `#${hash}`;
  location.hash = hash;
  try {
    await navigator.clipboard.writeText(location.href);
    shareStatus.textContent = "Copied.";
  } catch {
    shareStatus.textContent = "The address of this page is the link.";
  }
}

element("share", HTMLButtonElement).addEventListener("click", () => void share());
element("reset", HTMLButtonElement).addEventListener("click", () => {
  history.replaceState(null, "", location.pathname);
  void load();
});
window.addEventListener("hashchange", () => void load());

await load();
