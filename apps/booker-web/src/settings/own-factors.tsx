import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useActKey } from '../app/act-key.js';
import { answer, api } from '../app/api.js';
import { withFreshProof } from '../app/fresh-proof.js';
import { addPasskey, passkeysWork } from '../app/passkeys.js';
import { ConfirmDialog, Dialog } from '../ui/confirm-dialog.js';
import { KeyValue } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { ui } from '../words/ui.js';
import { OnceShown } from './once-shown.js';
import { Part } from './part.js';
import { factorsQuery } from './settings-api.js';
import css from './settings.module.css';
import { useSettingAct } from './use-setting-act.js';

type Asking =
  | { readonly how: 'add' }
  | { readonly how: 'rename' | 'remove'; readonly id: string; readonly name: string }
  | { readonly how: 'codes' };

/** The second factors a person has. What weighs more asks for one of them again first. */
export function OwnFactors() {
  const all = useWords(settings);
  const t = all.factors;
  const d = useWords(door).codes;
  const factors = useQuery(factorsQuery);
  const [asking, setAsking] = useState<Asking>();
  const [codes, setCodes] = useState<readonly string[]>();
  const key = useActKey();
  const close = () => setAsking(undefined);
  const remove = useSettingAct(
    (id: string) => withFreshProof(() => answer(api.DELETE('/api/v1/me/passkeys/{id}', { params: { path: { id } } }))),
    { touches: ['me'], done: t.removed },
  );
  const make = useSettingAct(
    () =>
      withFreshProof(() => answer(api.POST('/api/v1/me/recovery-codes', { params: { header: key.header() } }))).then(
        (made) => {
          key.answered();
          setCodes(made.codes);
        },
      ),
    { touches: ['me'] },
  );
  const webAuthn = passkeysWork();
  return (
    <Part id="factors" title={t.title} why={t.why} scope={all.scope.you} also={t.words}>
      {factors.isPending && <Loading what={t.title} rows={4} />}
      {factors.isError && <Failed what={all.away} error={factors.error} retry={() => void factors.refetch()} />}
      {factors.data && (
        <div className={css.stack}>
          <KeyValue
            pairs={[
              [t.app, factors.data.totp ? t.appOn : t.appOff],
              [t.codes, t.codesLeft(factors.data.recoveryCodes)],
            ]}
          />
          <h3 className={css.sub}>{t.passkeys}</h3>
          {factors.data.passkeys.length === 0 && <p className={css.meta}>{webAuthn ? t.noPasskeys : t.noWebAuthn}</p>}
          {factors.data.passkeys.length > 0 && (
            <ul className={css.list} aria-label={t.passkeys}>
              {factors.data.passkeys.map(({ id, name, synced, createdAt, usedAt }) => (
                <li key={id}>
                  <span>
                    <b>{name}</b>
                    <small>
                      {synced ? t.synced : t.bound} · {t.addedOn} <TimeText at={createdAt} shape="day" /> ·{' '}
                      {usedAt === null ? (
                        t.neverUsed
                      ) : (
                        <>
                          {t.used} <TimeText at={usedAt} shape="short" />
                        </>
                      )}
                    </small>
                  </span>
                  <Button
                    size="xs"
                    aria-label={t.renameOf(name)}
                    onClick={() => setAsking({ how: 'rename', id, name })}
                  >
                    {t.rename}
                  </Button>
                  <Button
                    size="xs"
                    color="err"
                    aria-label={t.removeOf(name)}
                    onClick={() => setAsking({ how: 'remove', id, name })}
                  >
                    {t.remove}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          <div className={css.row}>
            {webAuthn && <Button onClick={() => setAsking({ how: 'add' })}>{t.add}</Button>}
            <Button onClick={() => setAsking({ how: 'codes' })}>{t.codesMake}</Button>
          </div>
        </div>
      )}
      {(asking?.how === 'add' || asking?.how === 'rename') && (
        <NameDialog id={asking.how === 'rename' ? asking.id : undefined} onClose={close} />
      )}
      {asking?.how === 'remove' && (
        <ConfirmDialog
          opened
          danger
          onClose={close}
          title={t.removeTitle}
          confirm={t.removeDo}
          busy={remove.isPending}
          onConfirm={() => remove.mutate(asking.id, { onSettled: close })}
        >
          {t.removeEffect(asking.name)}
        </ConfirmDialog>
      )}
      {asking?.how === 'codes' && (
        <ConfirmDialog
          opened
          onClose={close}
          title={t.codesTitle}
          confirm={t.codesDo}
          busy={make.isPending}
          onConfirm={() => make.mutate(undefined, { onSettled: close })}
        >
          {t.codesEffect}
        </ConfirmDialog>
      )}
      {codes && (
        <OnceShown title={d.title} why={d.why} values={codes} saved={d.done} onClose={() => setCodes(undefined)} />
      )}
    </Part>
  );
}

/** A passkey's name: for a new one, or another name for one that is there. */
function NameDialog({ id, onClose }: { readonly id: string | undefined; readonly onClose: () => void }) {
  const t = useWords(settings).factors;
  const device = useWords(door).factor.passkeyName;
  const common = useWords(ui);
  const [name, setName] = useState(id === undefined ? device : '');
  const act = useSettingAct(
    async () => {
      if (id === undefined) await withFreshProof(() => addPasskey(name.trim()));
      else
        await answer(api.PATCH('/api/v1/me/passkeys/{id}', { params: { path: { id } }, body: { name: name.trim() } }));
    },
    { touches: ['me'], done: id === undefined ? t.added : t.renamed },
  );
  return (
    <Dialog opened onClose={onClose} title={id === undefined ? t.addDo : t.rename} size={400}>
      <form
        className={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          act.mutate(undefined, { onSuccess: onClose });
        }}
      >
        <TextInput
          label={t.name}
          required
          maxLength={60}
          data-autofocus
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
        />
        <div className={css.answers}>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" variant="filled" disabled={act.isPending || !name.trim()}>
            {act.isPending ? common.saving : id === undefined ? t.addDo : t.rename}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
