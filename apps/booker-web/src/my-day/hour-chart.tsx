import { useWords } from '../words/language.js';
import { myDay } from '../words/my-day.js';
import css from './my-day.module.css';
import type { Day } from './my-day-screen.js';

const WIDTH = 640;
const HEIGHT = 200;
const BOTTOM = 24;
const FIRST_HOUR = 8;
const LAST_HOUR = 17;

/** Bars by hour: attempts, of these conversations, of these meetings. The table says the same in figures (`V`). */
export function HourChart({ day }: { readonly day: Day }) {
  const t = useWords(myDay);
  const hours = day.hours.map((h) => h.hour);
  const [from, until] = [Math.min(FIRST_HOUR, ...hours), Math.max(LAST_HOUR, ...hours) + 1];
  const most = Math.max(...day.hours.map((h) => h.attempts), 1);
  const step = WIDTH / (until - from);
  const height = (n: number) => (n / most) * (HEIGHT - BOTTOM - 16);
  const kinds = ['attempts', 'conversations', 'meetings'] as const;
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={css.chart} role="img" aria-label={t.chart}>
        <line x1={0} x2={WIDTH} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} className={css.axis} />
        {Array.from({ length: until - from }, (_, i) => {
          const hour = from + i;
          const h = day.hours.find((d) => d.hour === hour);
          return (
            <g key={hour}>
              {h && <title>{t.hourSays(`${hour}–${hour + 1}`, h.attempts, h.conversations, h.meetings)}</title>}
              {h &&
                kinds.map((kind, k) => (
                  <rect
                    key={kind}
                    className={css[kind]}
                    x={i * step + 6 + k * 4}
                    width={step - 12 - k * 8}
                    y={HEIGHT - BOTTOM - height(h[kind])}
                    height={height(h[kind])}
                    rx={3}
                  />
                ))}
              {h && (
                <text x={i * step + step / 2} y={HEIGHT - BOTTOM - height(h.attempts) - 4} className={css.figure}>
                  {h.attempts}
                </text>
              )}
              <text x={i * step + step / 2} y={HEIGHT - 6} className={css.hour}>
                {String(hour).padStart(2, '0')}
              </text>
            </g>
          );
        })}
      </svg>
      <figcaption className={css.legend}>
        {kinds.map((kind) => (
          <span key={kind}>
            <i className={css[kind]} aria-hidden /> {t[kind]}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
