import 'reflect-metadata';
import { serve } from '@avtala/runtime';
import { retention } from './index.js';

await serve(retention);
