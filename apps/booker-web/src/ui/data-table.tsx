import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { type KeyboardEvent, memo, type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import css from './data-table.module.css';

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  /** Said to a screen reader only: for a column of tick boxes. */
  readonly quietHeader?: boolean;
  /** Of CSS grid: `minmax(160px, 2fr)`, `96px`. */
  readonly width: string;
  readonly align?: 'end';
  /** Clicking the header asks for this order; sorting itself is the server's. */
  readonly sortable?: boolean;
  readonly cell: (row: Row) => ReactNode;
  /** What stands in it always fits its width. Every other cell is clipped, which costs a list of thousands 3 ms for each frame of scrolling. */
  readonly fits?: boolean;
}

export interface Sort {
  readonly by: string;
  readonly down: boolean;
}

interface Props<Row> {
  /** What the list is of; read aloud. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** How many rows there are on the server; more than are here is fine. */
  readonly count: number;
  /** The row at a position, or undefined while it is on its way. */
  readonly row: (index: number) => Row | undefined;
  readonly rowKey: (row: Row) => string;
  /** Called with the positions in sight, so that what lacks can be fetched. */
  readonly onSight?: (from: number, to: number) => void;
  readonly onOpen?: (row: Row) => void;
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  /** Keys of rows; with it, Space selects and Shift with an arrow extends. */
  readonly selected?: ReadonlySet<string>;
  readonly onSelect?: (keys: ReadonlySet<string>) => void;
  /** The row that has the focus, for keys of the screen such as `R`. */
  readonly onCurrent?: (row: Row | undefined) => void;
  /** Draws the whole row in a status' soft colour. */
  readonly tone?: (row: Row) => 'err' | 'wait' | undefined;
  /** Key of the row that is shown beside the list. */
  readonly shown?: string;
  /** Pixels; 36 unless rows have two lines. */
  readonly rowHeight?: number;
}

/** A windowed list: only rows in sight are in the page, and the one with the focus, so that it survives scrolling away.
 * Arrows or J K, Home, End, PageUp and PageDown move; Enter opens. Give its parent a height: it fills it and scrolls inside. */
