/** What is said of options that JavaScript lets through and no type would. */
import { nameList, nearestName } from "../configuration/nearest-name.js";

/** The names of all options of a kind: the compiler holds the keys to the type. */
export type OptionNames<Options extends object> = Readonly<Record<keyof Options, true>>;

/**
 * Why these are no options of `owner`: they are no object, or have a name that is unknown.
 * Undefined if they can be. A name whose value is undefined is as good as not there.
 */
export function whyNotOptions(
  options: unknown,
  owner: string,
  names: Readonly<Record<string, true>>,
): string | undefined {
  const known = Object.keys(names);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return `the options of ${owner} are ${described(options)}. Give an object, with ${known.join(", ")}, or nothing.`;
  }
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined || Object.hasOwn(names, name)) continue;
    const meant = nearestName(name, nameList(known));
    return meant === undefined
      ? `${name} is no option of ${owner}, which has ${known.join(", ")}.`
      : `${name} is no option of ${owner}. Is it ${meant}?`;
  }
  return undefined;
}

function described(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "number" ? `the number ${value}` : `of type ${typeof value}`;
}
