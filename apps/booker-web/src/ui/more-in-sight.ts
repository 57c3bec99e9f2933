import { useCallback } from 'react';

/** Rows below the last one in sight at which the next page is asked for. */
const AHEAD = 60;

/** For `DataTable`'s `onSight`: fetches a list's next page before its end is reached. @param loaded rows that are here */
export function useMoreInSight(
  list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  },
  loaded: number,
): (from: number, to: number) => void {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  return useCallback(
    (_from, to) => {
      if (hasNextPage && !isFetchingNextPage && to > loaded - AHEAD) void fetchNextPage();
    },
    [hasNextPage, isFetchingNextPage, fetchNextPage, loaded],
  );
}
