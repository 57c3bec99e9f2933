/** What `work` gets done a second by so many clients, one after the other each, in the time there is. */
export async function perSecond(
  clients: number,
  seconds: number,
  work: (client: number) => Promise<void>,
): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let done = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (; performance.now() < until; done++) await work(client);
    }),
  );
  return done / ((performance.now() - began) / 1000);
}
