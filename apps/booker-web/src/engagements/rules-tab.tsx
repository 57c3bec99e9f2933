import { useQuery } from '@tanstack/react-query';
import { useMe } from '../app/session.js';
import { staffQuery } from '../app/staff.js';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { type Engagement, rulesQuery, scriptQuery } from './engagements-api.js';
import { Hosts } from './hosts.js';
import { MeetingTypes } from './meeting-types.js';
import { MembersForm } from './members-form.js';
import { RulesForm } from './rules-form.js';
import { ScriptForm } from './script-form.js';
import css from './engagements.module.css';

/** How it is called and what is booked. A client sees their own meeting types and hosts; calls are the agency's matter. */
export function RulesTab({ engagement: e }: { readonly engagement: Engagement }) {
  const { role } = useMe();
  const may = (role === 'admin' || role === 'supervisor') && !e.endedAt;
  return (
    <div className={css.columns}>
      {role !== 'client' && (
        <div className={css.stack}>
          <Rules id={e.id} may={may} />
          <Script id={e.id} may={may} />
        </div>
      )}
      <div className={css.stack}>
        {role !== 'client' && <Members engagement={e} may={may} />}
        <MeetingTypes engagementId={e.id} may={may} />
        <Hosts engagementId={e.id} zone={e.timeZone} may={may} />
      </div>
    </div>
  );
}

interface Part {
  readonly id: string;
  readonly may: boolean;
}

function Rules({ id, may }: Part) {
  const words = useWords(engagements);
  const { data, error, refetch } = useQuery(rulesQuery(id));
  return (
    <Section title={words.rules.calling}>
      {error && !data && <Failed what={words.away} error={error} retry={() => void refetch()} />}
      {!error && !data && <Loading rows={6} />}
      {data && <RulesForm key={data.version} id={id} rules={data} may={may} />}
    </Section>
  );
}

function Script({ id, may }: Part) {
  const words = useWords(engagements);
  const { data, error, refetch } = useQuery(scriptQuery(id));
  return (
    <Section
      title={words.rules.script}
      aside={data && (data.version ? words.rules.scriptVersion(data.version) : words.rules.scriptDefault)}
    >
      {error && !data && <Failed what={words.away} error={error} retry={() => void refetch()} />}
      {!error && !data && <Loading rows={6} />}
      {data && <ScriptForm key={data.version} id={id} script={data} may={may} />}
    </Section>
  );
}

function Members({ engagement: e, may }: { readonly engagement: Engagement; readonly may: boolean }) {
  const words = useWords(engagements);
  const { data, error, refetch } = useQuery(staffQuery);
  return (
    <Section title={words.rules.members}>
      {error && !data && <Failed what={words.away} error={error} retry={() => void refetch()} />}
      {!error && !data && <Loading rows={4} />}
      {data && <MembersForm key={e.memberIds.join()} engagement={e} people={data.items} may={may} />}
    </Section>
  );
}
