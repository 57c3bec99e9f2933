import { Button } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { certificateText } from '../app/certificates.js';
import { type Verdict, verifyCertificate } from '../app/verify-certificate.js';
import { useWords } from '../words/language.js';
import { privacy } from '../words/privacy.js';
import { ui } from '../words/ui.js';
import css from './certificate-check.module.css';
import { CopyableId } from './copyable-id.js';
import { Badge } from './status-badge.js';
import { tell } from './toasts.js';

/** Fetches the certificate of an order and checks it here, in this browser. */
export function CertificateCheck({ orderId }: { readonly orderId: string }) {
  const t = useWords(privacy);
  const common = useWords(ui);
  const check = useMutation({
    mutationFn: async () => verifyCertificate(await certificateText(orderId)),
    onError: () => tell(common.failed, { tone: 'err' }),
  });
  return (
    <>
      <Button
        leftSection={<IconShieldCheck size={16} aria-hidden />}
        disabled={check.isPending}
        onClick={() => check.mutate()}
      >
        {check.isPending ? t.cert.checking : t.one.verify}
      </Button>
      <div role="status">{check.data && <VerdictText verdict={check.data} />}</div>
    </>
  );
}

/** What was checked, a sentence each; or the first thing that is wrong. */
export function VerdictText({ verdict }: { readonly verdict: Verdict }) {
  const t = useWords(privacy).cert;
  if (!verdict.holds)
    return (
      <div className={css.verdict}>
        <Badge tone="err">{t.holdsNot}</Badge>
        <p>{t.failed[verdict.failure]}</p>
      </div>
    );
  return (
    <div className={css.verdict}>
      <Badge tone="ok">{t.holds}</Badge>
      <ul className={css.checks}>
        {[
          t.checks.shape,
          t.checks.fingerprint,
          t.checks.signature,
          t.checks.tree(verdict.receipts),
          t.checks.outcome,
        ].map((said) => (
          <li key={said}>
            <IconShieldCheck size={16} aria-hidden />
            <span>{said}</span>
          </li>
        ))}
      </ul>
      <p className={css.meta}>
        {t.root} <CopyableId id={verdict.root} short /> · {t.fingerprint} <CopyableId id={verdict.fingerprint} short />
      </p>
      <p className={css.meta}>{t.compare}</p>
    </div>
  );
}
