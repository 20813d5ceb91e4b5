/** How long leaders and learners give each other, as servers are configured. */

export interface SyncLimits {
  readonly tickTimeMs: number;
  /** In ticks: for learners that are up to date, and for their leader. */
  readonly syncLimit: number;
  /** How late timers may fire. */
  readonly timerLatenessMs: number;
}

export interface LearnerLimits extends SyncLimits {
  /** In ticks: until a learner is up to date. */
  readonly initLimit: number;
}