export function DataTable<Row>(props: Props<Row>) {
  const {
    label,
    columns,
    count,
    row,
    rowKey,
    onSight,
    onOpen,
    sort,
    onSort,
    selected,
    onSelect,
    onCurrent,
    tone,
    shown,
    rowHeight = 36,
  } = props;
  const t = useWords(ui);
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const focusNext = useRef(false);
  const template = useMemo(() => columns.map((c) => c.width).join(' '), [columns]);

  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: rowHeight,
    rangeExtractor: ({ startIndex, endIndex, overscan }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(count - 1, endIndex + overscan);
      const indexes = Array.from({ length: to - from + 1 }, (_, i) => from + i);
      return current < from ? [current, ...indexes] : current > to && current < count ? [...indexes, current] : indexes;
    },
  });
  const items = virtual.getVirtualItems();
  const inSight = virtual.range;
  const [from, to] = [inSight?.startIndex ?? 0, inSight?.endIndex ?? 0];
  useEffect(() => onSight?.(from, to), [from, to, count, onSight]);
  useEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    scroller.current?.querySelector<HTMLElement>(`[data-index="${current}"]`)?.focus({ preventScroll: true });
  });

  const move = (to: number, extend = false) => {
    const next = Math.min(count - 1, Math.max(0, to));
    if (extend && onSelect) {
      const keys = new Set(selected);
      for (const i of [current, next]) {
        const there = row(i);
        if (there) keys.add(rowKey(there));
      }
      onSelect(keys);
    }
    focusNext.current = true;
    setCurrent(next);
    virtual.scrollToIndex(next);
    onCurrent?.(row(next));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLElement && !event.target.matches('[data-index]')) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2);
    const steps: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      j: current + 1,
      k: current - 1,
      Home: 0,
      End: count - 1,
      PageDown: current + page,
      PageUp: current - page,
    };
    const here = row(current);
    const target = event.ctrlKey || event.metaKey || event.altKey ? undefined : steps[event.key];
    if (target !== undefined) move(target, event.shiftKey);
    else if (event.key === 'Enter' && here && onOpen) onOpen(here);
    else if (event.key === ' ' && here && onSelect) toggle(here);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const toggle = (there: Row) => {
    const keys = new Set(selected);
    if (!keys.delete(rowKey(there))) keys.add(rowKey(there));
    onSelect?.(keys);
  };

  const acts = useRef<Acts>({ focus: () => undefined, open: () => undefined });
  useEffect(() => {
    acts.current = {
      focus: (index) => {
        setCurrent(index);
        onCurrent?.(row(index));
      },
      open: (index) => {
        const there = row(index);
        if (there) onOpen?.(there);
      },
    };
  });

  return (
    <div className={css.scroller} ref={scroller}>
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={count + 1}
        aria-multiselectable={onSelect ? true : undefined}
        onKeyDown={onKeyDown}
        className={css.grid}
      >
        <div role="row" aria-rowindex={1} className={css.head} style={{ gridTemplateColumns: template }}>
          {columns.map((c) => {
            const sorted = sort?.by === c.id ? sort : undefined;
            return (
              <div
                key={c.id}
                role="columnheader"
                data-align={c.align}
                aria-sort={sorted ? (sorted.down ? 'descending' : 'ascending') : undefined}
              >
                {c.sortable && onSort ? (
                  <button
                    type="button"
                    className={css.sort}
                    onClick={() => onSort({ by: c.id, down: sorted ? !sorted.down : false })}
                  >
                    {c.header}
                    {sorted &&
                      (sorted.down ? (
                        <IconArrowDown size={13} aria-label={t.sortedDown} />
                      ) : (
                        <IconArrowUp size={13} aria-label={t.sortedUp} />
                      ))}
                  </button>
                ) : c.quietHeader ? (
                  <span className="visually-hidden">{c.header}</span>
                ) : (
                  c.header
                )}
              </div>
            );
          })}
        </div>
        <div role="rowgroup" className={css.rows} style={{ blockSize: virtual.getTotalSize() }}>
          {items.map((item) => {
            const there = row(item.index);
            const key = there ? rowKey(there) : undefined;
            return (
              <Row
                key={item.index}
                index={item.index}
                start={item.start}
                height={rowHeight}
                template={template}
                columns={columns as readonly Column<unknown>[]}
                there={there}
                tone={there && tone?.(there)}
                shown={shown !== undefined && key === shown}
                opens={onOpen !== undefined}
                selected={onSelect && key !== undefined ? (selected?.has(key) ?? false) : undefined}
                tabbed={item.index === Math.min(current, count - 1)}
                acts={acts}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface Acts {
  readonly focus: (index: number) => void;
  readonly open: (index: number) => void;
}

interface RowProps {
  readonly index: number;
  readonly start: number;
  readonly height: number;
  readonly template: string;
  readonly columns: readonly Column<unknown>[];
  readonly there: unknown;
  readonly tone: 'err' | 'wait' | undefined;
  readonly shown: boolean;
  readonly opens: boolean;
  readonly selected: boolean | undefined;
  readonly tabbed: boolean;
  readonly acts: RefObject<Acts>;
}

/** Drawn anew only when something of it changes: a frame of scrolling then costs the rows that come into sight, not all of them. */
const Row = memo(function Row(props: RowProps) {
  const { index, start, height, template, columns, there, tone, shown, opens, selected, tabbed, acts } = props;
  return (
    <div
      role="row"
      data-index={index}
      data-tone={tone}
      data-open={opens ? true : undefined}
      aria-rowindex={index + 2}
      aria-busy={there ? undefined : true}
      aria-selected={selected}
      aria-current={shown || undefined}
      tabIndex={tabbed ? 0 : -1}
      className={css.row}
      style={{ gridTemplateColumns: template, blockSize: height, insetBlockStart: start }}
      onFocus={(e) => {
        if (e.target === e.currentTarget) acts.current.focus(index);
      }}
      onClick={(e) => {
        if (!(e.target as Element).closest('a,button,input,label')) acts.current.open(index);
      }}
    >
      {columns.map((c) => (
        <div key={c.id} role="gridcell" data-align={c.align} data-fits={c.fits}>
          {there ? c.cell(there) : <span className={css.coming} />}
        </div>
      ))}
    </div>
  );
});
