export { type AuditEvent, auditFields, type AuditOperation, auditText } from "./audit-event.js";
export { type AuditDraft, draftOf } from "./audit-draft.js";
export { type AuditOptions, AuditTrail } from "./audit-trail.js";
