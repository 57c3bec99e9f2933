import { RetryLater } from '@avtala/contracts';
import { Injectable } from '@nestjs/common';
import { decideMeetingWrite, type MeetingWrite } from '../domain/meeting.js';
import type { Provenance, VendorRecord } from '../domain/records.js';
import { wordsOf } from '../domain/words.js';
import type { NotJoined, WriteOutcome } from '../outbound/needs.js';
import { mayChange, withIntended, withWritten } from './marks.js';
import type { LinkToSave } from '../storage/pushes.js';
import { PushRecords, type Told } from './push-records.service.js';
import { keyOf, type LeadToPush, type PushRun, toMap } from './push-run.js';

/** A booking that is behind at the vendor, with its person's contact there. */
export interface MeetingToPush {
  readonly lead: LeadToPush;
  readonly meeting: LeadToPush['state']['meetings'][number];
  readonly contactId: string;
}
type Decided = MeetingToPush & { readonly write: MeetingWrite & { readonly provenance: Provenance } };

/** Brings meetings up to date at one account and shows each with its contact. */
@Injectable()
export class MeetingPushes {
  constructor(private readonly records: PushRecords) {}

  /** @returns leads of which a meeting's outcome is unclear: tried again, by key */
  async push(run: PushRun, items: readonly MeetingToPush[]): Promise<Set<string>> {
    if (items.length === 0) return new Set();
    const found = await this.find(run, items);
    const decided = items.map((i): Decided => ({ ...i, write: decide(run, i, found.get(i.meeting.bookingId) ?? {}) }));
    const links = toMap(
      decided.flatMap((d) => (d.write.do === 'stop' ? [] : [intended(run, d)])),
      (l) => l.key.key,
    );
    await this.records.intendLinks(run, [...links.values()]);

    const upserts = decided.flatMap((d) =>
      d.write.do === 'upsert' ? [{ key: d.meeting.bookingId, properties: d.write.properties }] : [],
    );
    const updates = decided.flatMap((d) =>
      d.write.do === 'update' && Object.keys(d.write.properties).length
        ? [{ key: d.meeting.bookingId, id: d.write.id, properties: d.write.properties }]
        : [],
    );
    const outcomes = toMap(
      [
        ...(upserts.length ? await run.crm.meetings.upsert(upserts, run) : []),
        ...(updates.length ? await run.crm.meetings.update(updates, run) : []),
      ],
      (o) => o.key,
    );
    const unjoined = await this.join(run, decided, outcomes);

    const unclear = new Set<string>();
    const told: Told[] = [];
    for (const d of decided) {
      const outcome = outcomes.get(d.meeting.bookingId);
      const link = links.get(d.meeting.bookingId);
      const t = withJoin(settle(run, d, outcome, link), unjoined.get(vendorIdOf(d, outcome) ?? ''));
      if (t) told.push(t);
      else unclear.add(d.lead.state.leadId);
    }
    await this.records.told(run, told);
    return unclear;
  }

  /** A meeting is shown with its person or not at all: what could not be told of the contact is not told of its meetings. */
  async withoutContact(run: PushRun, lead: LeadToPush, code: string): Promise<void> {
    const gone = code === 'deleted-by-client';
    await this.records.told(
      run,
      lead.state.meetings
        .filter((m) => lead.plan.bookingIds.includes(m.bookingId))
        .map((m) => ({
          key: keyOf(run, lead.state.leadId, 'meeting', m.bookingId),
          outcome: gone
            ? { state: 'blocked', revision: m.revision, code }
            : { state: 'parked', revision: null, code: 'contact-failed' },
        })),
    );
  }

  private async find(
    run: PushRun,
    items: readonly MeetingToPush[],
  ): Promise<Map<string, { linked?: VendorRecord; byUid?: VendorRecord }>> {
    const { meetings } = run.crm;
    const { meetingFields } = wordsOf(run.connection.kind);
    const found = new Map<string, { linked?: VendorRecord; byUid?: VendorRecord }>();
    const byKey = await meetings.find(
      'key',
      items.map((i) => i.meeting.bookingId),
      meetingFields,
      run,
    );
    for (const [key, linked] of byKey) found.set(key, { linked });
    const rest = items.filter((i) => !found.has(i.meeting.bookingId) && !i.meeting.link?.gone);

    const linked = rest.filter((i) => i.meeting.link?.vendorId);
    const byId = await meetings.find(
      'id',
      linked.map((i) => i.meeting.link!.vendorId!),
      meetingFields,
      run,
    );
    for (const i of linked) {
      const record = byId.get(i.meeting.link!.vendorId!);
      if (record) found.set(i.meeting.bookingId, { linked: record });
    }
    // The client's own calendar sync may have been faster: two records with one UID are what people complain about.
    const unknown = rest.filter((i) => !i.meeting.link?.vendorId);
    const byUid = await meetings.find(
      'calendarUid',
      unknown.map((i) => i.meeting.bookingId),
      meetingFields,
      run,
    );
    for (const [key, record] of byUid) found.set(key, { byUid: record });
    return found;
  }

