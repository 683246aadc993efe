/** Incidents as rows: when and how long, what, and the one word for how it stands. */
import type { JSX } from 'preact';
import type { Ms } from '../../../../domain/units.ts';
import { spanWords } from '../../../figures.ts';
import type { IncidentView } from '../../../views.ts';
import { momentOf } from '../time.ts';
import { When } from './when.tsx';
import { Word } from './word.tsx';

export function IncidentRows({ incidents }: { readonly incidents: readonly IncidentView[] }): JSX.Element {
  return (
    <section class="card rows">
      {incidents.map((incident) => (
        <a key={incident.id} href={`/incidents/${incident.id}`}>
          <span class="when num">
            <When iso={incident.openedAt} /> · {lasted(incident)}
          </span>
          <span>
            {incident.title}
            <small>{note(incident)}</small>
          </span>
          <Word word={incident.word} />
        </a>
      ))}
    </section>
  );
}

function lasted(incident: IncidentView): string {
  if (incident.resolvedAt === null) return 'open';
  return spanWords((momentOf(incident.resolvedAt) - momentOf(incident.since)) as Ms);
}

/** While it lasts the likely cause; afterwards what ended it. */
function note(incident: IncidentView): string {
  const causes = incident.anomalies[0]?.causes ?? [];
  if (incident.resolvedAt === null && causes.length > 0) {
    return `likely: ${causes.map(({ text }) => text).join('; ')}`;
  }
  return incident.timeline.at(-1)?.text ?? '';
}
