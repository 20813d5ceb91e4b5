/** The client side of a server, without I/O: `ClientService` and what goes in and comes out. */
export { type AuditEvent, auditFields, type AuditOperation, auditText } from "./audit/index.js";
export type { AuditOptions } from "./audit/index.js";
export type { AuthId } from "./auth-id.js";
export { ClientDriver, type ClientHost, type ClientSurroundings } from "./client-driver.js";
export { ConnectionCounts, type ConnectionLimits } from "./limits/index.js";
export { PeerTurns } from "./peer-turns.js";
export type { ChildListLimits } from "./child-lists.js";
export { ClientService, type ClientUpkeep } from "./client-service.js";
export type { ClientConnectionId, ClientEvent } from "./client-events.js";
export type { ClientCloseReason, ClientEffect, QuorumRequest } from "./client-effects.js";
export type { ClientServiceOptions } from "./client-options.js";
export { isPasswordOf, sessionPassword } from "./session-password.js";
export type { ClientsView, ConnectionView } from "../admin/server-view.js";
export type { Measurements } from "../admin/measurements.js";
