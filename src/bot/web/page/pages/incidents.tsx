/** All incidents that are kept, newest first, with the two filters that people use. */
import type { JSX } from 'preact';
import type { IncidentView } from '../../../views.ts';
import { IncidentRows } from '../parts/incident-rows.tsx';
import { place } from '../router.ts';
import { liveIncidents } from '../store.ts';
import { useLoaded } from '../use-loaded.ts';
import { countWords } from '../words.ts';

const FILTERS = [
  { name: 'All', query: '' },
  { name: 'Live', query: 'state=live' },
  { name: 'Paged', query: 'state=escalated' },
  { name: 'Over', query: 'state=resolved' },
] as const;

export function Incidents(): JSX.Element {
  const query = place.value.query.toString();
  const live = liveIncidents.value;
  const loaded = useLoaded<{ incidents: readonly IncidentView[] }>(
    `/api/incidents?limit=200&${query}`,
    live.map(({ id, version }) => `${id}${version}`).join(),
  );
  return (
    <>
      <h1>
        {live.length === 0
          ? 'No incident is live.'
          : `${countWords(live.length, 'incident is', 'incidents are')} live.`}
      </h1>
      <nav class="choices" aria-label="Which incidents">
        {FILTERS.map((filter) => (
          <a
            key={filter.name}
            href={`/incidents${filter.query === '' ? '' : `?${filter.query}`}`}
            aria-current={query === filter.query ? 'true' : undefined}
          >
            {filter.name}
          </a>
        ))}
      </nav>
      {loaded.kind === 'failed' && <p class="sub">{loaded.reason}</p>}
      {loaded.kind === 'here' && <List incidents={loaded.value.incidents} />}
    </>
  );
}

function List({ incidents }: { readonly incidents: readonly IncidentView[] }): JSX.Element {
  if (incidents.length > 0) return <IncidentRows incidents={incidents} />;
  return (
    <section class="card">
      <p class="sub">None.</p>
    </section>
  );
}
