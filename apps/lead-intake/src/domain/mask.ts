/** A name as those see it who may only see masks: first letters, and nothing of its length. */
export function maskName(name: string): string {
  return name
    .normalize('NFC')
    .split(/[\s\p{Pd}]+/u)
    .filter(Boolean)
    .map((word) => `${[...word][0]}•••`)
    .join(' ');
}
