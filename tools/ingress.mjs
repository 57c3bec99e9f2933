// Writes k8s/base/nginx.conf from the services' routes. A test compares the two (apps/all-in-one/src/ingress.spec.ts).
import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { nginxConf, SERVICES } from '@avtala/all-in-one';

await writeFile(new URL('../k8s/base/nginx.conf', import.meta.url), nginxConf(SERVICES));
process.exit(0);
