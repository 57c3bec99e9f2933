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

/** Every recipient has asked those it passed something on to (or was read back already). */
export function allAsked(receipts: readonly Receipt[]): boolean {
  return ERASURE_RECIPIENTS.every((r) => find(receipts, r, 'asked') ?? find(receipts, r, 'verified'));
}

/** Who is not done, by name: `scheduling` when it has not said, or has read back, that something is left; `crm-sync/hubspot` for an outside
 * system that did not confirm. Empty = done means read back. */
export function unfinished(receipts: readonly Receipt[]): string[] {
  return ERASURE_RECIPIENTS.flatMap((recipient) => {
    const verified = find(receipts, recipient, 'verified');
    if (verified) {
      const names = verified.outstanding.map((system) => `${recipient}/${system}`);
      return names.length || verified.counts.left === 0 ? names : [recipient];
    }
    const asked = find(receipts, recipient, 'asked');
    return asked?.outstanding.length ? asked.outstanding.map((system) => `${recipient}/${system}`) : [recipient];
  });
}

/** How many people an order is about, as lead-intake counted them; 1 for a person's own order. */
export function leadsOf(receipts: readonly Receipt[], leadId: string | null): number {
  if (leadId) return 1;
  return Math.max(0, ...receipts.filter((r) => r.recipient === 'lead-intake').map((r) => r.counts.leads ?? 0));
}

/** The order in which receipts are listed, and are the leaves of the certificate's tree. */
export function inOrder(receipts: readonly Receipt[]): Receipt[] {
  const place = (r: Receipt) => ERASURE_RECIPIENTS.indexOf(r.recipient) * 10 + RECEIPT_PHASES.indexOf(r.phase);
  return [...receipts].sort((a, b) => place(a) - place(b));
}
