import { post } from './api.js';
import { closeLive } from './live.js';

/** Ends the session here, then where it was opened (the identity provider), and leaves nothing of it in the page. */
export async function signOut(): Promise<void> {
  const { logoutUrl } = await post<{ logoutUrl: string | null }>('/api/auth/sign-out', {});
  closeLive();
  location.assign(logoutUrl ?? '/sign-in');
}
