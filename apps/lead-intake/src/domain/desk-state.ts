/** Where a booker is, in the words of their own desk. `lead`: one is on the screen, and no call has begun. */
export const DESK_STATES = ['waiting', 'lead', 'in-call', 'wrap-up', 'paused'] as const;
export type DeskState = (typeof DESK_STATES)[number];

/** A desk says where it is every 15 seconds; a browser lets a hidden page speak once a minute. After this nobody is there. */
export const DESK_HEARD_MS = 90_000;

/** As the booker's desk said it last; real time. */
export interface Told {
  userId: string;
  engagementId: string;
  state: DeskState;
  since: Date;
  seenAt: Date;
}

/** A lead in a booker's hand since then; real time. */
export interface InHand {
  userId: string;
  engagementId: string;
  since: Date;
}

export interface BookerStanding {
  userId: string;
  engagementId: string;
  state: DeskState;
  /** Whole seconds in it, of real time. */
  forSeconds: number;
}

/**
 * One line for each booker who calls: what their desk said last, else that they have a lead, which is so whatever program asked for it.
 * `lead` counts from when that lead was handed out, so that the next one begins anew. Ordered by user, never by how anybody fares.
 */
export function standingsOf(told: readonly Told[], inHand: readonly InHand[], realNow: number): BookerStanding[] {
  const latest = new Map<string, Told>();
  for (const t of told) {
    if (realNow - t.seenAt.getTime() > DESK_HEARD_MS) continue;
    const other = latest.get(t.userId);
    if (!other || other.seenAt < t.seenAt) latest.set(t.userId, t);
  }
  const held = new Map<string, InHand>();
  for (const h of inHand) {
    const other = held.get(h.userId);
    if (!other || other.since < h.since) held.set(h.userId, h);
  }
  return [...new Set([...latest.keys(), ...held.keys()])].sort().map((userId) => {
    const [said, has] = [latest.get(userId), held.get(userId)];
    const from = said && !(said.state === 'lead' && has) ? said.since : has!.since;
    return {
      userId,
      engagementId: (said ?? has!).engagementId,
      state: said?.state ?? 'lead',
      forSeconds: Math.max(0, Math.floor((realNow - from.getTime()) / 1000)),
    };
  });
}
