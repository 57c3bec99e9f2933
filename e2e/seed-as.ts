import { seed, type Call, type Client } from '@avtala/all-in-one';

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
  const call: Call = async (method, path, body, key) => {
    for (let attempt = 1; ; attempt++) {
      const answer = method === 'PUT' ? await admin.put(path, body) : await admin.post(path, body, key);
      if (answer.status < 300) return answer.body as never;
      if (![404, 409, 503].includes(answer.status) || attempt === tries)
        throw new Error(`${path} ${answer.status} ${JSON.stringify(answer.body)}`);
      await new Promise((r) => setTimeout(r, 100));
    }
  };
  return seed(call, members, startsOn);
}
