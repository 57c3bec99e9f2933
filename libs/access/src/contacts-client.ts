import { Missing, RetryLater, type ContactAnswer, type ContactPurpose } from '@avtala/contracts';
import { ServiceTokens } from './service-tokens.js';

const CHUNK = 1000;
const DEADLINE_MS = 10_000;

/** Rules by which words about a person are not kept (B1). */
export type SaidRefusal = 'identity-number' | 'special-category';

/** The one door to contact data (architecture.md §2), asked right before every outgoing act and never stored. */
export class ContactsClient {
  constructor(
    /** Where lead-intake listens, e.g. `http://127.0.0.1:3000`. */
    private readonly baseUrl: string,
    private readonly tokens: ServiceTokens,
  ) {}

  /** @param eventId the event or due row that makes the read necessary; it is in the read audit
   * @returns one answer for each id; `unknown` where lead-intake named none
   * @throws RetryLater when lead-intake is away, slow (10 s for each chunk of 1,000) or limiting us */
  async read(ids: readonly string[], purpose: ContactPurpose, eventId: string): Promise<Map<string, ContactAnswer>> {
    const answers = new Map<string, ContactAnswer>(ids.map((id) => [id, { id, status: 'unknown' }]));
    const asked = [...answers.keys()];
    for (let at = 0; at < asked.length; at += CHUNK) {
      for (const answer of await this.chunk(asked.slice(at, at + CHUNK), purpose, eventId)) {
        if (answers.has(answer.id)) answers.set(answer.id, answer);
      }
    }
    return answers;
  }

  /** Hands over what a lead wrote: words about a person are kept there alone, under the lead's key.
   * @param key the same key with the same words is one act
   * @returns the code of the rule that forbids keeping them, or `ok`
   * @throws Missing no such lead any more; RetryLater as with read */
  async said(leadId: string, words: string, key: string, eventId: string): Promise<'ok' | SaidRefusal> {
    const { status, body } = await this.ask('/internal/leads:said', 'said', eventId, { leadId, words }, key);
    if (status === 204) return 'ok';
    const { code } = (body ?? {}) as { code?: unknown };
    if (status === 422 && (code === 'identity-number' || code === 'special-category')) return code;
    if (status === 404) throw new Missing('lead');
    throw new Error(`leads:said answered ${status}`);
  }

  private async chunk(ids: string[], purpose: ContactPurpose, eventId: string): Promise<ContactAnswer[]> {
    const { status, body } = await this.ask('/internal/contacts:read', purpose, eventId, { ids, purpose });
    if (status !== 200) throw new Error(`contacts:read answered ${status}`);
    const answers = (body as { answers?: unknown } | undefined)?.answers;
    if (!Array.isArray(answers)) throw new RetryLater('contacts-unreadable');
    return answers as ContactAnswer[];
  }

  private async ask(path: string, purpose: string, eventId: string, sent: object, key?: string) {
    const token = await this.tokens.mint('lead-intake', purpose, eventId);
    let status: number;
    let body: unknown;
    try {
      const response = await fetch(new URL(path, this.baseUrl), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          ...(key ? { 'idempotency-key': key } : {}),
        },
        body: JSON.stringify(sent),
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      status = response.status;
      body = await response.json().catch(() => undefined);
    } catch (cause) {
      throw new RetryLater('contacts-unreachable', undefined, { cause });
    }
    if (status >= 500 || status === 429) throw new RetryLater('contacts-unreachable');
    return { status, body };
  }
}
