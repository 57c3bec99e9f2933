import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { Controller, Get, Inject, Module, Param } from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { Db, noEngagement } from '@avtala/database';
import { testDatabase } from '@avtala/test-kit';
import { FixedClock } from '@avtala/time';
import { auditMigration, AuditTrail } from './audit-trail.js';
import { auditSealingMigration } from './audit-sealing.migration.js';
import { holdsPerson, OwnData, ReadNotAudited, ReadsAreAudited } from './reads-are-audited.js';

const database = await testDatabase({ schema: 'lead_intake', migrations: [auditMigration(), auditSealingMigration()] });
const trail = new AuditTrail('lead-intake', Buffer.alloc(32, 7), new FixedClock('2027-03-01T09:00:00Z'));
const karin = { id: 'lead-1', name: 'Karin', email: 'karin@example.example' };

@Controller()
class Reads {
  constructor(@Inject(Db) private readonly db: Db) {}

  @Get('read/:how')
  async read(@Param('how') how: string): Promise<object> {
    const principal = { kind: 'service', service: 'agency', purpose: 'p', eventId: 'e' } as const;
    const audited = this.db.withScope(noEngagement, async (tx) => {
      if (how !== 'without') await trail.record(tx, { action: 'lead.read', principal });
      if (how === 'rolled-back') throw new Error('no');
    });
    await audited.catch(() => undefined);
    return how === 'nobody' ? { id: 'lead-1', email: null } : karin;
  }

  @Get('own')
  @OwnData()
  own(): object {
    return karin;
  }
}

@Module({
  controllers: [Reads],
  providers: [
    { provide: Db, useValue: database.db() },
    { provide: APP_INTERCEPTOR, useClass: ReadsAreAudited },
  ],
})
class App {}

let app: INestApplication;
beforeAll(async () => {
  app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app.close();
  await database.close();
});

const get = async (path: string) => {
  const answer = await fetch(`${await app.getUrl()}/${path}`);
  return { status: answer.status, text: await answer.text() };
};

describe('G3: a person’s data leaves only with an entry that is committed', () => {
  it.each([
    ['read/with', 200],
    ['own', 200],
    ['read/without', 500],
    ['read/rolled-back', 500],
  ])('%s: %i', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.text).not.toContain('Karin');
  });

  it('also when others are audited at the same moment', async () => {
    const answers = await Promise.all([...Array(10).fill('read/with'), ...Array(10).fill('read/without')].map(get));
    expect(answers.map((a) => a.status)).toEqual([...Array(10).fill(200), ...Array(10).fill(500)]);
  });

  it('says so to the edges', () => expect(new ReadNotAudited().kind).toBe('later'));
});

test.each<[unknown, boolean]>([
  [karin, true],
  [{ items: [{ lead: { phone: '+46701740605' } }] }, true],
  [{ items: [{ id: 'x', phone: null, email: '' }], next: null }, false],
  [{ name: 'Kay', masked: true }, true],
  [{ key: { name: 'supplier key' } }, false],
  [{ properties: { email: '•••', phone: '•••' } }, false],
  [{ mapping: { name: 'Namn', email: 'E-post', phone: null } }, false],
  [{ calendars: [{ name: 'Work', url: 'https://dav.example/' }] }, false],
  [[{ note: 'rang up' }], true],
  ['karin@example.example', false],
  [null, false],
])('G3: %j holds a person: %s', (answer, holds) => {
  expect(holdsPerson(answer)).toBe(holds);
});
