/** A moment in local time; the date, the seconds and the zone are there on hover. */
import type { JSX } from 'preact';
import { now } from '../store.ts';
import { clockWords, fullWords, momentOf } from '../time.ts';

export function When({
  iso,
  precise = false,
}: {
  readonly iso: string;
  readonly precise?: boolean;
}): JSX.Element {
  const at = momentOf(iso);
  return (
    <time dateTime={iso} title={fullWords(at)}>
      {clockWords(at, now.value, precise)}
    </time>
  );
}
