import { LeadObjected, type Contact } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due, Outbox, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { blindIndex, normaliseEmail, normalisePhone, suppressionHashesOf, Vault } from '@avtala/vault';
import { AuditTrail, type Principal } from '@avtala/access';
import { noEngagement } from '@avtala/database';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { nameKey } from '../domain/intake.js';
import { LeadRefused } from '../domain/errors.js';
import { allRunningEngagements, findEngagement } from '../storage/engagement.js';
import { lockByNo, sharesPhone, stepLead, type LeadRow } from '../storage/lead.js';
import { suppress, suppressedTowards, type NoHash } from '../storage/suppression.js';
import { indexesOf, People, personOf } from './people.js';

/** Who a "no" is about, in the spellings by which leads of an engagement are found. */
interface WhoSaidNo {
  email?: string;
  phone?: string;
  /** With the phone: of several people with one number only this one. */
  nameKey?: string;
}

/** "No" (B5, F5): towards every client, for ever, whoever recorded it. */
@Injectable()
export class Noes {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(People) private readonly people: People,
    @Inject(Due) private readonly due: Due,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  /** Whether an address or a number is suppressed: towards everybody, or towards clients of the caller. Never a list to look through.
   * @throws LeadRefused on text that is neither */
  async check(
    caller: Principal,
    who: { email?: string; phone?: string },
  ): Promise<{ everywhere: boolean; clientIds: string[] }> {
    const { said, hashes } = await this.hashesOf(who);
    return this.db.withScope(noEngagement, async (tx) => {
      const towards = await suppressedTowards(tx, hashes);
      await this.audit.record(tx, {
        action: 'suppression.checked',
        principal: caller,
        fields: Object.keys(said),
        detail: { found: towards.length > 0 },
      });
      return {
        everywhere: towards.includes(null),
        clientIds: towards.filter((client) => client !== null),
      };
    });
  }

  /** POST /suppressions: an address or a number that must never be used again. @throws LeadRefused on text that is neither */
  async add(caller: Principal, claim: IdempotencyClaim, who: { email?: string; phone?: string }): Promise<void> {
    const { said, hashes } = await this.hashesOf(who);
    await this.db.withScope(noEngagement, async (tx) => {
      if (await claimKey(tx, claim)) return;
      await suppress(tx, hashes, null, this.clock.now());
      await this.carryToEngagements(tx, said, null, null);
      await this.audit.record(tx, { action: 'suppression.added', principal: caller, fields: Object.keys(said) });
      await settleKey(tx, claim, { status: 201 });
    });
  }

  /**
   * A lead said no: its hashes are kept for ever, and every other engagement that runs, of this client or of all, looks for the person.
   * A number that several leads share is kept with the name only, or one person's no would silence an office.
   * @param clientId null = towards every client
   */
  async remember(tx: EntityManager, lead: LeadRow, contact: Contact, clientId: string | null): Promise<void> {
    let hashes: NoHash[] = await this.people.noHashes(contact);
    if (await sharesPhone(tx, lead.engagement_id, lead.id)) hashes = hashes.filter((h) => h.kind !== 'phone');
    await suppress(tx, hashes, clientId, this.clock.now());
    const { email, phone, name } = contact;
    await this.carryToEngagements(
      tx,
      { ...(email ? { email } : {}), ...(phone ? { phone, nameKey: nameKey(name) } : {}) },
      lead.engagement_id,
      clientId,
    );
  }

  /** The lead is objected from here on; the caller holds its lock and knows its version. */
  async object(tx: EntityManager, lead: LeadRow): Promise<void> {
    const now = this.clock.now().toString();
    const version = lead.version + 1;
    await stepLead(tx, lead, {
      version,
      state: 'objected',
      callableAt: null,
      informedAt: lead.informed_at?.toISOString() ?? null,
      restricted: lead.restricted,
    });
    const about = { leadId: lead.id, engagementId: lead.engagement_id, leadVersion: version };
    await this.outbox.append(tx, LeadObjected.of({ ...about, objectedAt: now }));
  }

  /** Due work: looks in one engagement for who said no elsewhere (protocols.md §2). Until it has run, the gates at the door and at
   * calling/next stop the person by hash all the same. */
  async carry(item: DueItem): Promise<void> {
    const said = item.payload as { pepperVersion: number; merge?: string; phone?: string; namePhone?: string };
    const bytes = (hex: string | undefined) => (hex ? Buffer.from(hex, 'hex') : null);
    await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const engagement = await findEngagement(tx, item.engagementId, 'share');
      // After a change of pepper these indexes find nobody; the hashes at the gates still do.
      if (engagement && !engagement.erasing && engagement.pepper_version === said.pepperVersion) {
        const found = await lockByNo(tx, item.engagementId, {
          merge: bytes(said.merge),
          phone: bytes(said.phone),
          namePhone: bytes(said.namePhone),
        });
        for (const lead of found) await this.object(tx, lead);
      }
      await this.due.done(tx, item);
    });
  }

  /** @throws LeadRefused on text that is neither an address nor a number */
  private async hashesOf(who: { email?: string; phone?: string }): Promise<{ said: WhoSaidNo; hashes: NoHash[] }> {
    const email = who.email ? normaliseEmail(who.email) : undefined;
    const phone = who.phone ? normalisePhone(who.phone) : undefined;
    if (email === null) throw new LeadRefused('email-invalid', 'email');
    if (phone === null) throw new LeadRefused('phone-invalid', 'phone');
    if (!email && !phone) throw new LeadRefused('contact-missing', 'email');
    const hashes = suppressionHashesOf(await this.vault.suppressionKey(), {
      ...(email ? { email } : {}),
      ...(phone ? { phone } : {}),
    });
    return { said: { ...(email ? { email: email.strict } : {}), ...(phone ? { phone } : {}) }, hashes };
  }

  /** One due row per engagement that runs, with that engagement's blind indexes: nothing of the person is in it. */
  private async carryToEngagements(
    tx: EntityManager,
    said: WhoSaidNo,
    except: string | null,
    clientId: string | null,
  ): Promise<void> {
    const now = this.clock.now();
    for (const engagement of await allRunningEngagements(tx, now)) {
      if (engagement.id === except || (clientId && engagement.client_id !== clientId)) continue;
      const { key } = await this.vault.pepper(engagement.id, engagement.pepper_version);
      const known = personOf({ name: '', ...(said.email ? { email: said.email } : {}) });
      const indexes = indexesOf(key, {
        ...known,
        nameKey: said.nameKey ?? '',
        ...(said.phone ? { phone: said.phone } : {}),
      });
      await this.due.schedule(tx, {
        kind: 'carry-no',
        key: randomUUIDv7(),
        engagementId: engagement.id,
        dueAt: now,
        payload: {
          pepperVersion: engagement.pepper_version,
          merge: indexes.merge?.toString('hex'),
          ...(said.nameKey
            ? { namePhone: indexes.namePhone?.toString('hex') }
            : said.phone
              ? { phone: blindIndex(key, 'phone', said.phone).toString('hex') }
              : {}),
        },
      });
    }
  }
}
