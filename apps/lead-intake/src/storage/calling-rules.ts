import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { DEFAULT_RULES, type CallingRules } from '../domain/calling-rules.js';

interface RulesRow {
  engagement_id: string;
  version: number;
  max_attempts: number;
  wait_no_answer_minutes: number;
  wait_busy_minutes: number;
  callback_grace_minutes: number;
  from_minute: number;
  until_minute: number;
  weekdays: number[];
  on_holidays: boolean;
  on_eves: boolean;
}

/** Rules with the version of their row, 0 for the defaults. */
export type StoredRules = CallingRules & { version: number };

/** The rules of these engagements; without a row of its own an engagement has the defaults. */
export async function rulesOf(
  tx: EntityManager,
  engagementIds: readonly string[],
): Promise<(engagementId: string) => StoredRules> {
  const found = await rows<RulesRow>(tx, 'SELECT * FROM calling_rules WHERE engagement_id = ANY ($1)', [engagementIds]);
  const byId = new Map(found.map((row) => [row.engagement_id, rulesFrom(row)]));
  return (id) => byId.get(id) ?? { ...DEFAULT_RULES, version: 0 };
}

function rulesFrom(row: RulesRow): StoredRules {
  return {
    version: row.version,
    maxAttempts: row.max_attempts,
    waitNoAnswerMinutes: row.wait_no_answer_minutes,
    waitBusyMinutes: row.wait_busy_minutes,
    callbackGraceMinutes: row.callback_grace_minutes,
    fromMinute: row.from_minute,
    untilMinute: row.until_minute,
    weekdays: row.weekdays,
    onHolidays: row.on_holidays,
    onEves: row.on_eves,
  };
}

/** @returns the new version */
export async function writeRules(
  tx: EntityManager,
  engagementId: string,
  r: CallingRules,
  by: { userId: string; at: string },
): Promise<number> {
  const [row] = await rows<{ version: number }>(
    tx,
    `INSERT INTO calling_rules (engagement_id, max_attempts, wait_no_answer_minutes, wait_busy_minutes, callback_grace_minutes,
       from_minute, until_minute, weekdays, on_holidays, on_eves, changed_by, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (engagement_id) DO UPDATE SET version = calling_rules.version + 1, max_attempts = excluded.max_attempts,
       wait_no_answer_minutes = excluded.wait_no_answer_minutes, wait_busy_minutes = excluded.wait_busy_minutes,
       callback_grace_minutes = excluded.callback_grace_minutes, from_minute = excluded.from_minute, until_minute = excluded.until_minute,
       weekdays = excluded.weekdays, on_holidays = excluded.on_holidays, on_eves = excluded.on_eves,
       changed_by = excluded.changed_by, changed_at = excluded.changed_at
     RETURNING version`,
    [
      engagementId,
      r.maxAttempts,
      r.waitNoAnswerMinutes,
      r.waitBusyMinutes,
      r.callbackGraceMinutes,
      r.fromMinute,
      r.untilMinute,
      r.weekdays,
      r.onHolidays,
      r.onEves,
      by.userId,
      by.at,
    ],
  );
  return row!.version;
}
