import type { Contact, ContactAnswer, ContactPurpose } from '@avtala/contracts';
import { createHash } from 'node:crypto';

/** lead-intake's door, in memory. */
export class DoorStub {
  readonly people = new Map<string, Contact>();
  /** What the door says instead of data, by lead. */
  readonly refusals = new Map<string, 'restricted' | 'objected' | 'not-informed' | 'erased'>();
  readonly asked: { purpose: ContactPurpose; ids: string[] }[] = [];
  /** Called while a read is under way. */
  onRead: (() => Promise<void>) | undefined;

  async read(ids: readonly string[], purpose: ContactPurpose): Promise<Map<string, ContactAnswer>> {
    this.asked.push({ purpose, ids: [...ids] });
    await this.onRead?.();
    return new Map(ids.map((id) => [id, this.answer(id)]));
  }

  private answer(id: string): ContactAnswer {
    const contact = this.people.get(id);
    const refusal = this.refusals.get(id);
    if (refusal) return { id, status: refusal };
    if (!contact) return { id, status: 'unknown' };
    return { id, status: 'ok', version: 1, contact, linkKey: createHash('sha256').update(id).digest('base64url') };
  }
}
