import { useMediaQuery } from '@mantine/hooks';

const NARROW = '(max-width: 640px)';

/** Whether a table has room for two columns only: the breakpoint of the styles. Known before the first paint. */
export const useNarrow = (): boolean =>
  useMediaQuery(NARROW, matchMedia(NARROW).matches, { getInitialValueInEffect: false });
