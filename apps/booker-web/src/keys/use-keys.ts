import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react';
import { addKeys, characterKeys, type Key, type KeyGroup, layerOpened, shownGroups, subscribe } from './keys.js';

/** Which layer of the page its contents are in; dialogs of ui/ say theirs. */
export const KeyLayer = createContext(0);

/** Registers a screen's keys while it is shown; the newest registration wins where two want the same key.
 * `run` may change with every render; the list itself is registered anew only when its keys, words or `when` differ.
 * @example useKeys(t.title, [{ key: 'r', does: t.retry, run: retry, when: row !== undefined }]); */
export function useKeys(title: string, keys: readonly Key[], options: { readonly frame?: boolean } = {}): void {
  const layer = useContext(KeyLayer);
  const { frame = false } = options;
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  const shape = JSON.stringify([title, keys.map((k) => [k.key, k.does, k.when !== false, k.inFields === true])]);
  useEffect(
    () =>
      addKeys({
        title,
        layer,
        frame,
        keys: latest.current.map((k, i) => ({ ...k, run: (event) => latest.current[i]?.run(event) })),
      }),
    // `shape` says everything that is registered
    [shape, title, layer, frame],
  );
}

/** Groups of keys that act now: the frame's, then the screen's. */
export const useShownKeys = (): readonly KeyGroup[] => useSyncExternalStore(subscribe, shownGroups);

export const useCharacterKeys = () => useSyncExternalStore(subscribe, characterKeys);

/** While open, keys of the layers below sleep.
 * @returns the layer to give to what is inside, as `KeyLayer` */
export function useKeyLayer(open: boolean): number {
  const layer = useContext(KeyLayer) + 1;
  useEffect(() => (open ? layerOpened(layer) : undefined), [open, layer]);
  return layer;
}
