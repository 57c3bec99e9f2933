/** One key of a page. `key` is what it is called everywhere: `Enter`, `Space`, `j`, `Shift+R`, `Ctrl+Enter`, `g r` (one after the other). */
export interface Key {
  readonly key: string;
  /** What it does, in the reader's language; also the row in the list of keys. */
  readonly does: string;
  readonly run: (event: KeyboardEvent) => void;
  /** A key that means nothing now is neither shown nor taken. */
  readonly when?: boolean;
  /** Acts from within fields, too: only for keys that write nothing, such as `Escape` and `Ctrl+Enter`. */
  readonly inFields?: boolean;
}

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly Key[];
  /** 0 the page, 1 a dialog over it, 2 one over that: only the topmost open layer is asked. */
  readonly layer: number;
  /** The frame's own keys give way to a screen's. */
  readonly frame?: boolean;
}

/** How a person wants single characters: as they are, with Alt, or not at all (WCAG 2.1.4). */
export type CharacterKeys = 'on' | 'alt' | 'off';

const KEPT_AS = 'avtala.keys';
const SEQUENCE_MS = 1500;

const groups: KeyGroup[] = []; // the last one that was put on the page is asked first, the frame's last
const heard = new Set<() => void>();
let shown: readonly KeyGroup[] = [];
let characters: CharacterKeys = keptChoice();
let begun: { first: string; at: number } | undefined;
let layers: number[] = []; // of the dialogs that are open

function keptChoice(): CharacterKeys {
  try {
    const value = localStorage.getItem(KEPT_AS);
    return value === 'alt' || value === 'off' ? value : 'on';
  } catch {
    return 'on';
  }
}

function changed(): void {
  const top = Math.max(0, ...layers);
  shown = [...groups]
    .sort((a, b) => Number(b.frame ?? false) - Number(a.frame ?? false))
    .filter((g) => g.layer === top)
    .map((g) => ({ ...g, keys: g.keys.filter((k) => k.when !== false) }))
    .filter((g) => g.keys.length);
  for (const listener of heard) listener();
}

export const subscribe = (listener: () => void) => {
  heard.add(listener);
  return () => void heard.delete(listener);
};
export const shownGroups = (): readonly KeyGroup[] => shown;
export const characterKeys = (): CharacterKeys => characters;

export function setCharacterKeys(choice: CharacterKeys): void {
  characters = choice;
  try {
    localStorage.setItem(KEPT_AS, choice);
  } catch {
    // then it holds for this visit
  }
  changed();
}

/** @returns what takes the group away again */
export function addKeys(group: KeyGroup): () => void {
  groups.push(group);
  changed();
  return () => {
    groups.splice(groups.indexOf(group), 1);
    changed();
  };
}

/** Keys of the layers below sleep until the returned function is called. */
export function layerOpened(layer: number): () => void {
  layers.push(layer);
  changed();
  return () => {
    layers = layers.filter((l) => l !== layer);
    changed();
  };
}

/** Whether typing goes somewhere: then characters belong to the text. */
export function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement &&
        !/^(checkbox|radio|button|submit|reset|file|range|color)$/.test(target.type)))
  );
}

/** Whether Enter and Space already mean something where the focus is. */
const onControl = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest(
    'a[href],button,summary,input,select,textarea,[role=button],[role=menuitem],[role=option],[role=tab],[role=radio],[role=checkbox],[role=switch],[contenteditable=true]',
  ) !== null;

/** What a press is called: `Shift` is said only where it changes no character. */
export function nameOf(event: KeyboardEvent): string {
  const single = event.key.length === 1 && event.key !== ' ';
  const letter = single && event.key.toLowerCase() !== event.key.toUpperCase();
  const key = event.key === ' ' ? 'Space' : letter ? event.key.toUpperCase() : event.key;
  const parts = [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && (!single || letter) ? 'Shift' : '',
    key,
  ];
  return parts.filter(Boolean).join('+');
}

const canonical = (key: string) =>
  key.replace(/(^|\+)([a-z])$/, (_, plus: string, letter: string) => plus + letter.toUpperCase());
const isCharacter = (name: string) => /^(Shift\+)?.$/u.test(name);

/** The one listener of the page. */
export function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const field = inField(event.target);
  let name = nameOf(event);
  if (isCharacter(name.replace(/^Alt\+/, '').replace(/^Ctrl\+.*/, '  '))) {
    const alt = name.startsWith('Alt+');
    if (characters === 'off' || alt !== (characters === 'alt')) return;
    name = name.replace(/^Alt\+/, '');
  }
  if ((name === 'Enter' || name === 'Space') && onControl(event.target)) return;

  const sequence = begun && performance.now() - begun.at < SEQUENCE_MS ? `${begun.first} ${name}` : undefined;
  begun = undefined;
  const live = shown.toReversed().flatMap((g) => g.keys.filter((k) => !field || k.inFields));
  const named = (k: Key) => k.key.split(' ').map(canonical).join(' ');
  const hit = live.find((k) => named(k) === sequence) ?? live.find((k) => named(k) === name);
  if (hit) {
    event.preventDefault();
    hit.run(event);
  } else if (!field && live.some((k) => named(k).startsWith(`${name} `))) {
    begun = { first: name, at: performance.now() };
    event.preventDefault();
  }
}

/** For `aria-keyshortcuts`: `Shift+R` and `Control+Enter` as assistive technology expects them; sequences have no such form. */
export const ariaKeys = (key: string): string | undefined =>
  characters === 'off' && isCharacter(canonical(key))
    ? undefined
    : key.includes(' ')
      ? undefined
      : withAlt(canonical(key)).replace('Ctrl', 'Control');

/** As it has to be pressed: with Alt where the person chose so. */
export const withAlt = (key: string): string =>
  characters === 'alt' && isCharacter(canonical(key)) ? `Alt+${key}` : key;
