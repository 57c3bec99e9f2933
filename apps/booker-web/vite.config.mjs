import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // Workspace packages give their sources under this condition, so that no build has to come before.
  resolve: { conditions: ['development', 'module', 'browser'] },
  build: {
    outDir: process.env.AVTALA_WEB_OUT ?? 'dist/site',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0, // a data: address would need an exception in the content security policy
    modulePreload: { polyfill: false },
    manifest: true, // tells the size check what is loaded first
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800, // what counts is the size check of e2e/web
    rolldownOptions: {
      output: {
        // What the frame is made of comes as two files; each screen, and what only screens share, as files of their own.
        codeSplitting: {
          groups: [
            {
              name: 'frame',
              test: /booker-web[\\/]src[\\/](app[\\/]|keys[\\/]|main|[a-z-]+[\\/](nav|routes)\.ts)/,
              tags: ['$initial'],
            },
            { name: 'libraries', test: /node_modules/, tags: ['$initial'], priority: 1 },
          ],
        },
      },
    },
  },
  // `npx vite apps/booker-web` beside a running `npm start`: the page is rebuilt as you type, the API is the real one.
  server: {
    port: 7071,
    proxy: Object.fromEntries(
      ['/api/', '/health', '/sandbox/'].map((path) => [path, process.env.AVTALA_API ?? 'http://127.0.0.1:7070']),
    ),
  },
});
