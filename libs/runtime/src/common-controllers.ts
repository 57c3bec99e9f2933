import type { ServiceName } from '@avtala/contracts';
import type { Type } from '@nestjs/common';
import { auditController } from './audit.controller.js';
import { parkedController } from './parked.controller.js';

/** What every service answers under its own name, made for each at its start: in no module of its own. */
export const commonControllers = (service: ServiceName): Type[] => [
  parkedController(service),
  auditController(service),
];
