import { noteProblem } from '@avtala/screening';
import { LeadRefused } from './errors.js';

/** Notes are text about a person like any other (B1). @throws LeadRefused */
export function refuseNote(note: string): void {
  const problem = noteProblem(note);
  if (problem) throw new LeadRefused(problem, 'note');
}
