/** Addresses within the page: links work as links, and the page changes without loading again. */
import { type Signal, signal } from '@preact/signals';

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export const place: Signal<Place> = signal(here());

export function startRouter(): void {
  addEventListener('popstate', () => {
    place.value = here();
  });
  document.addEventListener('click', follow);
}

export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  place.value = here();
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Plain clicks on our own links; everything else (new tab, download, elsewhere) is the browser's. */
function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.origin !== location.origin || link.target !== '' || link.hash !== '') return;
  event.preventDefault();
  go(link.pathname + link.search);
  scrollTo(0, 0);
  document.querySelector('main')?.focus({ preventScroll: true });
}
