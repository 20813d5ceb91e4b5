/** A link between a leader and a learner. Named by its end that opened or accepted it, never used twice. */
export type ConnectionId = number;
