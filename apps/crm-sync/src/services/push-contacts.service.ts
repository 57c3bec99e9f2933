import { Injectable } from '@nestjs/common';
import { type ContactWrite, decideContactWrite, type Found } from '../domain/contact-write.js';
import { mappedProperties, toProperties } from '../domain/mapping.js';
import type { VendorRecord } from '../domain/records.js';
import { wordsOf } from '../domain/words.js';
import type { Write, WriteOutcome } from '../outbound/needs.js';
import { mayChange, withIntended, withWritten } from './marks.js';
import type { LinkToSave } from '../storage/pushes.js';
import { PushRecords, type Told } from './push-records.service.js';
import { type ContactResult, keyOf, type LeadToPush, type PushRun, toMap } from './push-run.js';

/** Brings the contacts of a batch of leads up to date at one account: finds them by our key, by id, by e-mail; writes; reads the outcomes. */
@Injectable()
export class ContactPushes {
  constructor(private readonly records: PushRecords) {}

  /** @returns per lead where its contact is, or why there is none; everything is on record when it returns */
  async push(run: PushRun, leads: readonly LeadToPush[]): Promise<Map<string, ContactResult>> {
    const found = await this.find(run, leads);
    const decided = leads.map((lead) => ({ lead, write: decide(run, lead, found.get(lead.state.leadId) ?? {}) }));
    const { results, conflicts } = await this.write(run, decided);
    if (conflicts.size === 0) return results;

    // Somebody made a contact with this e-mail between our look and our write (or it is a secondary address, which looking does not find):
    // the vendor names the record in the way, and it is matched like any other.
    const ways = await run.crm.contacts.find(
      'id',
      [...conflicts.values()],
      mappedProperties(run.connection.mapping),
      run,
    );
    const again = leads.flatMap((lead) => {
      const record = ways.get(conflicts.get(lead.state.leadId) ?? '');
      return record ? [{ lead, write: decide(run, lead, { byEmail: record }) }] : [];
    });
    const second = await this.write(run, again);
    return new Map([...results, ...second.results]);
  }

  private async find(run: PushRun, leads: readonly LeadToPush[]): Promise<Map<string, Found>> {
    const properties = mappedProperties(run.connection.mapping);
    const { contacts } = run.crm;
    const found = new Map<string, Found>();
    const rest = () => leads.filter((l) => !found.has(l.state.leadId));

    const byKey = await contacts.find(
      'key',
      leads.map((l) => l.state.leadId),
      properties,
      run,
    );
    for (const [leadId, record] of byKey) found.set(leadId, { byKey: record });

    const linked = rest().filter((l) => l.state.contactLink?.vendorId && !l.state.contactLink.gone);
    const byId = await contacts.find(
      'id',
      linked.map((l) => l.state.contactLink!.vendorId!),
      properties,
      run,
    );
    for (const l of linked) put(found, l, 'byId', byId.get(l.state.contactLink!.vendorId!));

    const email = (l: LeadToPush) => l.contact.email?.trim().toLowerCase();
    const unknown = rest().filter((l) => !l.state.contactLink?.vendorId && email(l));
    const byEmail = await contacts.find(
      'email',
      unknown.map((l) => email(l)!),
      properties,
      run,
    );
    for (const l of unknown) put(found, l, 'byEmail', byEmail.get(email(l)!));
    return found;
  }

