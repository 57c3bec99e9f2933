import { ApiProblem } from '../app/api.js';
import { NotProved } from '../app/fresh-proof.js';
import { DateText } from '../ui/time-text.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import css from './engagements.module.css';

/** Why an act was refused, in the reader's words where the code is known; else the server's own sentence, and which fields it means. */
export function ProblemLine({ error }: { readonly error: unknown }) {
  const t = useWords(engagements);
  const common = useWords(ui);
  if (!error || error instanceof NotProved) return null;
  if (!(error instanceof ApiProblem))
    return (
      <p role="alert" className={css.problem}>
        {common.unreachable}
      </p>
    );
  const known = error.code in t.problems ? t.problems[error.code as keyof typeof t.problems] : undefined;
  const day = error.facts['earliestOn'] ?? error.facts['earliestEndOn'];
  return (
    <div role="alert" className={css.problem}>
      <p>
        {known ?? error.message} {typeof day === 'string' && <DateText on={day} />}
      </p>
      {error.errors.length > 0 && (
        <ul>
          {error.errors.map((e) => (
            <li key={e.field + e.rule}>
              <code>{e.field}</code>: {e.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
