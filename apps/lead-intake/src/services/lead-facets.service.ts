import { scopeOfCaller, type Principal } from '@avtala/access';
import { GROUNDS, type Ground } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Inject, Injectable } from '@nestjs/common';
import { LEAD_STATUSES, type LeadStatus } from '../domain/lead-status.js';
import { countLeads, sourcesOf, type LeadFilter } from '../storage/lead-list.js';
import { filterOf, LeadList, type ListQuery } from './lead-list.service.js';

/** How many leads a choice would leave. */
export interface Facet<T> {
  value: T;
  count: number;
  /** Counting stopped there: there are more. */
  more: boolean;
}

export interface Facets {
  states: Facet<LeadStatus>[];
  grounds: Facet<Ground>[];
  sources: Facet<string>[];
}

const COUNT_UP_TO = 10_000;
/** A choice among more is no choice; the rest are found by typing. */
const MOST_SOURCES = 20;
const UNLAWFUL: readonly LeadStatus[] = ['being-erased', 'suppressed', 'restricted'];

/** What a filter would leave, before it is applied: each choice counted with the other filters as they stand. Counts only, nobody is read. */
@Injectable()
export class LeadFacets {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(LeadList) private readonly list: LeadList,
  ) {}

  /** @throws Missing another's engagement */
  async read(caller: Principal, query: ListQuery): Promise<Facets> {
    const filter = filterOf(caller, query);
    const { status: _status, ...anyState } = filter;
    const { ground: _ground, ...anyGround } = filter;
    const { source: _source, ...anySource } = filter;
    // Who may not be called is no word to who calls, not even as a nought.
    const states = LEAD_STATUSES.filter((s) => !filter.lawful || !UNLAWFUL.includes(s));
    const at = this.list.times();
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const count = async <T>(value: T, f: LeadFilter): Promise<Facet<T>> => {
        const n = await countLeads(tx, f, at, COUNT_UP_TO + 1);
        return { value, count: Math.min(n, COUNT_UP_TO), more: n > COUNT_UP_TO };
      };
      const each = async <T>(values: readonly T[], f: (value: T) => LeadFilter): Promise<Facet<T>[]> => {
        const counted: Facet<T>[] = [];
        for (const value of values) counted.push(await count(value, f(value)));
        return counted;
      };
      const sources = await sourcesOf(tx, filter.engagementIds, MOST_SOURCES);
      return {
        states: await each(states, (status) => ({ ...anyState, status })),
        grounds: await each(GROUNDS, (ground) => ({ ...anyGround, ground })),
        sources: await each(sources, (source) => ({ ...anySource, source })),
      };
    });
  }
}
