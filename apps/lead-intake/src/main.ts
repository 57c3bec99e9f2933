import 'reflect-metadata';
import { serve } from '@avtala/runtime';
import { leadIntake } from './index.js';

await serve(leadIntake);
