import { Button } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiProblem, Unreachable } from '../app/api.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import { CopyableId } from './copyable-id.js';
import css from './states.module.css';

/** Grey bars of the true shape after 150 ms, and words after a second. Nothing flickers on a fast answer.
 * @param what `412 rader` */
export function Loading({
  rows = 4,
  what,
  height = 36,
}: {
  readonly rows?: number;
  readonly what?: string;
  readonly height?: number;
}) {
  const t = useWords(ui);
  const waited = useWaited();
  if (waited < 150) return <div aria-busy="true" style={{ minBlockSize: rows * height }} />;
  return (
    <div className={css.loading} aria-busy="true">
      {Array.from({ length: rows }, (_, i) => (
        <span
          key={i}
          className={css.bar}
          style={{ blockSize: height - 20, inlineSize: `${92 - ((i * 37) % 41)}%`, marginBlock: 10 }}
        />
      ))}
      <p className={css.what} role="status">
        {waited >= 1000 && what !== undefined ? t.loading(what) : ''}
      </p>
    </div>
  );
}

function useWaited(): number {
  const [waited, setWaited] = useState(0);
  useEffect(() => {
    const timers = [150, 1000].map((ms) => setTimeout(() => setWaited(ms), ms));
    return () => timers.forEach(clearTimeout);
  }, []);
  return waited;
}

/** One sentence why nothing is here, and the one act that ends it. */
export function Empty({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <p>{children}</p>
      {action}
    </div>
  );
}

/** What failed, what is unaffected, a way to try again, and a reference number. */
export function Failed({
  what,
  unaffected,
  error,
  retry,
}: {
  /** `Listan kunde inte hämtas.` */
  readonly what: string;
  readonly unaffected?: string;
  readonly error: unknown;
  readonly retry?: () => void;
}) {
  const t = useWords(ui);
  const away = error instanceof Unreachable;
  const Icon = away ? IconPlugConnectedX : IconAlertTriangle;
  return (
    <div className={css.failed} role="alert">
      <Icon size={18} stroke={1.75} aria-hidden />
      <div>
        <p className={css.failedWhat}>{what}</p>
        <p>{away ? t.unreachable : (unaffected ?? t.unaffected)}</p>
        {error instanceof ApiProblem && (
          <p className={css.meta}>
            {t.reference} <CopyableId id={error.errorId ?? error.code} />
          </p>
        )}
      </div>
      {retry && (
        <Button leftSection={<IconRefresh size={16} aria-hidden />} onClick={retry}>
          {t.retry}
        </Button>
      )}
    </div>
  );
}
