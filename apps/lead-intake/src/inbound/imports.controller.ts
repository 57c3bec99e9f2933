import { Allow, Caller, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { IdempotentKey, IdPipe, RawBody, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, Max, Min } from 'class-validator';
import type { Request } from 'express';
import { NotCsv } from '../domain/errors.js';
import { ImportRuns } from '../services/import-run.service.js';
import { ImportUploads } from '../services/import-upload.service.js';
import { findImport, readRejects } from '../storage/import.js';
import { Stated } from './leads.controller.js';

/** What browsers and suppliers call such files (Windows calls a .csv an Excel file). Which it is, its content says. */
const FILE_TYPES =
  /^(text\/(csv|plain|tab-separated-values)|application\/(octet-stream|csv|(x-)?ndjson|jsonl|vnd\.ms-excel|vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet))\s*(;|$)/i;

class Confirmation extends Stated {
  /** Column of the file → field, or null to leave it out. Every column is decided about. */
  @IsObject() mapping!: Record<string, string | null>;
}

class RejectsPage {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit = 100;
  /** Row after which to go on. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(2_147_483_647) after = 0;
}

@Controller('api/v1')
@Allow('admin', 'supervisor')
export class ImportsController {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(ImportUploads) private readonly uploads: ImportUploads,
    @Inject(ImportRuns) private readonly runs: ImportRuns,
  ) {}

  @Post('engagements/:id/imports')
  @HttpCode(202)
  @RawBody()
  async upload(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Req() request: Request,
  ) {
    const { 'content-type': type = '', 'content-encoding': packed = 'identity' } = request.headers;
    if (!FILE_TYPES.test(type) || packed !== 'identity') throw new NotCsv();
    const announced = Number(request.headers['content-length'] ?? Number.NaN);
    return this.uploads.receive(
      caller,
      engagementId,
      claim,
      request,
      Number.isFinite(announced) ? announced : undefined,
    );
  }

  @Post('imports/:id/confirm')
  @HttpCode(202)
  async confirm(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: Confirmation,
  ) {
    const { mapping, ...stated } = body;
    await this.runs.confirm(caller, id, claim, mapping, stated);
    return { id };
  }

  @Get('imports/:id')
  async status(@Caller() caller: Principal, @Param('id', IdPipe) id: string) {
    const found = await this.db.withScope(scopeOfCaller(caller), (tx) => findImport(tx, id));
    if (!found) throw new Missing('import');
    const { state, failure, offered, accepted, merged, refused } = found;
    return {
      id,
      engagementId: found.engagement_id,
      state,
      ...(failure ? { failure } : {}),
      offered,
      accepted,
      merged,
      refused,
    };
  }

  @Get('imports/:id/rejects')
  async rejects(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @Query() page: RejectsPage) {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      if (!(await findImport(tx, id))) throw new Missing('import');
      const items = await readRejects(tx, id, page.after, page.limit);
      return { items, next: items.length === page.limit ? items.at(-1)!.row : null };
    });
  }
}
