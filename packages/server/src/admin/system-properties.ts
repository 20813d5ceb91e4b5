/** `system_properties`: what Java would have as such, as far as it exists here. */
import { environmentOf } from "./environment.js";
import { isSecret } from "./secret-keys.js";

/** `settings`: the keys of zoo.cfg that Apache's server keeps as `zookeeper.KEY`. What is secret is left out. */
export function systemPropertiesOf(
  settings: ReadonlyMap<string, string>,
): readonly (readonly [string, string])[] {
  const platform = environmentOf("").filter(
    ([name]) => /^(java|os|user)\./u.test(name) && !name.startsWith("os.memory"),
  );
  const configured = [...settings]
    .filter(([key]) => !isSecret(key))
    .map(([key, value]): [string, string] => [`zookeeper.${key}`, value]);
  return [...platform, ...configured, ["file.separator", "/"], ["line.separator", "\n"]]
    .map(([name = "", value = ""]): [string, string] => [name, value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
