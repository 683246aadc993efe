/** One incident: what happened, what was done, what comes next, and what if it does not help. */
import type { JSX } from 'preact';
import type { ActionKind } from '../../../../domain/strategy.ts';
import type { Ms } from '../../../../domain/units.ts';
import { actionDone, actionPhrase } from '../../../action-words.ts';
import type { ApprovalView } from '../../../approval-views.ts';
import { figure, spanWords } from '../../../figures.ts';
import type { HealPlanView } from '../../../status-views.ts';
import type { AnomalyView, IncidentView } from '../../../views.ts';
import type { Mark, Point } from '../chart-geometry.ts';
import { IncidentChart } from '../parts/incident-chart.tsx';
import { Afterwards, NextStep } from '../parts/next-step.tsx';
import { When } from '../parts/when.tsx';
import { Word } from '../parts/word.tsx';
import { pointsOf } from '../series-shapes.ts';
import { incidents } from '../store.ts';
import { clockWords, momentOf } from '../time.ts';
import { useLoaded } from '../use-loaded.ts';
import { useSeries } from '../use-series.ts';

export interface IncidentAnswer {
  readonly incident: IncidentView;
  readonly plan: HealPlanView | null;
  readonly approvals: readonly ApprovalView[];
}

const HOUR_MS = 3_600_000;
const AFTER_MS = 600_000;
/** What was over within this is told to the second. */
const SHORT_MS = 300_000;
/** Where less than an hour is known, the picture begins this long before it. */
const BEFORE_MS = 60_000;

export function Incident({ id }: { readonly id: string }): JSX.Element {
  const version = incidents.value.find((one) => one.id === id)?.version ?? 0;
  const loaded = useLoaded<IncidentAnswer>(`/api/incidents/${encodeURIComponent(id)}`, String(version));
  return (
    <>
      <p class="sub">
        <a href="/incidents">Incidents</a> / {id}
      </p>
      {loaded.kind === 'loading' && <h1>{id}</h1>}
      {loaded.kind === 'failed' && (
        <>
          <h1>This incident cannot be shown.</h1>
          <p class="sub">{loaded.reason}</p>
        </>
      )}
      {loaded.kind === 'here' && <Whole {...loaded.value} />}
    </>
  );
}

function Whole(answer: IncidentAnswer): JSX.Element {
  const { incident } = answer;
  const [first] = incident.anomalies;
  return (
    <>
      <h1>{incident.title}</h1>
      <p class="sub facts">
        <Word word={incident.word} />
        <span>{facts(incident)}</span>
      </p>
      {first !== undefined && <WhatHappened incident={incident} anomaly={first} />}
      <div class="two">
        <div class="side">
          <NextStep {...answer} />
        </div>
        <div class="main">
          <h2>Timeline</h2>
          <Timeline incident={incident} />
        </div>
        <div class="side">
          <Afterwards {...answer} />
        </div>
      </div>
      {first !== undefined && <Evidence anomaly={first} />}
    </>
  );
}

function facts(incident: IncidentView): string {
  const found = momentOf(incident.openedAt) - momentOf(incident.since);
  const since = clockWords(momentOf(incident.since), Date.now());
  const ended =
    incident.resolvedAt === null ? '' : ` until ${clockWords(momentOf(incident.resolvedAt), Date.now())}`;
  return `${incident.severity}, since ${since}${ended}, found after ${spanWords(found as Ms)}, on ${incident.host}`;
}

