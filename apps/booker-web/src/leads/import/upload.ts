import { ApiProblem, Unreachable } from '../../app/api.js';

const AGAIN_MS = [1000, 2000, 4000, 8000, 15_000];
const TYPE = { csv: 'text/csv', ndjson: 'application/x-ndjson', xlsx: 'application/octet-stream' } as const;

/** Sends a file with its progress, which `fetch` does not tell. A lost connection is tried again under the same key, so that the file is taken
 * in once whatever was heard.
 * @param onProgress 0–1 @param onLost it is being sent again
 * @throws ApiProblem, Unreachable after the last attempt */
export async function upload(
  o: {
    readonly engagementId: string;
    readonly supplier: string;
    readonly file: File;
    readonly format: keyof typeof TYPE;
    readonly key: string;
  },
  onProgress: (part: number) => void,
  onLost: () => void,
): Promise<{ id: string }> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await once(o, onProgress);
    } catch (error) {
      const wait = AGAIN_MS[attempt];
      const busy = error instanceof ApiProblem && error.status === 503;
      if (wait === undefined || !(error instanceof Unreachable || busy)) throw error;
      onLost();
      await new Promise((r) => setTimeout(r, wait));
    }
  }
}

function once(o: Parameters<typeof upload>[0], onProgress: (part: number) => void): Promise<{ id: string }> {
  const query = o.supplier ? `?supplier=${encodeURIComponent(o.supplier)}` : '';
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/engagements/${o.engagementId}/imports${query}`);
    request.setRequestHeader('content-type', TYPE[o.format]);
    request.setRequestHeader('idempotency-key', o.key);
    request.responseType = 'json';
    request.upload.onprogress = (e) => onProgress(e.lengthComputable ? e.loaded / e.total : 0);
    request.onerror = request.onabort = request.ontimeout = () => reject(new Unreachable('No answer'));
    request.onload = () => {
      const said = (request.response ?? {}) as Partial<Record<'id' | 'code' | 'detail' | 'errorId', string>> & {
        facts?: Record<string, unknown>;
      };
      if (request.status < 300 && said.id) return resolve({ id: said.id });
      const { code = `http-${request.status}`, detail = '', facts, errorId } = said;
      reject(new ApiProblem(request.status, code, detail, [], facts, errorId));
    };
    request.send(o.file);
  });
}
