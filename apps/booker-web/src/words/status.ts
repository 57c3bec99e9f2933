import type { Tone } from '../theme/theme.js';
import type { Language } from './words.js';

export interface StatusWord extends Readonly<Record<Language, string>> {
  readonly tone: Exclude<Tone, 'accent'>;
}

const word = (sv: string, en: string, tone: StatusWord['tone']): StatusWord => ({ sv, en, tone });

/** Every state of every thing: its one word, and what its colour means. Keys are the API's codes where it has one. */
export const STATUS = {
  lead: {
    new: word('ny', 'new', 'grey'),
    'not-informed': word('underrättelse saknas', 'not informed', 'warn'),
    callable: word('ringbar', 'callable', 'ok'),
    'handed-out': word('utlämnad', 'handed out', 'wait'),
    'waiting-period': word('väntetid', 'waiting period', 'grey'),
    callback: word('återuppringning', 'callback', 'wait'),
    interested: word('intresserad', 'interested', 'ok'),
    booked: word('bokad', 'booked', 'ok'),
    closed: word('stängd', 'closed', 'grey'),
    'attempts-used': word('uttömd', 'attempts used', 'grey'),
    restricted: word('begränsad', 'restricted', 'hold'),
    suppressed: word('spärrad', 'suppressed', 'err'),
    'being-erased': word('raderas', 'being erased', 'wait'),
    erased: word('raderad', 'erased', 'grey'),
  },
  call: {
    ringing: word('ringer', 'ringing', 'wait'),
    connected: word('pågår', 'in call', 'ok'),
    'wrap-up': word('efterarbete', 'wrap-up', 'wait'),
    ended: word('avslutat', 'ended', 'grey'),
  },
  outcome: {
    'no-answer': word('svarar inte', 'no answer', 'grey'),
    busy: word('upptaget', 'busy', 'grey'),
    callback: word('ring åter', 'call back', 'wait'),
    interested: word('intresserad', 'interested', 'ok'),
    'not-interested': word('nej tack', 'no thanks', 'grey'),
    'not-a-fit': word('passar inte in', 'not a fit', 'grey'),
    'wrong-number': word('fel nummer', 'wrong number', 'warn'),
    objected: word('ring inte igen', 'do not call again', 'err'),
    booked: word('bokat', 'booked', 'ok'),
    'not-connected': word('kopplades inte', 'not connected', 'grey'),
  },
  meeting: {
    reserved: word('reserverat', 'reserved', 'wait'),
    booked: word('bokat', 'booked', 'ok'),
    accepted: word('accepterat', 'accepted', 'ok'),
    declined: word('avböjt', 'declined', 'warn'),
    moved: word('flyttat', 'moved', 'ok'),
    cancelled: word('avbokat', 'cancelled', 'grey'),
    held: word('genomfört', 'completed', 'ok'),
    missed: word('uteblev', 'no-show', 'warn'),
    'not-in-calendar': word('inte i kalendern', 'not in calendar', 'err'),
  },
  engagement: {
    draft: word('utkast', 'draft', 'grey'),
    upcoming: word('kommande', 'upcoming', 'grey'),
    active: word('aktivt', 'active', 'ok'),
    'notice-given': word('uppsagt', 'notice given', 'warn'),
    ended: word('avslutat', 'ended', 'grey'),
    erasing: word('raderas', 'being erased', 'wait'),
    erased: word('raderat', 'erased', 'grey'),
  },
  erasure: {
    scheduled: word('planerad', 'scheduled', 'grey'),
    'in-progress': word('pågår', 'in progress', 'wait'),
    'awaiting-receipt': word('väntar på kvitto', 'awaiting receipt', 'wait'),
    failing: word('misslyckas', 'failing', 'err'),
    done: word('klart', 'done', 'ok'),
    incomplete: word('ofullständig', 'incomplete', 'err'),
    late: word('försenad', 'late', 'err'),
    exempt: word('undantagen', 'exempt', 'hold'),
  },
  request: {
    received: word('mottagen', 'received', 'grey'),
    'identity-pending': word('identitet väntar', 'identity pending', 'wait'),
    'in-progress': word('pågår', 'in progress', 'wait'),
    extended: word('förlängd', 'extended', 'warn'),
    answered: word('besvarad', 'answered', 'ok'),
    refused: word('avslagen', 'refused', 'grey'),
  },
  sync: {
    queued: word('i kö', 'queued', 'grey'),
    sent: word('skickat', 'sent', 'wait'),
    confirmed: word('bekräftat', 'confirmed', 'ok'),
    retrying: word('försöker igen', 'retrying', 'warn'),
    parked: word('parkerat', 'parked', 'err'),
    blocked: word('stoppat av regel', 'blocked by rule', 'grey'),
    skipped: word('hoppades över', 'skipped', 'grey'),
  },
  account: {
    active: word('öppet', 'open', 'ok'),
    disabled: word('avstängt', 'disabled', 'grey'),
  },
  invitation: {
    pending: word('väntar på svar', 'awaiting answer', 'wait'),
    expired: word('gick ut', 'expired', 'warn'),
  },
  connection: {
    connected: word('ansluten', 'connected', 'ok'),
    unreadable: word('kan inte läsas', 'unreadable', 'err'),
    revoked: word('återkallad', 'revoked', 'err'),
    'no-safeguard': word('skyddsåtgärd saknas', 'no safeguard', 'err'),
  },
} as const satisfies Record<string, Record<string, StatusWord>>;

export type Thing = keyof typeof STATUS;
export type StateOf<T extends Thing> = keyof (typeof STATUS)[T] & string;
