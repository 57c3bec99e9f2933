import { ERASURE_RECIPIENTS, RECEIPT_PHASES, type ErasureRecipient, type ReceiptPhase } from '@avtala/contracts';

export type OrderState = 'ordered' | 'cleared' | 'completed' | 'incomplete';

/** What an order is judged by: its receipts, the newest of each recipient and phase. */
export interface Receipt {
  readonly recipient: ErasureRecipient;
  readonly phase: ReceiptPhase;
  readonly action: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly outstanding: readonly string[];
  /** ISO instant. */
  readonly at: string;
}

const find = (receipts: readonly Receipt[], recipient: ErasureRecipient, phase: ReceiptPhase): Receipt | undefined =>
  receipts.find((r) => r.recipient === recipient && r.phase === phase);

const hasAsked = (receipts: readonly Receipt[], r: ErasureRecipient): boolean =>
  (find(receipts, r, 'asked') ?? find(receipts, r, 'verified')) !== undefined;

/** Every recipient has asked those it passed something on to (or was read back already). */
export function allAsked(receipts: readonly Receipt[]): boolean {
  return ERASURE_RECIPIENTS.every((r) => hasAsked(receipts, r));
}

/** Outstanding when everybody was asked, and not to be made up for by reading back: the address it would have gone to is destroyed. Every other
 * name is a system that is looked at again, and `verified` says how that ended. */
const NEVER_MADE_UP = ['mail'];

/** Who is not done, by name: `scheduling` when it has not said, or has read back, that something is left; `crm-sync/hubspot` for an outside
 * system that did not confirm; `scheduling/mail` for a message that was never sent, whatever is read back. Empty = done means read back. */
export function unfinished(receipts: readonly Receipt[]): string[] {
  return ERASURE_RECIPIENTS.flatMap((recipient) => {
    const verified = find(receipts, recipient, 'verified');
    const asked = find(receipts, recipient, 'asked')?.outstanding ?? [];
    const systems = verified
      ? [...new Set([...asked.filter((name) => NEVER_MADE_UP.includes(name)), ...verified.outstanding])]
      : asked;
    const names = systems.map((system) => `${recipient}/${system}`);
    if (!verified) return names.length ? names : [recipient];
    return verified.counts.left === 0 || verified.outstanding.length ? names : [recipient, ...names];
  });
}

/** How many people an order is about, as lead-intake counted them. Until it has, 1 for a person's own order; 0 when it then knows nobody. */
export function leadsOf(receipts: readonly Receipt[], leadId: string | null): number {
  const counted = receipts.filter((r) => r.recipient === 'lead-intake').map((r) => r.counts.leads ?? 0);
  if (leadId) return counted.length ? Math.min(1, Math.max(...counted)) : 1;
  return Math.max(0, ...counted);
}

/** Who has said that something is outstanding and, once a day has cleared the order without them, who has not asked: their order may be parked. */
export function lateSoFar(state: OrderState, receipts: readonly Receipt[]): string[] {
  const silent = state === 'cleared' ? ERASURE_RECIPIENTS.filter((r) => !hasAsked(receipts, r)) : [];
  return [...new Set([...silent, ...unfinished(receipts).filter((name) => name.includes('/'))])];
}

/** The order in which receipts are listed, and are the leaves of the certificate's tree. */
export function inOrder(receipts: readonly Receipt[]): Receipt[] {
  const place = (r: Receipt) => ERASURE_RECIPIENTS.indexOf(r.recipient) * 10 + RECEIPT_PHASES.indexOf(r.phase);
  return [...receipts].sort((a, b) => place(a) - place(b));
}
