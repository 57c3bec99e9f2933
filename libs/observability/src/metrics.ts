/** How a call to a vendor ended. */
export type VendorResult = 'ok' | 'refused' | 'limited' | 'failed' | 'timeout';

/** One figure of a service, asked for when metrics are read. */
export interface Figure {
  readonly name: string;
  readonly help: string;
  readonly value: number;
  /** Beside `service`; of closed sets. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a service says of itself at the moment it is asked. */
export interface Look {
  readonly name: string;
  readonly look: () => Promise<readonly Figure[]>;
}

interface Answered {
  readonly service: string;
  readonly method: string;
  /** The template a request was answered by, `/api/v1/leads/:id`; never its path. */
  readonly route: string;
  readonly status: number;
  /** Seconds. */
  readonly took: number;
}

export interface Sink {
  request(answered: Answered): void;
  vendorCall(vendor: string, result: VendorResult, took: number): void;
  vendorRemaining(vendor: string, limit: string, remaining: number): void;
}

let sink: Sink | undefined;

/** From here on what is observed is counted, for Prometheus.
 * @returns what writes all metrics as text */
export async function enableMetrics(): Promise<
  (services: readonly Look[]) => Promise<{ contentType: string; text: string }>
> {
  const prometheus = await import('./prometheus.js');
  sink = prometheus.sink;
  return prometheus.metricsText;
}

export function observeRequest(answered: Answered): void {
  sink?.request(answered);
}

/** One call to a vendor that has ended.
 * @param vendor our name of it: `hubspot`, `salesforce`, `google-calendar`, `caldav`
 * @param took seconds */
export function observeVendorCall(vendor: string, result: VendorResult, took: number): void {
  sink?.vendorCall(vendor, result, took);
}

/** What is left of a vendor's limit, as it told us. @param limit `daily`, `ten-secondly` */
export function vendorCallsRemaining(vendor: string, limit: string, remaining: number): void {
  sink?.vendorRemaining(vendor, limit, remaining);
}

/** Makes one call to a vendor and counts it, however it ends.
 * @param resultOf what an answer that came means; default `ok` */
export async function watchVendor<T>(
  vendor: string,
  work: () => Promise<T>,
  resultOf: (answer: T) => VendorResult = () => 'ok',
): Promise<T> {
  const began = performance.now();
  let result: VendorResult = 'failed';
  try {
    const answer = await work();
    result = resultOf(answer);
    return answer;
  } finally {
    observeVendorCall(vendor, result, (performance.now() - began) / 1000);
  }
}

/** Of an HTTP status. */
export function vendorResult(status: number): VendorResult {
  if (status === 429) return 'limited';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'ok';
}
