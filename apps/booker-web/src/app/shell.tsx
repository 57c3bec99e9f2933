import { Outlet, useMatches, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { Toasts } from '../ui/undo-toast.js';
import { useLanguage, useWords } from '../words/language.js';
import { say } from '../words/times.js';
import { shell } from '../words/shell.js';
import { ui } from '../words/ui.js';
import { ChainBar } from './chain-bar.js';
import { FrameKeys } from './frame-keys.js';
import { KeysOverlay } from './keys-overlay.js';
import { useLive } from './live.js';
import { NAV } from './nav.js';
import { NavDrawer, SideNav } from './side-nav.js';
import { NotFound } from './not-found.js';
import { Palette } from './palette.js';
import { SandboxBar } from './sandbox-bar.js';
import { isSandbox, useStale } from './sandbox.js';
import { useMe } from './session.js';
import { ProofDialog } from './proof-dialog.js';
import { SignInAgain } from './sign-in-again.js';
import css from './shell.module.css';

/** The frame: skip link, menu, strip and bar above, the screen. On Ringa the menu is a rail, so that the call has the room. */
export function Shell() {
  const t = useWords(shell);
  const { role } = useMe();
  useLive();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const rail = path === '/calling' || path.startsWith('/calling/');
  const main = useRef<HTMLElement>(null);
  const allowed = useAllowed(path, role);
  useFocusOnNewPage(main, path);
  return (
    <div className={css.frame} data-rail={rail || undefined}>
      <a href="#main" className={css.skip}>
        {t.skip}
      </a>
      <div className={css.above}>
        {isSandbox() && <SandboxBar />}
        <ChainBar />
        <StaleStrip />
      </div>
      <SideNav rail={rail} />
      <main id="main" ref={main} tabIndex={-1} className={css.main}>
        {allowed ? (
          <Suspense>
            <Outlet />
          </Suspense>
        ) : (
          <NotFound />
        )}
      </main>
      <NavDrawer />
      <FrameKeys />
      <KeysOverlay />
      <Palette />
      <SignInAgain />
      <ProofDialog />
      <Toasts />
    </div>
  );
}

/** A screen that is in nobody's menu but another role's is answered as if it did not exist. The API decides for itself. */
function useAllowed(path: string, role: string): boolean {
  const known = useMatches().length > 1;
  const item = NAV.find((n) => path === n.to || path.startsWith(`${n.to}/`));
  return known && (!item || (item.roles as readonly string[]).includes(role));
}

/** A new screen starts at its top, and a screen reader is told of it; a change of filters or tabs moves nothing. */
function useFocusOnNewPage(main: React.RefObject<HTMLElement | null>, path: string): void {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else {
      main.current?.scrollTo({ top: 0 });
      main.current?.focus({ preventScroll: true });
    }
  }, [main, path]);
}

function StaleStrip() {
  const t = useWords(ui);
  const language = useLanguage();
  const since = useStale();
  return (
    <div role="status" className={since ? css.stale : 'visually-hidden'}>
      {since && t.stale(say(since.toZonedDateTimeISO('Europe/Stockholm'), 'seconds', language, since))}
    </div>
  );
}
