import { AppError } from '@avtala/contracts';

/** How often a person may look people up (ASVS 2.4.1): far above what work needs, far below what copying a register takes. */
export const LIMITS = {
  search: { most: 60, windowSeconds: 60 },
  unmask: { most: 30, windowSeconds: 600 },
  export: { most: 10, windowSeconds: 3600 },
} as const;

export class TooOften extends AppError {
  readonly code = 'too-many-requests';
  readonly kind = 'too-many';
  constructor(retryAfterSeconds: number) {
    super('That was done too often; wait a little', { retryAfterSeconds });
  }
}
