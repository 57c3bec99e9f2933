import {
  IconAlertTriangle,
  IconCalendarOff,
  IconHeadset,
  IconPhoneCall,
  IconUserOff,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { floor } from '../words/floor.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { liveCallbacksQuery, missedQuery, queuesQuery, unreadableQuery } from './floor-api.js';
import css from './floor.module.css';
import type { Booker } from './people.js';

/** Five numbers: what is more than nothing needs somebody. */
export function Figures({
  bookers,
  today,
}: {
  readonly bookers: readonly Booker[] | undefined;
  readonly today: Temporal.PlainDate;
}) {
  const words = useWords(floor);
  const t = words.figures;
  const language = useLanguage();
  const late = useQuery(liveCallbacksQuery).data;
  const dry = useQuery(queuesQuery).data?.items.filter((q) => q.dryAt !== null).length;
  const unreadable = useQuery(unreadableQuery).data?.length;
  const missed = useQuery(missedQuery(today)).data?.items.length;
  const say = (n: number | undefined) => (n === undefined ? '–' : number(language, n));
  const at = bookers?.filter((b) => b.now).length;
  const figures: readonly [string, string, TablerIcon, 'err' | 'warn' | undefined][] = [
    [t.calling, bookers ? words.of(say(at), say(bookers.length)) : '–', IconHeadset, undefined],
    [t.late, late?.next ? `${say(late.items.length)}+` : say(late?.items.length), IconPhoneCall, late?.items.length ? 'err' : undefined], // prettier-ignore
    [t.dry, say(dry), IconAlertTriangle, dry ? 'warn' : undefined],
    [t.unreadable, say(unreadable), IconCalendarOff, unreadable ? 'err' : undefined],
    [t.missed, say(missed), IconUserOff, missed ? 'warn' : undefined],
  ];
  return (
    <dl className={css.figures}>
      {figures.map(([label, value, Icon, tone]) => (
        <div key={label} data-tone={tone}>
          <dt>{label}</dt>
          <dd>
            <Icon size={18} stroke={1.75} aria-hidden /> {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
