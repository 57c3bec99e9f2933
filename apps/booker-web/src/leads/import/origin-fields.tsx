import { holdsIdentityNumber, namesSpecialCategory } from '@avtala/screening';
import { Autocomplete, Radio, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../../app/api.js';
import { businessNow } from '../../app/clock.js';
import { LawLine } from '../../ui/section.js';
import { useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { GROUNDS, type Ground } from '../lead-filters.js';
import { leadFacets, useEngagements } from '../leads-api.js';
import { AssessmentForm } from './assessment-form.js';
import css from './import.module.css';
import type { Origin } from './import-memory.js';

export type Wrong = Partial<Record<'engagement' | 'source' | 'supplier' | 'obtained' | 'ground' | 'consent', string>>;

const today = () => businessNow().toZonedDateTimeISO('Europe/Stockholm').toPlainDate().toString();

/** Everything B2 and B3 ask for; what lacks is said beside its field. */
export function checkOrigin(o: Origin, t: (typeof importing)['sv'], assessed: boolean): Wrong {
  const person = (text: string) => holdsIdentityNumber(text) || namesSpecialCategory(text) || /\S@\S/.test(text);
  const c = o.consent;
  const wholeConsent = [c.version, c.wording, c.how, c.proof].every((s) => /[\p{L}\p{N}]/u.test(s)) && c.givenOn;
  return {
    ...(o.engagementId ? {} : { engagement: t.engagementMissing }),
    ...(!/[\p{L}\p{N}]/u.test(o.source)
      ? { source: t.sourceMissing }
      : person(o.source)
        ? { source: t.sourcePerson }
        : {}),
    ...(person(o.supplier) ? { supplier: t.sourcePerson } : {}),
    ...(o.obtainedOn && o.obtainedOn > today() ? { obtained: t.obtainedFuture } : {}),
    ...(!o.ground
      ? { ground: t.groundMissing }
      : o.ground === 'legitimate-interest' && o.engagementId && !assessed
        ? { ground: t.notAssessed }
        : {}),
    ...(o.ground === 'consent' && !wholeConsent ? { consent: t.consent.missing } : {}),
    ...(o.ground === 'consent' && c.givenOn > today() ? { consent: t.obtainedFuture } : {}),
  };
}

export function OriginFields({
  origin,
  onChange,
  wrong,
  fixed = false,
}: {
  readonly origin: Origin;
  readonly onChange: (next: Origin) => void;
  readonly wrong: Wrong;
  /** The file is with the server, under this engagement. */
  readonly fixed?: boolean;
}) {
  const t = useWords(importing);
  const { all } = useEngagements();
  const engagementId = origin.engagementId;
  const here = all.find((e) => e.id === engagementId);
  const sources = useQuery({
    queryKey: ['leads', 'facets', { engagementId }],
    queryFn: () => leadFacets({ engagementId }),
    enabled: Boolean(engagementId),
  });
  const suppliers = useQuery({
    queryKey: ['suppliers', engagementId],
    queryFn: () => answer(api.GET('/api/v1/engagements/{id}/suppliers', { params: { path: { id: engagementId } } })),
    enabled: Boolean(engagementId),
  });
  const set = (part: Partial<Origin>) => onChange({ ...origin, ...part });
  const consent = (part: Partial<Origin['consent']>) => set({ consent: { ...origin.consent, ...part } });
  return (
    <div className={css.fields}>
      <Select
        label={t.engagement}
        {...(fixed ? { description: t.engagementFixed } : {})}
        data={all
          .filter((e) => fixed || e.state === 'running' || e.state === 'notice-given')
          .map((e) => ({ value: e.id, label: e.name }))}
        value={engagementId || null}
        onChange={(id) => set({ engagementId: id ?? '' })}
        error={wrong.engagement}
        disabled={fixed}
        required
        searchable
        className={css.wide}
      />
      <Autocomplete
        label={t.source}
        description={t.sourceHelp}
        data={sources.data?.sources.map((s) => s.value) ?? []}
        value={origin.source}
        onChange={(source) => set({ source })}
        error={wrong.source}
        maxLength={500}
        required
        autoComplete="off"
      />
      <Autocomplete
        label={t.supplier}
        description={t.supplierHelp}
        data={suppliers.data?.items.map((s) => s.supplier) ?? []}
        value={origin.supplier}
        onChange={(supplier) => set({ supplier })}
        error={wrong.supplier}
        maxLength={100}
        autoComplete="off"
      />
      <TextInput
        type="date"
        label={t.obtained}
        description={t.obtainedHelp}
        value={origin.obtainedOn || today()}
        max={today()}
        onChange={(e) => set({ obtainedOn: e.currentTarget.value })}
        error={wrong.obtained}
      />
      <Radio.Group
        className={css.wide as string}
        label={t.ground}
        value={origin.ground}
        onChange={(ground) => set({ ground: ground as Ground })}
        error={wrong.ground}
        required
      >
        <div className={css.grounds}>
          {GROUNDS.map((g) => (
            <Radio key={g} value={g} label={t.grounds[g]} description={t.groundLaw[g]} />
          ))}
        </div>
      </Radio.Group>
      {origin.ground === 'legitimate-interest' &&
        here &&
        (here.assessed ? (
          <div className={css.wide}>
            <LawLine>{t.assessed}</LawLine>
          </div>
        ) : (
          <div className={css.wide}>
            <AssessmentForm engagementId={here.id} />
          </div>
        ))}
      {origin.ground === 'consent' && (
        <fieldset className={`${css.wide} ${css.box}`}>
          <legend className="visually-hidden">{t.grounds.consent}</legend>
          <div className={css.fields}>
            <TextInput
              label={t.consent.version}
              value={origin.consent.version}
              onChange={(e) => consent({ version: e.currentTarget.value })}
              maxLength={100}
              required
            />
            <TextInput
              type="date"
              label={t.consent.givenAt}
              value={origin.consent.givenOn}
              max={today()}
              onChange={(e) => consent({ givenOn: e.currentTarget.value })}
              required
            />
            <Textarea
              className={css.wide as string}
              label={t.consent.wording}
              value={origin.consent.wording}
              onChange={(e) => consent({ wording: e.currentTarget.value })}
              maxLength={2000}
              required
            />
            <TextInput
              label={t.consent.how}
              value={origin.consent.how}
              onChange={(e) => consent({ how: e.currentTarget.value })}
              maxLength={500}
              required
            />
            <TextInput
              label={t.consent.proof}
              value={origin.consent.proof}
              onChange={(e) => consent({ proof: e.currentTarget.value })}
              maxLength={500}
              required
            />
          </div>
          <p className={css.error} role="alert">
            {wrong.consent ?? ''}
          </p>
        </fieldset>
      )}
    </div>
  );
}
