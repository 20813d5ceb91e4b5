/** Puts the parts of the page together. */
import dataSchema from "../../../jute-defs/data.jute?raw";
import { element } from "./page.js";
import { InspectPanel } from "./inspect-panel.js";
import { RecordPanel } from "./record-panel.js";
import { SchemaPanel } from "./schema-panel.js";
import { fromHash, toHash } from "./state.js";

const records = new RecordPanel();
const schema = new SchemaPanel((current) => {
  records.use(current);
});
new InspectPanel();

async function load(): Promise<void> {
  const state = fromHash(location.hash);
  await schema.set(state?.schema ?? dataSchema);
  if (state !== undefined) records.set(state.record, state.hex);
}

element("share", HTMLButtonElement).addEventListener("click", () => {
  location.hash = toHash({ schema: schema.text, record: records.record, hex: records.hex });
  const status = element("share-status", HTMLSpanElement);
  navigator.clipboard.writeText(location.href).then(
    () => (status.textContent = "Copied."),
    () => (status.textContent = "The address of this page is the link."),
  );
});

await load();
