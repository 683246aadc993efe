/** What the last press came to: said once, to eyes and to screen readers, and gone after a while. */
import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Reply } from '../api.ts';

interface Told {
  readonly text: string;
  readonly ok: boolean;
}

const told: Signal<Told | null> = signal(null);
const SHOWN_MS = 7_000;

export function tell(reply: Pick<Reply, 'text' | 'ok'>): void {
  told.value = { text: reply.text, ok: reply.ok };
}

export function Notice(): JSX.Element {
  const current = told.value;
  useEffect(() => {
    if (current === null) return;
    const timer = setTimeout(() => {
      told.value = null;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div role="status" class={`notice ${current === null ? '' : current.ok ? 'good' : 'bad'}`}>
      {current !== null && <p>{current.text}</p>}
    </div>
  );
}
