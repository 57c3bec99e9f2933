import { Refusal, type Reply } from '../web.js';
import type { SalesforceCall } from './call.js';
import { Malformed, restError } from './errors.js';
import { readId } from './ids.js';
import { idOf } from './ids.js';
import { objectOf } from './reading.js';
import { emptyFromBin, remove } from './removal.js';

interface Job {
  id: string;
  org: string;
  object: string;
  state: 'Open' | 'UploadComplete' | 'JobComplete';
  ids: string[];
  results: { id: string; error?: string }[];
}

/** Bulk API 2.0, `hardDelete` only: past the recycle bin, where our user has the permission. Jobs live in memory: they hold ids, no values. */
export class BulkJobs {
  private readonly jobs = new Map<string, Job>();

  open = async (call: SalesforceCall): Promise<Reply> => {
    const { object, operation } = (call.body ?? {}) as { object?: string; operation?: string };
    if (operation !== 'hardDelete') throw new Malformed(400, 'INVALIDJOB', 'this stand-in knows hardDelete only');
    if (!call.org.settings.hardDelete)
      throw restError(400, 'FEATURENOTENABLED', 'hardDelete operation requires special user profile permission');
    const type = objectOf(call.org, object);
    const job: Job = {
      id: idOf('750', this.jobs.size + 1),
      org: call.org.name,
      object: type,
      state: 'Open',
      ids: [],
      results: [],
    };
    this.jobs.set(job.id, job);
    return { status: 200, body: { ...info(job), contentUrl: `services/data/v67.0/jobs/ingest/${job.id}/batches` } };
  };

  upload = async (call: SalesforceCall): Promise<Reply> => {
    const job = this.job(call);
    const [head, ...lines] = call.text.split(/\r?\n/).filter(Boolean);
    if (!/^"?id"?$/i.test(head ?? '')) throw new Malformed(400, 'INVALIDENTITYDATA', 'the only column must be Id');
    job.ids = lines.map((l) => l.replaceAll('"', ''));
    return { status: 201 };
  };

  change = async (call: SalesforceCall): Promise<Reply> => {
    const job = this.job(call);
    if ((call.body as { state?: string } | undefined)?.state !== 'UploadComplete')
      throw new Malformed(400, 'INVALIDJOBSTATE', 'state must be UploadComplete');
    for (const id of job.ids) {
      if (call.lies()) {
        job.results.push({ id });
        continue;
      }
      const full = readId(id);
      const { changed, error } = remove(call.org, id, call.writer.by, call.writer.at);
      if (error && error.statusCode !== 'ENTITY_IS_DELETED') {
        job.results.push({ id, error: error.statusCode });
        continue;
      }
      const dropped = emptyFromBin(call.org, full).dropped;
      await call.org.saved([...changed, ...dropped]);
      job.results.push({ id });
    }
    job.state = 'JobComplete';
    return { status: 200, body: info(job) };
  };

  look = async (call: SalesforceCall): Promise<Reply> => ({ status: 200, body: info(this.job(call)) });

  results = async (call: SalesforceCall): Promise<Reply> => {
    const job = this.job(call);
    const bad = call.params['which'] === 'failedResults';
    const rows = job.results.filter(
      (r) => (r.error !== undefined) === bad && call.params['which'] !== 'unprocessedrecords',
    );
    const head = bad ? '"sf__Id","sf__Error","Id"' : '"sf__Id","sf__Created","Id"';
    const csv = [head, ...rows.map((r) => `"${r.id}","${r.error ?? 'false'}","${r.id}"`)].join('\n');
    return { status: 200, raw: Buffer.from(`${csv}\n`), headers: { 'content-type': 'text/csv' } };
  };

  private job(call: SalesforceCall): Job {
    const job = this.jobs.get(call.params['job'] ?? '');
    if (!job || job.org !== call.org.name)
      throw new Refusal({ status: 404, body: [{ errorCode: 'NOT_FOUND', message: '' }] });
    return job;
  }
}

const info = (job: Job) => ({
  ...{ id: job.id, object: job.object, operation: 'hardDelete', state: job.state, contentType: 'CSV', apiVersion: 67 },
  numberRecordsProcessed: job.results.length,
  numberRecordsFailed: job.results.filter((r) => r.error).length,
});
