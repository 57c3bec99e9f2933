import { expect, it } from '@jest/globals';
import { enableMetrics, observeRequest, observeVendorCall, vendorCallsRemaining } from './metrics.js';

it('says nothing until asked, then counts by closed labels, and survives a service that cannot be asked', async () => {
  const request = { service: 'agency', method: 'GET', route: '/api/v1/me', status: 200, took: 0.02 };
  observeRequest(request); // nobody listens yet
  const text = await enableMetrics();
  observeRequest(request);
  observeRequest({ ...request, method: 'MADE-UP' });
  observeVendorCall('hubspot', 'limited', 0.3);
  vendorCallsRemaining('hubspot', 'daily', 4_321);
  const figure = { name: 'avtala_outbox_events', help: 'Events.', value: 7 };
  const lag = { name: 'avtala_consumer_lag_events', help: 'Events.', value: 3, labels: { topic: 'avtala.agency' } };
  const services = [
    { name: 'agency', look: async () => [figure, lag] },
    { name: 'retention', look: () => Promise.reject(new Error('away')) },
  ];
  const { text: said, contentType } = await text(services);
  expect(contentType).toMatch(/^text\/plain/);
  expect(said).toContain(
    'avtala_http_request_duration_seconds_count{service="agency",method="GET",route="/api/v1/me",status="200"} 1',
  );
  expect(said).toContain('method="other"');
  expect(said).toContain('avtala_vendor_call_duration_seconds_count{vendor="hubspot",result="limited"} 1');
  expect(said).toContain('avtala_vendor_calls_remaining{vendor="hubspot",limit="daily"} 4321');
  expect(said).toContain('avtala_outbox_events{service="agency"} 7');
  expect(said).toContain('avtala_consumer_lag_events{service="agency",topic="avtala.agency"} 3');
  expect(said).toContain('avtala_scrape_failures_total{service="retention"} 1');
  expect(said).toMatch(/nodejs_eventloop_lag_seconds [\d.]+/);
  expect((await text([services[1]!])).text).not.toContain('avtala_outbox_events{'); // what nobody says any more is gone
});