  /** Before the outcome is on record: a meeting that is not shown with its person is not told of.
   * @returns by the vendor's id what could not be joined */
  private async join(
    run: PushRun,
    decided: readonly Decided[],
    outcomes: Map<string, WriteOutcome>,
  ): Promise<Map<string, NotJoined>> {
    const pairs = decided.flatMap((d) => {
      const meetingId = vendorIdOf(d, outcomes.get(d.meeting.bookingId));
      return meetingId ? [{ meetingId, contactId: d.contactId }] : [];
    });
    return toMap(pairs.length ? await run.crm.meetings.join(pairs, run) : [], (n) => n.meetingId);
  }
}

/** Where the meeting is, if it is there. */
const vendorIdOf = ({ write }: Decided, outcome: WriteOutcome | undefined): string | undefined =>
  outcome?.ok ? outcome.id : !outcome && write.do === 'update' ? write.id : undefined;

/** What was written stands, and leads to the record; tried again as a whole (undefined), or parked with the vendor's code. */
function withJoin(told: Told | undefined, unjoined: NotJoined | undefined): Told | undefined {
  if (!told || !unjoined) return told;
  if (unjoined.code === null) return undefined;
  return { ...told, outcome: { ...told.outcome, state: 'parked', revision: null, code: unjoined.code } };
}

function decide(
  run: PushRun,
  { lead, meeting }: MeetingToPush,
  found: { linked?: VendorRecord; byUid?: VendorRecord },
): MeetingWrite & { provenance: Provenance } {
  const name = run.connection.mapping.name ? lead.contact.name : undefined;
  const words = wordsOf(run.connection.kind);
  return decideMeetingWrite({
    words,
    meeting,
    wanted: words.meeting(meeting, name),
    found,
    link: meeting.link,
    isOurs: mayChange(meeting.link, lead.mark),
  });
}

function intended(run: PushRun, { lead, meeting, write }: Decided): LinkToSave {
  if (write.do === 'stop') throw new RetryLater('nothing-to-intend');
  const key = keyOf(run, lead.state.leadId, 'meeting', meeting.bookingId);
  const vendorId = write.do === 'update' ? write.id : (meeting.link?.vendorId ?? null);
  const marks = withIntended(meeting.link?.marks ?? {}, withoutKey(run, write.properties), lead.mark);
  return { key, vendorId, provenance: write.provenance, merged: false, marks };
}

const withoutKey = (run: PushRun, properties: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(properties).filter(([p]) => p !== wordsOf(run.connection.kind).bookingKey));

function settle(
  run: PushRun,
  { lead, meeting, write }: Decided,
  outcome: WriteOutcome | undefined,
  link: LinkToSave | undefined,
): Told | undefined {
  const key = keyOf(run, lead.state.leadId, 'meeting', meeting.bookingId);
  const { revision } = meeting;
  if (write.do === 'stop') return { key, outcome: { state: 'blocked', revision, code: write.code }, gone: true };
  const written = {
    operation: write.do === 'upsert' && !meeting.link?.vendorId ? ('create' as const) : ('update' as const),
    fields: Object.keys(write.properties),
  };
  if (!outcome)
    return write.do === 'update' && Object.keys(write.properties).length === 0
      ? { key, outcome: { state: 'confirmed', revision, written: { operation: 'none', fields: [] } } }
      : undefined;
  if (!outcome.ok) {
    const { code, fields, requestId } = outcome;
    const parked = {
      state: 'parked' as const,
      revision: null,
      code,
      fields,
      ...(requestId ? { requestId } : {}),
      written,
    };
    return { key, outcome: parked };
  }
  const marks = withWritten(link!.marks, withoutKey(run, write.properties), outcome.properties, lead.mark);
  return {
    key,
    outcome: {
      state: 'confirmed',
      revision,
      ...(outcome.requestId ? { requestId: outcome.requestId } : {}),
      written,
    },
    link: { ...link!, vendorId: outcome.id, marks },
  };
}
