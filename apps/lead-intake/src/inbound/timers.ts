import { DueWork, type DueItem } from '@avtala/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { Bulk } from '../services/bulk.service.js';
import { Erasure } from '../services/erasure.service.js';
import { FormConfirmation } from '../services/form-confirmation.service.js';
import { ImportRuns } from '../services/import-run.service.js';
import { NameIndex } from '../services/name-index.service.js';
import { Noes } from '../services/no.service.js';
import { Outcomes } from '../services/outcomes.service.js';
import { Peppers } from '../services/pepper.service.js';

/** Work that falls due: each method may be killed anywhere and run again. */
@Injectable()
export class Timers {
  constructor(
    @Inject(ImportRuns) private readonly imports: ImportRuns,
    @Inject(Noes) private readonly noes: Noes,
    @Inject(Erasure) private readonly erasure: Erasure,
    @Inject(Peppers) private readonly peppers: Peppers,
    @Inject(FormConfirmation) private readonly forms: FormConfirmation,
    @Inject(Outcomes) private readonly outcomes: Outcomes,
    @Inject(NameIndex) private readonly names: NameIndex,
    @Inject(Bulk) private readonly bulk: Bulk,
  ) {}

  @DueWork('import-run', { concurrency: 2 })
  async runImport([item]: DueItem[]): Promise<void> {
    await this.imports.run(item!);
  }

  @DueWork('import-expiry')
  async expireImport([item]: DueItem[]): Promise<void> {
    await this.imports.expire(item!);
  }

  @DueWork('form-mail')
  async sendFormMail([item]: DueItem[]): Promise<void> {
    await this.forms.send(item!);
  }

  @DueWork('form-expiry')
  async expireForm([item]: DueItem[]): Promise<void> {
    await this.forms.expire(item!);
  }

  @DueWork('carry-no')
  async carryNo([item]: DueItem[]): Promise<void> {
    await this.noes.carry(item!);
  }

  @DueWork('erasure-stop')
  async stop([item]: DueItem[]): Promise<void> {
    await this.erasure.stop(item!);
  }

  @DueWork('keep-no')
  async keepNo([item]: DueItem[]): Promise<void> {
    await this.erasure.remember(item!);
  }

  @DueWork('erasure-destroy', { concurrency: 2 })
  async destroy([item]: DueItem[]): Promise<void> {
    await this.erasure.destroy(item!);
  }

  @DueWork('rotate-pepper')
  async rotatePepper([item]: DueItem[]): Promise<void> {
    await this.peppers.rotate(item!);
  }

  @DueWork('tell-outcome', { concurrency: 2 })
  async tellOutcome([item]: DueItem[]): Promise<void> {
    await this.outcomes.tellDue(item!);
  }

  @DueWork('index-names')
  async indexNames([item]: DueItem[]): Promise<void> {
    await this.names.fill(item!);
  }

  @DueWork('bulk-act')
  async bulkAct([item]: DueItem[]): Promise<void> {
    await this.bulk.run(item!);
  }
}
