import { Public } from '@avtala/access';
import { RawBody } from '@avtala/http';
import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { type Express, raw, type Request, type Response } from 'express';
import type { NextFunction } from 'express';
import { Webhooks } from '../services/webhooks.service.js';

export const WEBHOOKS = '/api/v1/webhooks';
/** A hundred events are some 50 kB. */
const MOST_BYTES = 1_048_576;

interface WithBytes extends Request {
  bytes?: Buffer;
}

/** Before the JSON parser, which would leave nothing of the bytes that were signed. */
export function keepBytes(express: Express): void {
  express.use(
    WEBHOOKS,
    raw({ type: () => true, limit: MOST_BYTES, inflate: false }),
    (req: WithBytes, _res: Response, next: NextFunction) => {
      req.bytes = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
      req.body = undefined;
      next();
    },
  );
}

/** Where vendors call us. No session and no Idempotency-Key: the signature says who it is, and each event carries its own number. */
@Controller(WEBHOOKS.slice(1))
export class WebhooksController {
  constructor(private readonly webhooks: Webhooks) {}

  /** Acknowledged as soon as it is stored as work; what it means is found out afterwards. */
  @Post('hubspot')
  @Public()
  @RawBody()
  @HttpCode(204)
  async hubSpot(@Req() req: WithBytes): Promise<void> {
    await this.webhooks.hubSpot(
      {
        method: req.method,
        path: req.originalUrl,
        body: req.bytes ?? Buffer.alloc(0),
        timestamp: one(req.headers['x-hubspot-request-timestamp']),
        signature: one(req.headers['x-hubspot-signature-v3']),
      },
      req.headers.host,
    );
  }
}

const one = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;
