import { serviceKey } from '@avtala/access';
import { parseConfig } from '@avtala/runtime';
import { Module } from '@nestjs/common';
import { RetentionConfig } from './config.js';
import { ErasureClocksController } from './inbound/erasure-clocks.controller.js';
import { ErasuresController } from './inbound/erasures.controller.js';
import { LeadClocksController } from './inbound/lead-clocks.controller.js';
import { OnEngagement } from './inbound/on-engagement.js';
import { OnErasureReceipt } from './inbound/on-erasure-receipt.js';
import { OnLead } from './inbound/on-lead.js';
import { PrivacyRequestsController } from './inbound/privacy-requests.controller.js';
import { Timers } from './inbound/timers.js';
import { ClockViews } from './services/clock-view.service.js';
import { Clocks } from './services/clocks.service.js';
import { Erasures } from './services/erasures.service.js';
import { LeadClocks } from './services/lead-clock.service.js';
import { Orders } from './services/orders.service.js';
import { CertificateSigner, Saga } from './services/saga.service.js';

@Module({
  controllers: [
    ErasureClocksController,
    ErasuresController,
    LeadClocksController,
    OnEngagement,
    OnErasureReceipt,
    OnLead,
    PrivacyRequestsController,
  ],
  providers: [
    { provide: RetentionConfig, useFactory: () => parseConfig(RetentionConfig, process.env) },
    {
      provide: CertificateSigner,
      inject: [RetentionConfig],
      // `file`: the provider of key-encryption keys is the local one until another is configured (security.md §3.1).
      useFactory: (config: RetentionConfig) => new CertificateSigner(serviceKey(config.certificateKeyFile), 'file'),
    },
    Clocks,
    ClockViews,
    Erasures,
    LeadClocks,
    Orders,
    Saga,
    Timers,
  ],
})
export class RetentionModule {}
