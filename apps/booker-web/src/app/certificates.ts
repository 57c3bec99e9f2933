import { api } from './api.js';
import { saveFile } from './save-file.js';

/** The signed document, byte for byte: what the browser checks and what is saved. */
export async function certificateText(id: string): Promise<string> {
  const { data, response } = await api.GET('/api/v1/erasures/{id}/certificate', {
    params: { path: { id } },
    parseAs: 'text',
  });
  if (!response.ok) throw new Error(`certificate: ${response.status}`);
  return String(data);
}

/** Saves the signed document as a file, byte for byte. */
export async function saveCertificate(orderId: string): Promise<void> {
  saveFile(`avtala-certificate-${orderId}.json`, 'application/json', await certificateText(orderId));
}
