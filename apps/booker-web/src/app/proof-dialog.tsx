import { lazy, Suspense } from 'react';
import { Dialog } from '../ui/confirm-dialog.js';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { useProofAsked } from './fresh-proof.js';

const ProofForm = lazy(() => import('../sign-in/proof-form.js').then((m) => ({ default: m.ProofForm })));

/** Where `withFreshProof` asks. */
export function ProofDialog() {
  const t = useWords(door).proof;
  const asked = useProofAsked();
  return (
    <Dialog opened={asked !== undefined} onClose={() => asked?.stopped()} title={t.title} size={400} above>
      <Suspense>{asked && <ProofForm onProved={asked.done} />}</Suspense>
    </Dialog>
  );
}
