/** Ten seconds for everything, invites included (architecture.md §9). */
const UNDO_SECONDS = 10;

/** When outsiders are told of what was decided. */
export const toldAt = (decidedAt: Temporal.Instant): Temporal.Instant => decidedAt.add({ seconds: UNDO_SECONDS });
