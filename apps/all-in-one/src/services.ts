import { agency } from '@avtala/agency';
import { crmSync } from '@avtala/crm-sync';
import { leadIntake } from '@avtala/lead-intake';
import { retention } from '@avtala/retention';
import type { ServiceDefinition } from '@avtala/runtime';
import { scheduling } from '@avtala/scheduling';

/** Every service of an installation, in the order in which they start. */
export const SERVICES: readonly ServiceDefinition[] = [agency, leadIntake, scheduling, crmSync, retention];

/** @param names comma-separated; undefined = all
 * @throws Error naming a service that does not exist */
export function selectServices(names: string | undefined): readonly ServiceDefinition[] {
  if (!names) return SERVICES;
  return names.split(',').map((name) => {
    const found = SERVICES.find((s) => s.name === name.trim());
    if (!found)
      throw new Error(`AVTALA_SERVICES names ${name}; services are ${SERVICES.map((s) => s.name).join(', ')}`);
    return found;
  });
}
