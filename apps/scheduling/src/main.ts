import 'reflect-metadata';
import { serve } from '@avtala/runtime';
import { scheduling } from './index.js';

await serve(scheduling);
