/** A page that is loaded when it is first opened, with what it alone needs. */
import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export function Lazy({ load }: { readonly load: () => Promise<FunctionComponent> }): JSX.Element {
  const [page, setPage] = useState<{ readonly Page: FunctionComponent } | 'failed' | null>(null);
  // Loaded once for each place it stands in.
  useEffect(() => {
    load().then(
      (Page) => setPage({ Page }),
      () => setPage('failed'),
    );
  }, []);
  if (page === null) return <p class="sub">Loading …</p>;
  if (page === 'failed') return <p class="sub">This page could not be loaded. Reload to try again.</p>;
  return <page.Page />;
}
