import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onKeyDown } from '../keys/keys.js';
import { theme } from '../theme/theme.js';
import { useScheme } from './appearance.js';
import { queryClient } from './query-client.js';
import { router } from './router.js';

/** Puts the console on the page. */
export function start(root: HTMLElement): void {
  document.addEventListener('keydown', onKeyDown);
  createRoot(root).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  );
}

function Console() {
  return (
    // Variables and classes come from theme/*.css: elements of style would need an exception in the content security policy.
    <MantineProvider
      theme={theme}
      forceColorScheme={useScheme()}
      withCssVariables={false}
      withGlobalClasses={false}
      withStaticClasses
      deduplicateCssVariables={false}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