function WhatHappened({
  incident,
  anomaly,
}: {
  readonly incident: IncidentView;
  readonly anomaly: AnomalyView;
}): JSX.Element {
  const from = momentOf(incident.since) - HOUR_MS;
  const ended = incident.resolvedAt === null ? Date.now() : momentOf(incident.resolvedAt) + AFTER_MS;
  // To the minute, so that the same picture is not asked for again at every beat.
  const to = Math.ceil(Math.min(ended, Date.now()) / 60_000) * 60_000;
  const query = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&points=420`;
  const series = useSeries([anomaly.metric], query, String(incident.version)).get(anomaly.metric);
  const kept = anomaly.chart.map(({ time, value }) => ({ at: momentOf(time), value }));
  const live = series === undefined ? [] : pointsOf(series);
  const points = live.some(({ value }) => value !== null) ? live : kept;
  const begin = Math.max(from, Math.min(firstKnown(points, from), momentOf(incident.since)) - BEFORE_MS);
  return (
    <>
      <h2>What happened</h2>
      <section class="card">
        <IncidentChart
          incident={incident}
          anomaly={anomaly}
          points={points}
          bands={series?.bands ?? []}
          marks={marksOf(incident, anomaly)}
          from={begin}
          to={to}
        />
        <p class="sub">{anomaly.summary}</p>
      </section>
    </>
  );
}

function firstKnown(points: readonly Point[], otherwise: number): number {
  return points.find(({ value }) => value !== null)?.at ?? otherwise;
}

/** What may have caused it, and what was done about it. */
function marksOf(incident: IncidentView, anomaly: AnomalyView): readonly Mark[] {
  const causes = anomaly.causes.flatMap(({ text, time }) =>
    time === null ? [] : [{ at: momentOf(time), text }],
  );
  const done = incident.attempts.map((attempt) => ({
    at: momentOf(attempt.startedAt),
    text:
      attempt.outcome === 'dry-run'
        ? `would ${actionPhrase(attempt.action as ActionKind, attempt.target)}`
        : actionDone(attempt.action as ActionKind, attempt.target),
  }));
  return [...causes, ...done].map(({ at, text }) => ({
    at,
    label: text,
  }));
}

function Timeline({ incident }: { readonly incident: IncidentView }): JSX.Element {
  const [first, last] = [incident.timeline[0], incident.timeline.at(-1)];
  const isShort =
    first !== undefined && last !== undefined && momentOf(last.time) - momentOf(first.time) < SHORT_MS;
  return (
    <section class="card">
      <ol class="line">
        {incident.timeline.map((entry) => (
          <li key={`${entry.time}${entry.text}`} class={entry.tone}>
            <When iso={entry.time} precise={isShort} /> {entry.text}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Evidence({ anomaly }: { readonly anomaly: AnomalyView }): JSX.Element {
  return (
    <>
      <h2>Evidence</h2>
      <section class="card">
        <p class="sub">
          Seen by {anomaly.witnesses.join(', ').replaceAll('_', ' ')}; {Math.round(anomaly.score * 100)} %
          unusual.
        </p>
        {anomaly.causes.length > 0 && <Causes causes={anomaly.causes} />}
        {anomaly.topProcesses.length > 0 && <Processes processes={anomaly.topProcesses} />}
      </section>
    </>
  );
}

function Causes({ causes }: { readonly causes: AnomalyView['causes'] }): JSX.Element {
  return (
    <>
      <h3 class="label">Likely causes, the likeliest first</h3>
      <ol class="plain">
        {causes.map(({ text, time }) => (
          <li key={text}>
            {text}{' '}
            {time !== null && (
              <small>
                <When iso={time} />
              </small>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function Processes({ processes }: { readonly processes: AnomalyView['topProcesses'] }): JSX.Element {
  return (
    <table>
      <caption>Busiest processes when it was found</caption>
      <thead>
        <tr>
          <th scope="col">Process</th>
          <th scope="col" class="right">
            CPU
          </th>
          <th scope="col" class="right">
            Memory
          </th>
        </tr>
      </thead>
      <tbody>
        {processes.map((process) => (
          <tr key={process.pid}>
            <td>
              {process.name} <small>{process.pid}</small>
            </td>
            <td class="right">{figure(process.cpu, 'ratio')}</td>
            <td class="right">{figure(process.memoryBytes, 'bytes')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
