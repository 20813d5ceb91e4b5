/** What a server without a client port knows of clients. */
import type { ClientsView } from "./server-view.js";

export const noClients: ClientsView = {
  connections: () => [],
  connectionCount: 0,
  outstandingRequests: 0,
  sessions: () => ({ decidesExpiry: false, global: [], local: undefined }),
  dataWatches: () => [],
  watchCount: 0,
  isReadOnly: false,
  connectionDropProbability: 0,
  resetConnectionStatistics: () => undefined,
};
