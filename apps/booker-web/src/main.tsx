import './theme/mantine.css';
import './theme/tokens.css';
import './theme/base.css';
import './theme/controls.css';
import { followAppearance } from './app/appearance.js';
import { start } from './app/start.js';
import { language } from './words/language.js';

document.documentElement.lang = language();
followAppearance();
// Safari has none yet; the others load nothing here.
if (!('Temporal' in globalThis)) await import('temporal-polyfill/global');
start(document.getElementById('root')!);
