/** Limits: what one client, or all of them, may ask of a server. */
export { ConnectionCounts, type ConnectionLimits } from "./connection-counts.js";
export {
  ConnectionThrottle,
  type ConnectionThrottleOptions,
  type WayToConnect,
} from "./connection-throttle.js";
export { IdleConnections } from "./idle-connections.js";
export { type LargeRequestLimits, LargeRequests } from "./large-requests.js";
export { OwnLargeRequests } from "./own-large-requests.js";
export { RequestThrottle } from "./request-throttle.js";
