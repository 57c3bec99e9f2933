import createClient, { type Client, type ClientOptions } from 'openapi-fetch';
import type { paths as Agency } from './generated/agency.js';
import type { paths as CrmSync } from './generated/crm-sync.js';
import type { paths as LeadIntake } from './generated/lead-intake.js';
import type { paths as Retention } from './generated/retention.js';
import type { paths as Scheduling } from './generated/scheduling.js';

type Paths = Agency & CrmSync & LeadIntake & Retention & Scheduling;

/** Every service's API behind one address, as their OpenAPI documents declare it: paths, bodies and answers are checked by the compiler. */
export type ApiClient = Client<Paths>;

/**
 * @param options `baseUrl` of the ingress or the all-in-one process; a browser sends its session cookie by itself, a supplier passes
 *   `headers: { authorization: 'Bearer avt_…' }`
 * @example const { data, error } = await api.GET('/api/v1/bookings/{id}', { params: { path: { id } } });
 * A POST names its `Idempotency-Key`: the same key again, after a lost answer, is the same act.
 */
export function apiClient(options: ClientOptions): ApiClient {
  return createClient<Paths>({ credentials: 'same-origin', ...options });
}
