import 'reflect-metadata';
import { serve } from '@avtala/runtime';
import { agency } from './index.js';

await serve(agency);
