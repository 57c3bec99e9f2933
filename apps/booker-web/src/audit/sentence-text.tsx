import { Fragment } from 'react';
import { isKnown, type Part, type Saying, sentenceOf } from './sentence.js';
import type { Entry } from './trails.js';

/** An id as it can be told from its neighbours: those of one minute begin alike. */
const shortId = (id: string): string => (id.length > 16 ? `${id.slice(0, 4)}…${id.slice(-6)}` : id);

/** An entry as one sentence; ids are shortened, and whole in the details. */
export function SentenceText({ entry, say }: { readonly entry: Entry; readonly say: Saying }) {
  return (
    <span data-unknown-act={isKnown(entry, say) ? undefined : entry.act}>
      <Parts parts={sentenceOf(entry, say)} />
    </span>
  );
}

export function Parts({ parts }: { readonly parts: readonly Part[] }) {
  return parts.map((part, i) => (
    <Fragment key={i}>
      {typeof part === 'string' ? (
        part
      ) : 'id' in part ? (
        <code title={part.id}>{shortId(part.id)}</code>
      ) : (
        <b>{part.name}</b>
      )}
    </Fragment>
  ));
}
