import { callAs, seed, type Client } from '@avtala/all-in-one';

/** Seeds the sandbox's two clients as its admin would, with the bookers as members.
 * @param tries how often, 100 ms apart, what one service made a moment ago may still be on its way to the others */
export async function seedAs(
  admin: Client,
  bookers: readonly Client[],
  startsOn: string,
  tries: number,
): ReturnType<typeof seed> {
  const members = await Promise.all(
    bookers.map(async (b) => (await admin.need(b.get<{ id: string }>('/api/v1/me'), 200)).id),
  );
  return seed(callAs(admin, tries), members, startsOn);
}