  private async write(
    run: PushRun,
    decided: readonly { lead: LeadToPush; write: ContactWrite }[],
  ): Promise<{ results: Map<string, ContactResult>; conflicts: Map<string, string> }> {
    const results = new Map<string, ContactResult>();
    const conflicts = new Map<string, string>();
    const links = toMap(
      decided.flatMap(({ lead, write }) => (write.do === 'stop' ? [] : [intended(run, lead, write)])),
      (l) => l.key.leadId,
    );
    await this.records.intendLinks(run, [...links.values()]);

    const creates: Write[] = [];
    const updates: (Write & { id: string })[] = [];
    for (const { lead, write } of decided) {
      const key = lead.state.leadId;
      if (write.do === 'create') creates.push({ key, properties: write.properties });
      else if (write.do === 'update' && Object.keys(write.properties).length)
        updates.push({ key, id: write.id, properties: write.properties });
    }
    const outcomes = toMap(
      [
        ...(creates.length ? await run.crm.contacts.upsert(creates, run) : []),
        ...(updates.length ? await run.crm.contacts.update(updates, run) : []),
      ],
      (o) => o.key,
    );

    const told: Told[] = [];
    for (const { lead, write } of decided) {
      const { leadId } = lead.state;
      const outcome = outcomes.get(leadId);
      if (outcome && !outcome.ok && outcome.existingId && write.do === 'create') {
        conflicts.set(leadId, outcome.existingId);
        results.set(leadId, { ok: false, code: outcome.code, unclear: true }); // unless the second look settles it
        continue;
      }
      const settled = settle(run, lead, write, outcome, links.get(leadId));
      results.set(leadId, settled.result);
      if (settled.told) told.push(settled.told);
    }
    await this.records.told(run, told);
    return { results, conflicts };
  }
}

function put(found: Map<string, Found>, lead: LeadToPush, how: keyof Found, record: VendorRecord | undefined): void {
  if (record) found.set(lead.state.leadId, { [how]: record });
}

function decide(run: PushRun, lead: LeadToPush, found: Found): ContactWrite {
  const link = lead.state.contactLink;
  const words = wordsOf(run.connection.kind);
  return decideContactWrite({
    words,
    key: lead.state.leadId,
    wanted: words.arrange(toProperties(lead.contact, run.connection.mapping)),
    found,
    link,
    isOurs: mayChange(link, lead.mark),
  });
}

function intended(run: PushRun, lead: LeadToPush, write: Exclude<ContactWrite, { do: 'stop' }>): LinkToSave {
  const key = keyOf(run, lead.state.leadId, 'contact', lead.state.leadId);
  const marks = withIntended(lead.state.contactLink?.marks ?? {}, withoutKey(run, write.properties), lead.mark);
  return write.do === 'create'
    ? { key, vendorId: null, provenance: 'created', merged: false, marks }
    : { key, vendorId: write.id, provenance: write.provenance, merged: write.merged, marks };
}

/** Our own key needs no mark: it is ours by its name. */
const withoutKey = (run: PushRun, properties: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(properties).filter(([p]) => p !== wordsOf(run.connection.kind).leadKey));

function settle(
  run: PushRun,
  lead: LeadToPush,
  write: ContactWrite,
  outcome: WriteOutcome | undefined,
  link: LinkToSave | undefined,
): { result: ContactResult; told?: Told } {
  const { leadId, contactRevision: revision, contactPushed } = lead.state;
  const key = keyOf(run, leadId, 'contact', leadId);
  if (write.do === 'stop') {
    return {
      result: { ok: false, code: write.code },
      told: {
        key,
        outcome: { state: 'blocked', revision, code: write.code },
        gone: true,
        quiet: lead.state.contactLink?.gone ?? false,
      },
    };
  }
  const nothingToWrite = write.do === 'update' && Object.keys(write.properties).length === 0;
  if (nothingToWrite) {
    return {
      result: { ok: true, contactId: write.id },
      told: {
        key,
        outcome: { state: 'confirmed', revision, written: { operation: 'none', fields: [] } },
        quiet: contactPushed >= revision,
      },
    };
  }
  if (!outcome) return { result: { ok: false, code: 'unclear', unclear: true } };
  const written = { operation: write.do, fields: Object.keys(write.properties) };
  if (!outcome.ok) {
    const { code, fields, requestId } = outcome;
    const failed = {
      state: 'parked' as const,
      revision: null,
      code,
      fields,
      ...(requestId ? { requestId } : {}),
      written,
    };
    return { result: { ok: false, code }, told: { key, outcome: failed } };
  }
  const marks = withWritten(link!.marks, withoutKey(run, write.properties), outcome.properties, lead.mark);
  return {
    result: { ok: true, contactId: outcome.id },
    told: {
      key,
      outcome: {
        state: 'confirmed',
        revision,
        ...(outcome.requestId ? { requestId: outcome.requestId } : {}),
        written,
      },
      link: { ...link!, vendorId: outcome.id, marks },
    },
  };
}
