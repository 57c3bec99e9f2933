import { RetryLater, type ContactAnswer, type ContactPurpose } from '@avtala/contracts';
import { ServiceTokens } from './service-tokens.js';

const CHUNK = 1000;
const DEADLINE_MS = 10_000;

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

  private async chunk(ids: string[], purpose: ContactPurpose, eventId: string): Promise<ContactAnswer[]> {
    const token = await this.tokens.mint('lead-intake', purpose, eventId);
    let response: Response;
    let body: unknown;
    try {
      response = await fetch(new URL('/internal/contacts:read', this.baseUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ ids, purpose }),
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      body = await response.json().catch(() => undefined);
    } catch (cause) {
      throw new RetryLater('contacts-unreachable', undefined, { cause });
    }
    if (response.status >= 500 || response.status === 429) throw new RetryLater('contacts-unreachable');
    if (!response.ok) throw new Error(`contacts:read answered ${response.status}`);
    const answers = (body as { answers?: unknown } | undefined)?.answers;
    if (!Array.isArray(answers)) throw new RetryLater('contacts-unreadable');
    return answers as ContactAnswer[];
  }
}
