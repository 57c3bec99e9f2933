import type { VendorRecord } from '../../domain/records.js';
import { SALESFORCE_WORDS } from '../../domain/words-salesforce.js';
import type { CallOptions, FindOptions, MeetingLog, NotJoined, Pair, Write, WriteOutcome } from '../needs.js';
import { SalesforceRecords, textsOf } from './records.js';

const KEY = SALESFORCE_WORDS.bookingKey;

/** Meetings, as events of the person's. Salesforce keeps no UID of a calendar's, so nothing can be matched by it. */
export class SalesforceEvents extends SalesforceRecords implements MeetingLog {
  protected base(): readonly string[] {
    return ['IsDeleted', KEY];
  }

  async find(
    by: 'id' | 'key' | 'calendarUid',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>> {
    if (values.length === 0 || by === 'calendarUid') return new Map();
    const field = by === 'key' ? KEY : 'Id';
    const rows = await this.rows('Event', { field, values }, properties, { ...o, bin: true });
    const fields = await this.schema.fields('Event', o);
    const found = new Map<string, VendorRecord>();
    for (const row of rows) {
      const archived = row['IsDeleted'] === true;
      const asked = by === 'key' ? String(row[KEY]).toLowerCase() : row.Id;
      if ((!o.exact && archived !== (o.archived ?? false)) || found.get(asked)?.archived === false) continue;
      found.set(asked, {
        id: row.Id,
        archived,
        properties: textsOf(row, [...new Set([...properties, KEY])]),
        mergedIds: [],
        foreign: [],
        lacks: properties.filter((p) => !fields.get(p)?.updateable),
      });
    }
    return found;
  }

  upsert(writes: readonly Write[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.upsertBy('Event', KEY, writes, o);
  }

  update(writes: readonly (Write & { readonly id: string })[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.updateById(writes, o);
  }

  async join(pairs: readonly Pair[], o: CallOptions): Promise<NotJoined[]> {
    const writes = pairs.map((p) => ({ key: p.meetingId, id: p.meetingId, properties: { WhoId: p.contactId } }));
    const outcomes = new Map((await this.updateById(writes, o)).map((r) => [r.key, r]));
    return pairs.flatMap(({ meetingId }): NotJoined[] => {
      const outcome = outcomes.get(meetingId);
      return outcome?.ok ? [] : [{ meetingId, code: outcome?.code ?? null }];
    });
  }

  async archive(ids: readonly string[], o: CallOptions): Promise<void> {
    await this.remove(ids, o);
  }
}
