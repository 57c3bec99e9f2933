import { IconAlertTriangle, IconCalendarOff, IconHeadset, IconPhoneCall, IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type Figure, Figures } from '../ui/figures.js';
import { floor } from '../words/floor.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { liveCallbacksQuery, missedQuery, queuesQuery, unreadableQuery } from './floor-api.js';
import type { Booker } from './people.js';

/** Five numbers: what is more than nothing needs somebody. */
export function FloorFigures({
  bookers,
  today,
}: {
  readonly bookers: readonly Booker[] | undefined;
  readonly today: Temporal.PlainDate;
}) {
  const words = useWords(floor);
  const t = words.figures;
  const language = useLanguage();
  const callbacks = useQuery(liveCallbacksQuery).data;
  const dry = useQuery(queuesQuery).data?.items.filter((q) => q.dryAt !== null).length;
  const unreadable = useQuery(unreadableQuery).data?.length;
  const missed = useQuery(missedQuery(today)).data?.items.length;
  const say = (n: number | undefined) => (n === undefined ? '–' : number(language, n));
  const at = bookers?.filter((b) => b.now).length;
  const late = callbacks?.items.length;
  const figures: readonly Figure[] = [
    { label: t.calling, value: bookers ? words.of(say(at), say(bookers.length)) : '–', icon: IconHeadset },
    {
      ...{ label: t.late, icon: IconPhoneCall, tone: late ? 'err' : undefined },
      value: callbacks?.next ? `${say(late)}+` : say(late),
    },
    { label: t.dry, value: say(dry), icon: IconAlertTriangle, tone: dry ? 'warn' : undefined },
    { label: t.unreadable, value: say(unreadable), icon: IconCalendarOff, tone: unreadable ? 'err' : undefined },
    { label: t.missed, value: say(missed), icon: IconUserOff, tone: missed ? 'warn' : undefined },
  ];
  return <Figures figures={figures} />;
}
