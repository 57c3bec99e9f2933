import { Injectable } from '@nestjs/common';
import { decideMeetingErasure, type MeetingErasure, meetingLeft } from '../domain/meeting.js';
import type { VendorRecord } from '../domain/records.js';
import { type Words, wordsOf } from '../domain/words.js';
import type { Settled, Settlement } from '../storage/erasures.js';
import { findEverywhere, MAX_ASKS, type SettleRun, type ToSettle } from './settle-run.js';

type Deciding = ToSettle & { readonly decision: MeetingErasure; readonly record: VendorRecord | undefined };

/** Blanks and archives meetings at a vendor, and reads them back: an archived meeting keeps whatever text it had. */
@Injectable()
export class MeetingSettling {
  async settle(run: SettleRun, items: readonly ToSettle[]): Promise<Settled[]> {
    const { meetings } = run.crm;
    const words = wordsOf(run.connection.kind);
    const properties = [...new Set([...words.meetingTexts, ...items.flatMap((i) => Object.keys(i.link.marks))])];
    const found = await findEverywhere(
      (by, values, o) => meetings.find(by, values, properties, o),
      items.map((i) => i.row),
      run,
    );
    const decided = items.map((item): Deciding => {
      const record = found.get(item.row.key);
      return {
        ...item,
        record,
        decision: decideMeetingErasure({ ...item, words, key: item.row.key, record, deletes: run.deletes }),
      };
    });

    const blanks = decided.flatMap((d) =>
      d.decision.do === 'blank' && d.decision.clear.length
        ? [{ key: d.row.key, id: d.decision.id, properties: Object.fromEntries(d.decision.clear.map((p) => [p, ''])) }]
        : [],
    );
    if (blanks.length) await meetings.update(blanks, run);
    const ids = decided.flatMap((d) => (d.decision.do === 'blank' ? [d.decision.id] : []));
    const now = await meetings.find('id', ids, properties, run);
    const worded = new Set(decided.filter((d) => holds(words, d, now)).map((d) => d.row.key));

    const archives = decided.flatMap((d) =>
      d.decision.do === 'blank' && d.decision.archive && !worded.has(d.row.key) ? [d.decision.id] : [],
    );
    if (archives.length) await meetings.archive(archives, run);
    const listed = await meetings.find('id', archives, [], { ...run, exact: true });
    return decided.map((d) => outcome(d, worded.has(d.row.key), listed));
  }

  /** After the purge time, with nothing of the person: do words of ours remain? */
  async look(run: SettleRun, rows: readonly Settlement[]): Promise<Map<string, boolean>> {
    const words = wordsOf(run.connection.kind);
    const find = (by: 'id' | 'key', values: readonly string[], o: typeof run) =>
      run.crm.meetings.find(by, values, words.meetingTexts, o);
    const found = await findEverywhere((by, values, o) => find(by, values, { ...run, ...o }), rows, run);
    return new Map(
      rows.map((r) => [r.key, r.action === null || meetingLeft(words, r.action, r.key, found.get(r.key))]),
    );
  }
}

/** Whether a property that was to be emptied still has a value. */
const holds = (words: Words, d: Deciding, now: ReadonlyMap<string, VendorRecord>): boolean => {
  if (d.decision.do !== 'blank') return false;
  const record = now.get(d.decision.id);
  return (
    record !== undefined &&
    d.decision.clear.some(
      (p) =>
        record.properties[p] !== undefined &&
        (p === words.bookingKey || record.properties[p] === d.record?.properties[p]),
    )
  );
};

function outcome(d: Deciding, worded: boolean, listed: ReadonlyMap<string, VendorRecord>): Settled {
  const { row, decision, record, link } = d;
  const again = row.tries + 1 < MAX_ASKS ? null : 'stuck';
  switch (decision.do) {
    case 'nothing':
      return {
        key: row.key,
        action: record && link.provenance === 'created' ? 'archived' : 'none',
        ...(record ? { vendorId: record.id } : {}),
      };
    case 'stuck':
      return { key: row.key, action: 'stuck', vendorId: decision.id, code: decision.code };
    case 'blank': {
      const vendorId = decision.id;
      if (worded || listed.has(vendorId)) return { key: row.key, vendorId, action: again, code: 'still-there' };
      if (decision.archive) return { key: row.key, vendorId, action: 'archived' };
      return { key: row.key, vendorId, action: link.provenance === 'created' ? 'blanked' : 'withdrawn' };
    }
  }
}
