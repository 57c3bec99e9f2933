import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircleDashed, IconUnlink } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api, idempotencyKey } from '../app/api.js';
import { broken, type Chain, type Chains, chainsQuery } from '../app/audit-chain.js';
import { type Trail, TRAILS } from '../app/audit-trails.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { audit } from '../words/audit.js';
import { list, number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import type { Language } from '../words/words.js';
import css from './audit.module.css';

const ICONS = { ok: IconCheck, err: IconUnlink, warn: IconAlertTriangle, grey: IconCircleDashed } as const;
/** Sealing this far behind is said; the alarm is elsewhere (docs/security.md §4). */
const LATE_SECONDS = 60;

/** How the chains of the trails are: what the last check found, and a check now. Unknown is not fine, so a chain is "whole" only as far as
 * somebody has looked. */
export function ChainCard() {
  const t = useWords(audit);
  const language = useLanguage();
  const logs = useWords(shell).chain.logs;
  const { data } = useQuery(chainsQuery);
  const verify = useVerify();
  const run = () => !verify.isPending && verify.mutate();
  useKeys(t.title, [{ key: 'v', does: t.chain.verify, run }]);
  const bad = broken(data);
  const away = TRAILS.filter((s) => data && data[s] === undefined);
  return (
    <section className={css.chain} aria-label={t.chain.title} data-broken={bad.length > 0 || undefined}>
      <div className={css.chainHead}>
        <Whole chains={data} />
        <Button
          disabled={verify.isPending}
          onClick={run}
          aria-keyshortcuts={ariaKeys('v')}
          rightSection={<KeyHint k="v" />}
        >
          {verify.isPending ? t.chain.verifying : t.chain.verify}
        </Button>
      </div>
      {!data && <Loading rows={1} height={40} />}
      {data && (
        <ul className={css.logs}>
          {TRAILS.map((service) => (
            <Log key={service} name={logs[service]} chain={data[service]} />
          ))}
        </ul>
      )}
      {bad.length > 0 && <p className={css.chainWhy}>{t.chain.brokenWhy}</p>}
      {away.length > 0 && (
        <p className={css.chainWhy}>
          {t.chain.away(
            list(
              language,
              away.map((s) => logs[s]),
            ),
          )}
        </p>
      )}
    </section>
  );
}

function Whole({ chains }: { readonly chains: Chains | undefined }) {
  const t = useWords(audit).chain;
  const language = useLanguage();
  const sealed = TRAILS.flatMap((s) => (chains?.[s]?.checkpoint ? [chains[s]] : []));
  const whole = sealed.filter((c) => c.lastCheck?.whole);
  const checked = sealed.flatMap((c) => c.lastCheck?.at ?? []).sort((a, b) => Temporal.Instant.compare(a, b))[0];
  const rows = number(
    language,
    whole.reduce((n, c) => n + c.lastCheck!.upTo, 0),
  );
  const [tone, text] = !chains
    ? (['grey', t.title] as const)
    : broken(chains).length
      ? (['err', t.broken] as const)
      : sealed.length > 0 && whole.length === sealed.length && TRAILS.every((s) => chains[s] !== undefined)
        ? (['ok', t.whole(rows)] as const)
        : whole.length
          ? (['warn', t.partly] as const)
          : (['grey', t.unchecked] as const);
  return (
    <div className={css.whole}>
      <h2>
        <Badge tone={tone} icon={ICONS[tone]}>
          {text}
        </Badge>
      </h2>
      <span className={css.meta}>
        {t.checked} {checked ? <TimeText at={checked} /> : t.never}
      </span>
      <span className={css.meta} title={t.each}>
        {t.eachShort}
      </span>
    </div>
  );
}

function Log({ name, chain }: { readonly name: string; readonly chain: Chain | undefined }) {
  const t = useWords(audit);
  const language = useLanguage();
  const found = chain?.lastCheck;
  const late = chain?.checkpoint?.lagSeconds ?? 0;
  const tone = found?.whole === false ? 'err' : found ? 'ok' : 'grey';
  const Icon = ICONS[tone];
  const problem = found?.problem as keyof typeof t.problems | null | undefined;
  return (
    <li data-tone={tone}>
      <Icon size={16} stroke={2} aria-hidden />
      <div>
        <b>{name}</b>
        <span>{stateOf(chain, t.chain, language)}</span>
        {problem && <span>{t.problems[problem] ?? t.problems.other}</span>}
        {late > LATE_SECONDS && <span className={css.late}>{t.chain.late(Math.round(late / 60))}</span>}
      </div>
    </li>
  );
}

function stateOf(chain: Chain | undefined, t: (typeof audit)['sv']['chain'], language: Language): string {
  if (chain === undefined) return t.unknown;
  const found = chain.lastCheck;
  if (!chain.checkpoint) return t.nothing;
  const size = number(language, chain.checkpoint.size);
  if (!found) return t.uncheckedOf(size);
  if (found.whole) return t.wholeTo(number(language, found.upTo), size);
  return found.row === null ? t.outside : t.brokenAt(number(language, found.row + 1));
}

/** Checks the newest rows of every trail; that somebody did is written down, and everybody sees what was found. */
function useVerify() {
  const t = useWords(audit).chain;
  const language = useLanguage();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      Promise.all(
        TRAILS.map((service: Trail) =>
          answer(
            api.POST(`/api/v1/${service}/audit/verify` as const, {
              params: { header: { 'Idempotency-Key': idempotencyKey() } },
            }),
          ),
        ),
      ),
    onSuccess: (checks) => {
      if (checks.every((c) => c.whole))
        tell(t.wholeNow(number(language, checks.reduce((n, c) => n + c.upTo, 0)))); // prettier-ignore
      else tell(t.brokenNow, { tone: 'err' });
    },
    onError: () => tell(t.failed, { tone: 'err' }),
    onSettled: () => queries.invalidateQueries({ queryKey: chainsQuery.queryKey }),
  });
}
