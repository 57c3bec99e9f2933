/** What a link from a mail of ours opens. `receipt`: what a page says after something was done. */
export const LINK_PURPOSES = ['pick', 'move', 'cancel', 'receipt'] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** All that a link says: ids, and until when. Of whom, only this installation knows. */
export interface LinkScope {
  purpose: LinkPurpose;
  engagementId: string;
  /** A booking link's id with `pick`, else a booking's. */
  subjectId: string;
  /** The booking's SEQUENCE it was made for: with the next one the link is void. 0 with `pick`. */
  sequence: number;
  expiresAt: Temporal.Instant;
}

export type BookingLinkState = 'open' | 'booked' | 'declined' | 'withdrawn';

/** `k•••@bruksvik.example`: enough to recognise one's own address, and nothing of its length. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address.slice(0, at);
  return `${first}•••${address.slice(at)}`;
}
