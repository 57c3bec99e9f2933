import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Figure, Look, Sink } from './metrics.js';

// Loaded only where metrics are asked for: the library takes a tenth of a start.
/** The process's metrics. Labels are of closed sets: services, route templates, vendors, results; never an id, an address or a path as asked. */
const registry = new Registry();
collectDefaultMetrics({ register: registry });

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const requests = new Histogram({
  name: 'avtala_http_request_duration_seconds',
  help: 'Requests answered, by route template and status.',
  labelNames: ['service', 'method', 'route', 'status'],
  buckets: seconds,
  registers: [registry],
});

const vendorCalls = new Histogram({
  name: 'avtala_vendor_call_duration_seconds',
  help: 'Calls to vendors, by vendor and how they ended.',
  labelNames: ['vendor', 'result'],
  buckets: seconds,
  registers: [registry],
});

const vendorRemaining = new Gauge({
  name: 'avtala_vendor_calls_remaining',
  help: 'What the vendor said was left of a limit, when it last said so; the lowest of all accounts of this process.',
  labelNames: ['vendor', 'limit'],
  registers: [registry],
});

const failures = new Counter({
  name: 'avtala_scrape_failures_total',
  help: 'Looks at a service that failed while metrics were read.',
  labelNames: ['service'],
  registers: [registry],
});

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export const sink: Sink = {
  request({ service, method, route, status, took }) {
    requests.observe({ service, method: METHODS.has(method) ? method : 'other', route, status: String(status) }, took);
  },
  vendorCall: (vendor, result, took) => vendorCalls.observe({ vendor, result }, took),
  vendorRemaining: (vendor, limit, remaining) => vendorRemaining.set({ vendor, limit }, remaining),
};

const gauges = new Map<string, Gauge>();

/** All metrics as text. A look at a service that fails is counted, and the others are told. */
export async function metricsText(services: readonly Look[]): Promise<{ contentType: string; text: string }> {
  for (const gauge of gauges.values()) gauge.reset();
  await Promise.all(
    services.map(async ({ name, look }) => {
      try {
        for (const figure of await look()) gaugeOf(figure).set({ service: name, ...figure.labels }, figure.value);
      } catch {
        failures.inc({ service: name });
      }
    }),
  );
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function gaugeOf({ name, help, labels = {} }: Figure): Gauge {
  const known = gauges.get(name);
  if (known) return known;
  const gauge = new Gauge({ name, help, labelNames: ['service', ...Object.keys(labels)], registers: [registry] });
  gauges.set(name, gauge);
  return gauge;
}
