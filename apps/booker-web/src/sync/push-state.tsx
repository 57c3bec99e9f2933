import { Badge, StatusBadge } from '../ui/status-badge.js';
import { useWords } from '../words/language.js';
import { sync } from '../words/sync.js';
import type { Cause, State } from './states.js';

/** Where a push stands, in its one word; why follows in words of its own. */
export function PushState({ push }: { readonly push: { readonly state: State; readonly cause: Cause | null } }) {
  const t = useWords(sync);
  if (push.state === 'skipped') return <Badge tone="grey">{t.skippedState}</Badge>;
  return <StatusBadge thing="sync" state={push.state} />;
}
