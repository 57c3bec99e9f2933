import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { DUE_WORK, type DueItem, type DueWorkMeta } from './due-work.js';
import type { Worker } from './due-runner.js';

type Methods = Record<string, (items: DueItem[]) => Promise<unknown>>;

/** Finds the `@DueWork` methods of the application's providers and controllers. */
export function findWorkers(discovery: DiscoveryService, scanner: MetadataScanner): Worker[] {
  const instances = [...discovery.getProviders(), ...discovery.getControllers()]
    .map((w) => w.instance as Methods | undefined)
    .filter((i) => typeof i === 'object' && i !== null);
  return [...new Set(instances)].flatMap((instance) => {
    const prototype = Object.getPrototypeOf(instance) as Methods | null;
    if (!prototype || prototype === Object.prototype) return [];
    return scanner.getAllMethodNames(prototype).flatMap((name): Worker[] => {
      const meta = Reflect.getMetadata(DUE_WORK, prototype[name]!) as DueWorkMeta | undefined;
      return meta ? [{ meta, call: (items) => instance[name]!(items) }] : [];
    });
  });
}
