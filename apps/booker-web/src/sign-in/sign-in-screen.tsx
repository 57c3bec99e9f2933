import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useRouter } from '@tanstack/react-router';
import { sessionQuery } from '../app/session.js';
import { useTab } from '../ui/page.js';
import { useWords } from '../words/language.js';
import { signIn } from '../words/sign-in.js';
import { byCode } from './ceremonies.js';
import { DoorPage } from './door-page.js';
import { SignInForm } from './sign-in-form.js';

export function SignInScreen() {
  const t = useWords(signIn);
  const queries = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  useTab(t.title);
  const refused = /^#refused=([a-z-]+)$/.exec(location.hash)?.[1];
  const onSignedIn = async () => {
    queries.clear();
    const session = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
    if (session.state === 'signed-in')
      await router.invalidate(); // this page's own rule then goes on (routes.ts)
    else await navigate({ to: '/' });
  };
  return (
    <DoorPage title={t.title}>
      <SignInForm onSignedIn={() => void onSignedIn()} refused={refused ? byCode(refused, t.refused) : ''} />
      <Link to="/password-reset">{t.forgotten}</Link>
    </DoorPage>
  );
}
