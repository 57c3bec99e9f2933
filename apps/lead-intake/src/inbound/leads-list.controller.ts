import { Allow, Caller, type Principal } from '@avtala/access';
import { GROUNDS, IsInstant, type Ground } from '@avtala/contracts';
import { IdPipe } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Matches, Max, MaxLength, Min } from 'class-validator';
import { LEAD_STATUSES, type LeadStatus } from '../domain/lead-status.js';
import { Activities } from '../services/activities.service.js';
import { LeadFacets, type Facets } from '../services/lead-facets.service.js';
import { LeadList, type LeadLine, type ListQuery } from '../services/lead-list.service.js';
import { LeadSearch } from '../services/lead-search.service.js';

/** Query strings know no booleans. */
const YesNo = () =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

/** What leads are chosen by. Nothing in it is about a person: it stands in a URL. */
export class LeadQuery {
  @IsOptional() @IsUUID() engagementId?: string;
  @IsOptional() @IsIn(LEAD_STATUSES) state?: LeadStatus;
  @IsOptional() @IsString() @MaxLength(500) source?: string;
  @IsOptional() @IsIn(GROUNDS) ground?: Ground;
  /** Not told yet, and the month of B8 ends before this. */
  @IsOptional() @IsInstant() noticeBefore?: string;
  @IsOptional() @YesNo() @IsBoolean() callable?: boolean;
  /** Whom the caller has, or had last. */
  @IsOptional() @YesNo() @IsBoolean() ownerOnly?: boolean;
}

const SORTS = ['newest', 'oldest', 'notice'] as const;
/** An id, or an instant and an id. */
const CURSOR = /^(?:\d{4}-[\d:.TZ-]{6,30}~)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

class LeadPageQuery extends LeadQuery {
  @IsOptional() @IsIn(SORTS) sort: (typeof SORTS)[number] = 'newest';
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  @IsOptional() @Matches(CURSOR) after?: string;
}

class SearchBody {
  @IsOptional() @IsString() @MaxLength(200) name?: string;
  @IsOptional() @IsString() @MaxLength(254) email?: string;
  @IsOptional() @IsString() @MaxLength(40) phone?: string;
  @IsOptional() @IsUUID() engagementId?: string;
}

class ActivityQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  @IsOptional() @IsUUID() after?: string;
}

/** A lead in a list; `name` is masked unless the caller has the lead in hand. */
class LeadLineBody implements LeadLine {
  readonly id!: string;
  readonly engagementId!: string;
  readonly version!: number;
  readonly name!: string;
  readonly masked!: boolean;
  readonly company!: string | null;
  readonly title!: string | null;
  readonly hasEmail!: boolean;
  readonly hasPhone!: boolean;
  readonly status!: LeadStatus;
  readonly source!: string;
  readonly ground!: Ground;
  readonly informed!: boolean;
  readonly noticeBy!: string;
  readonly obtainedAt!: string;
  readonly attempts!: number;
  readonly callableAt!: string | null;
}

class LeadPage {
  readonly items!: LeadLineBody[];
  readonly next!: string | null;
}

class LeadCount {
  readonly count!: number;
  /** Counting stopped there: there are more. */
  readonly more!: boolean;
}

class StateChoice extends LeadCount {
  readonly value!: LeadStatus;
}

class GroundChoice extends LeadCount {
  readonly value!: Ground;
}

class SourceChoice extends LeadCount {
  readonly value!: string;
}

class LeadChoices implements Facets {
  readonly states!: StateChoice[];
  readonly grounds!: GroundChoice[];
  readonly sources!: SourceChoice[];
}

class FoundLeads {
  readonly items!: LeadLineBody[];
  /** More were found than are shown: the search should say more. */
  readonly more!: boolean;
}

class ActivityBody {
  readonly id!: string;
  readonly at!: string;
  readonly userId!: string | null;
  readonly outcome!: string;
  readonly informed!: boolean;
  readonly callbackAt!: string | null;
  readonly callbackFor!: string | null;
  readonly undoneAt!: string | null;
  readonly hasNote!: boolean;
  /** null also for those who may not read it. */
  readonly note!: string | null;
}

class ActivityPage {
  readonly items!: ActivityBody[];
  readonly next!: string | null;
}

/** Leads in lists: by filter, by search; and what was done with one. Before `leads/:id`, which would take `count` for an id. */
@Controller('api/v1')
export class LeadsListController {
  constructor(
    @Inject(LeadList) private readonly list: LeadList,
    @Inject(LeadSearch) private readonly finder: LeadSearch,
    @Inject(LeadFacets) private readonly facets: LeadFacets,
    @Inject(Activities) private readonly activities: Activities,
  ) {}

  @Get('leads')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async page(@Caller() caller: Principal, @Query() query: LeadPageQuery): Promise<LeadPage> {
    const { sort, limit, after, ...filter } = query;
    const [id, at] = after?.split('~').reverse() ?? [];
    const items = await this.list.page(caller, chosen(filter), {
      sort,
      limit,
      after: id ? { id, ...(at ? { at } : {}) } : null,
    });
    const last = items.at(-1);
    const cursor = last && (sort === 'notice' ? `${last.obtainedAt}~${last.id}` : last.id);
    return { items, next: items.length === limit ? cursor! : null };
  }

  @Get('leads/count')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async count(@Caller() caller: Principal, @Query() query: LeadQuery): Promise<LeadCount> {
    return this.list.count(caller, chosen(query));
  }

  /** What each choice of a filter would leave, with the other filters as they stand. */
  @Get('leads/facets')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async choices(@Caller() caller: Principal, @Query() query: LeadQuery): Promise<LeadChoices> {
    return this.facets.read(caller, chosen(query));
  }

  /** A read by POST, since what is searched for must not stand in a URL: it takes no Idempotency-Key. */
  @Post('leads/search')
  @Allow('supervisor', 'booker', 'dpo')
  @HttpCode(200)
  async search(@Caller() caller: Principal, @Body() body: SearchBody): Promise<FoundLeads> {
    const { engagementId, ...wanted } = body;
    return this.finder.search(caller, wanted, engagementId);
  }

  @Get('leads/:id/activities')
  @Allow('supervisor', 'booker', 'dpo')
  async log(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @Query() query: ActivityQuery,
  ): Promise<ActivityPage> {
    const items = await this.activities.page(caller, id, query);
    return { items, next: items.length === query.limit ? items.at(-1)!.id : null };
  }
}

/** Only what was asked for: an absent filter is no filter. */
export function chosen(query: LeadQuery): ListQuery {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}
