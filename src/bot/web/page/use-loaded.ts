/** Something asked of the server when a page opens, and again when `key` changes. */
import { useEffect, useState } from 'preact/hooks';
import { get } from './api.ts';

export type Loaded<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'here'; readonly value: T }
  | { readonly kind: 'failed'; readonly reason: string };

/** What was loaded stays while it is asked again. */
export function useLoaded<T>(path: string, key: string = ''): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ kind: 'loading' });
  // A new key means: ask again.
  useEffect(() => {
    let current = true;
    get<T>(path).then(
      (value) => current && setLoaded({ kind: 'here', value }),
      (cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        if (current) setLoaded((old) => (old.kind === 'here' ? old : { kind: 'failed', reason }));
      },
    );
    return () => {
      current = false;
    };
  }, [path, key]);
  return loaded;
}
