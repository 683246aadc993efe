/** The first page: the answer, what waits for a person, the night, the host against what is normal. */
import type { JSX } from 'preact';
import { familyOf } from '../../../../domain/metric.ts';
import { hours, type Ms, ms } from '../../../../domain/units.ts';
import { spanWords } from '../../../figures.ts';
import type { MetricView } from '../../../status-views.ts';
import type { FeedStatus } from '../../feed-views.ts';
import type { SeriesView } from '../../series.ts';
import { headline, nightWords } from '../headline.ts';
import { AskCard } from '../parts/ask-card.tsx';
import { DemoCard } from '../parts/demo-card.tsx';
import { IncidentRows } from '../parts/incident-rows.tsx';
import { Tile } from '../parts/tile.tsx';
import { When } from '../parts/when.tsx';
import { Word } from '../parts/word.tsx';
import { knownSteps, lastSteps } from '../series-crop.ts';
import { incidents, liveIncidents, metrics, status } from '../store.ts';
import { useSeries } from '../use-series.ts';
import { surfaceWord } from '../words.ts';

const MOST_TILES = 8;
const HOUR: Ms = hours(1);
/** Three minutes: less looks like noise. */
const LEAST_STEPS = 12;
/** What is shown first; metrics that are bad now come before all. */
const FAMILIES = ['cpu', 'memory', 'latency', 'disk', 'success_rate', 'queue_depth', 'load_per_core', 'swap'];

export function Overview(): JSX.Element {
  const known = status.value;
  if (known === null) return <h1 aria-busy="true">Loading</h1>;
  return (
    <>
      <FirstLines status={known} />
      <Standing status={known} />
      {known.pendingApprovals.length > 0 && <h2>Waits for you</h2>}
      {known.pendingApprovals.map((approval) => (
        <AskCard key={approval.id} approval={approval} />
      ))}
      {liveIncidents.value.length > 0 ? (
        <>
          <Tonight />
          <DemoCard />
        </>
      ) : (
        <>
          <DemoCard />
          <Tonight />
        </>
      )}
      <Host />
      <Surfaces status={known} />
    </>
  );
}

function FirstLines({ status: known }: { readonly status: FeedStatus }): JSX.Element {
  const first = headline({
    pendingApprovals: known.pendingApprovals.length,
    liveWords: liveIncidents.value.map(({ word }) => word),
    healedTonight: known.tonight.healed,
    complaints: known.complaints.length,
    isFrozen: known.freeze !== null,
    knownMetrics: metrics.value.filter(({ value }) => value !== null).length,
  });
  const waiting = new Set(known.pendingApprovals.map(({ incidentId }) => incidentId));
  const others = liveIncidents.value.filter(({ id }) => !waiting.has(id)).length;
  const rest = waiting.size > 0 && others === 0 ? 'Everything else is well on ' : 'This is ';
  return (
    <>
      <h1>{first}</h1>
      <p class="sub">
        {rest}
        <b>{known.host}</b>. {nightWords(known.tonight)}
      </p>
    </>
  );
}

/** What holds Nightshift back or hurts it: said before anything else is asked. */
function Standing({ status: known }: { readonly status: FeedStatus }): JSX.Element {
  return (
    <>
      {known.mode === 'dry-run' && (
        <p class="sub">
          Dry run: it watches and proposes, and changes nothing. <a href="/healing">Change</a>
        </p>
      )}
      {known.freeze !== null && (
        <p class="sub">
          Frozen until <When iso={known.freeze.until} /> by {known.freeze.by}: {known.freeze.reason}.{' '}
          <a href="/healing">Change</a>
        </p>
      )}
      {known.standing.map(({ text, incidentId }) => (
        <p class="sub" key={text}>
          {text} <a href={`/incidents/${incidentId}`}>Look</a>
        </p>
      ))}
      {known.complaints.length > 0 && (
        <section class="card ask bad">
          <h3>Nightshift itself</h3>
          {known.complaints.map((complaint) => (
            <p key={complaint}>{complaint}</p>
          ))}
        </section>
      )}
    </>
  );
}

function Tonight(): JSX.Element {
  return (
    <>
      <h2>Tonight</h2>
      {incidents.value.length === 0 ? (
        <section class="card">
          <p class="sub">Nothing happened.</p>
        </section>
      ) : (
        <IncidentRows incidents={incidents.value.slice(0, 12)} />
      )}
      {incidents.value.length > 12 && (
        <p class="after">
          <a href="/incidents">All {incidents.value.length} incidents</a>
        </p>
      )}
    </>
  );
}

function Host(): JSX.Element {
  const shown = chosen(metrics.value);
  const series = useSeries(
    shown.map(({ metric }) => metric),
    'window=1h&points=240',
  );
  const steps = knownSteps([...series.values()], LEAST_STEPS);
  const [first] = series.values();
  const span =
    first === undefined ? HOUR : ms(Math.min(steps, first.mean.length) * first.stepSeconds * 1_000);
  const last = span >= HOUR * 0.95 ? 'hour' : spanWords(span);
  return (
    <>
      <h2>This host, last {last} against what is normal now</h2>
      <div class="tiles">
        {shown.map((metric) => (
          <Tile key={metric.metric} metric={metric} series={cropped(series.get(metric.metric), steps)} />
        ))}
      </div>
      <p class="after">
        <a href="/history">All {metrics.value.length} metrics</a>
      </p>
    </>
  );
}

function cropped(series: SeriesView | undefined, steps: number): SeriesView | undefined {
  return series && lastSteps(series, steps);
}

/** Stable from beat to beat, so that tiles do not jump: bad ones first, then by family, then by name. */
function chosen(all: readonly MetricView[]): readonly MetricView[] {
  const rank = ({ metric, verdict }: MetricView): number => {
    const family = FAMILIES.indexOf(familyOf(metric));
    if (verdict === 'bad') return -1;
    return family === -1 ? FAMILIES.length : family;
  };
  return all
    .filter((metric) => rank(metric) < FAMILIES.length)
    .sort((a, b) => rank(a) - rank(b) || a.metric.localeCompare(b.metric))
    .slice(0, MOST_TILES);
}

function Surfaces({ status: known }: { readonly status: FeedStatus }): JSX.Element | null {
  const on = Object.entries(known.surfaces).filter(([name, { state }]) => state !== 'off' && name !== 'web');
  if (on.length === 0) return null;
  return (
    <>
      <h2>Where people are told</h2>
      <section class="card rows surfaces">
        {on.map(([name, surface]) => (
          <div key={name}>
            <Word {...surfaceWord(surface.state)} />
            <span>
              {SURFACE_NAMES[name] ?? name}
              <small>{surface.reason}</small>
            </span>
            <span class="sub">
              since <When iso={surface.since} />
            </span>
          </div>
        ))}
      </section>
    </>
  );
}

const SURFACE_NAMES: Readonly<Record<string, string>> = {
  slack: 'Slack',
  discord: 'Discord',
  mail: 'E-mail',
};
