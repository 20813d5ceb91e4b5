/** What the admin commands are answered from. */
import type { PeerMetrics } from "./peer-metrics.js";
import type { ServerView } from "./server-view.js";
import type { TraceMask } from "./trace-mask.js";

export interface AdminCommandContext {
  readonly view: ServerView;
  readonly metrics: PeerMetrics;
  readonly traceMask: TraceMask;
  /** The lines of zoo.cfg that Apache's server keeps as system properties. */
  readonly properties: ReadonlyMap<string, string>;
  /** The text of zoo.cfg. */
  readonly configuration: string;
  /** What follows the question mark. */
  readonly parameters: URLSearchParams;
}
