/** The run's Kafka broker, started by tools/jest-servers.mjs when the first test asks for it.
 * @returns host:port, or undefined when this machine cannot run one (said in one line; under CI=true a failure) */
export async function brokerOfRun(): Promise<string | undefined> {
  const door = process.env.AVTALA_TEST_KAFKA;
  if (!door) throw new Error('No Kafka for tests: name the file x.int.spec.ts and run it with AVTALA_TESTS=int');
  const response = await fetch(door, { signal: AbortSignal.timeout(120_000) });
  const answer = (await response.json()) as { brokers?: string; problem?: string };
  if (!answer.brokers && process.env.CI === 'true') throw new Error(answer.problem);
  return answer.brokers;
}
