import { useState } from 'react';
import { ApiProblem } from '../app/api.js';
import { useWords } from '../words/language.js';
import { door } from '../words/door.js';
import { signIn } from '../words/sign-in.js';
import { whyRefused } from './ceremonies.js';

/** One act at a time of a page at the door, and why the last one was refused, in words. */
export function useAct(): { busy: boolean; problem: string; run: (act: () => Promise<void>) => Promise<void> } {
  const t = useWords(door).refused;
  const s = useWords(signIn).refused;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem('');
    try {
      await act();
    } catch (error) {
      const known = error instanceof ApiProblem && Object.hasOwn(t, error.code) ? (error.code as keyof typeof t) : null;
      setProblem(known ? t[known] : whyRefused(error, s));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, run };
}
