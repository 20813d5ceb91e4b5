/** Gives each peer its own copy of the touch functions; see touch.ts for the reason. */
import type { Shape } from "../workloads.js";
import type { TouchModule } from "./touch.js";

export async function ownTouch(
  peer: string,
): Promise<(shape: Shape) => (decoded: unknown) => void> {
  const url = new URL(`./touch.js?${encodeURIComponent(peer)}`, import.meta.url);
  const { touchers } = (await import(url.href)) as TouchModule;
  return (shape) => touchers[shape] as (decoded: unknown) => void;
}
