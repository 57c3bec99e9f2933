import { type ReactNode, useEffect, useRef } from 'react';
import { KeyLayer, useKeyLayer } from '../keys/use-keys.js';
import css from './panel.module.css';

/** What opens above the outcomes: the page's keys sleep below it, focus is in it. Its own keys come from a component inside. */
export function Panel({
  title,
  tone,
  alert = false,
  children,
}: {
  readonly title: string;
  readonly tone?: 'err';
  readonly alert?: boolean;
  readonly children: ReactNode;
}) {
  const layer = useKeyLayer(true);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => ref.current?.focus(), []);
  return (
    <div
      ref={ref}
      tabIndex={-1}
      role={alert ? 'alertdialog' : 'dialog'}
      aria-label={title}
      className={css.panel}
      data-tone={tone}
    >
      <KeyLayer value={layer}>{children}</KeyLayer>
    </div>
  );
}
