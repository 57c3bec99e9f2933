import 'reflect-metadata';
import { serve } from '@avtala/runtime';
import { crmSync } from './index.js';

await serve(crmSync);
