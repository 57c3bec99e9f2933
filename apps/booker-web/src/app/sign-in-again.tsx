import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Dialog } from '../ui/confirm-dialog.js';
import { useWords } from '../words/language.js';
import { signIn } from '../words/sign-in.js';
import { onSessionOver } from './api.js';
import { sessionQuery, useMe } from './session.js';

const SignInForm = lazy(() => import('../sign-in/sign-in-form.js').then((m) => ({ default: m.SignInForm })));

/** When an answer says that the session is over: signing in again, over the page as it is. What was typed stays in the page's memory and
 * nowhere else. Somebody else's sign-in loads the page anew: what was on it was not theirs. */
export function SignInAgain() {
  const t = useWords(signIn);
  const me = useMe();
  const queries = useQueryClient();
  const [over, setOver] = useState(false);
  useEffect(() => onSessionOver(() => setOver(true)), []);
  const onSignedIn = async () => {
    const session = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
    if (session.state === 'signed-in' && session.me.id === me.id) {
      setOver(false);
      await queries.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'session' });
    } else location.assign('/');
  };
  return (
    <Dialog opened={over} onClose={() => undefined} title={t.againTitle} closable={false} size={420}>
      <p style={{ marginBlockEnd: 16 }}>{t.againWhy}</p>
      <Suspense>
        <SignInForm email={me.email} onSignedIn={() => void onSignedIn()} />
      </Suspense>
    </Dialog>
  );
}
