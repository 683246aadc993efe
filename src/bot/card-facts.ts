/**
 * The facts of an incident's card, in the order a person asks: how bad against what is normal, since when, why,
 * what was done and whether it helped. Pure; weights tell a surface what to drop first.
 */
import type { Anomaly } from '../domain/anomaly.ts';
import type { Approval } from '../domain/approval.ts';
import { type Incident, isLive } from '../domain/incident.ts';
import { unitOf } from '../domain/metric.ts';
import { isErrand } from '../domain/strategy.ts';
import { type EpochMs, elapsed } from '../domain/units.ts';
import { actionPhrase, attemptSentence, sentenceEnd } from './action-words.ts';
import type { CardFact } from './card.ts';
import { clipped, counted, figure, metricWords, normalWords, spanWords } from './figures.ts';

const ATTEMPTS_SHOWN = 3;
const CAUSES_SHOWN = 2;
const LONGEST_TEXT = 400;

/** @param at Puts a moment into the reader's words. */
export function factsOf(
  incident: Incident,
  pending: Approval | null,
  at: (moment: EpochMs) => string,
): readonly CardFact[] {
  return [
    ...evidenceFacts(incident, pending, at),
    ...healingFacts(incident, pending),
    ...peopleFacts(incident, at),
  ];
}

/** The figure against normal, since when, and the likely cause. */
function evidenceFacts(
  incident: Incident,
  pending: Approval | null,
  at: (moment: EpochMs) => string,
): readonly CardFact[] {
  const first = incident.anomalies[0];
  const found = first === undefined ? '' : foundWords(first);
  return [
    ...(first === undefined ? [] : valueFact(first, isLive(incident))),
    {
      label: pending !== null && isErrand(pending.plan) ? 'Asked' : 'Since',
      value: `${at(incident.since)}${found}, on ${incident.host}`,
      weight: 1,
    },
    ...causeFact(first),
    ...alsoFact(incident),
  ];
}

/** What is over *was* so: the figure is the evidence's, not now's. Left out where the lead above says the same. */
function valueFact(anomaly: Anomaly, isLiveNow: boolean): readonly CardFact[] {
  const { metric, value, band } = anomaly.evidence;
  const unit = unitOf(metric);
  const normal = normalWords(band, unit);
  const said = [metricWords(metric), figure(value, unit), normal.replace(/^\S+ /, '')];
  if (isLiveNow && said.every((words) => anomaly.summary.includes(words))) return [];
  const now = `${isLiveNow ? '' : 'was '}${figure(value, unit)}`;
  return [{ label: metricWords(metric), value: normal === '' ? now : `${now}, ${normal}`, weight: 1 }];
}

function foundWords(anomaly: Anomaly): string {
  const span = elapsed(anomaly.since, anomaly.detectedAt);
  return span > 0 ? `, found after ${spanWords(span)}` : '';
}

function causeFact(anomaly: Anomaly | undefined): readonly CardFact[] {
  const causes = anomaly?.evidence.causes.slice(0, CAUSES_SHOWN) ?? [];
  if (causes.length === 0) return [];
  const value = causes.map((cause) => cause.text).join(', then ');
  return [{ label: 'Likely cause', value: clipped(value, LONGEST_TEXT), weight: 1 }];
}

function alsoFact(incident: Incident): readonly CardFact[] {
  const others = incident.anomalies.slice(1);
  if (others.length === 0) return [];
  const value = `${counted(others.length, 'more sign', 'more signs')}: ${others[0]?.summary ?? ''}`;
  return [{ label: 'Also', value: clipped(value, LONGEST_TEXT), weight: 3 }];
}

/** What was done and whether it helped; for what waits, what undoes it and how often it was tried. */
function healingFacts(incident: Incident, pending: Approval | null): readonly CardFact[] {
  const shown = incident.attempts.slice(-ATTEMPTS_SHOWN);
  const earlier = incident.attempts.length - shown.length;
  const done = [...(earlier > 0 ? [`${earlier} earlier.`] : []), ...shown.map(attemptSentence)].join(' ');
  const facts: CardFact[] =
    done === '' ? [] : [{ label: 'Done', value: clipped(done, LONGEST_TEXT), weight: 1 }];
  if (pending === null) return facts;
  return [...facts, ...askedFacts(incident, pending), ...requesterFact(pending)];
}

/** An errand says in its title what is asked, and is no attempt. */
function askedFacts(incident: Incident, pending: Approval): readonly CardFact[] {
  const { plan } = pending;
  const undo: CardFact = { label: 'Undo', value: plan.undo ?? 'nothing undoes it', weight: 2 };
  if (isErrand(plan)) return [undo];
  return [
    { label: 'Asked', value: `${actionPhrase(plan.action.kind, plan.target)}?`, weight: 1 },
    ...whyFact(incident, pending),
    undo,
    { label: 'Attempt', value: `${plan.attempt} of ${plan.attemptsAllowed} this hour`, weight: 2 },
  ];
}

/** Left out where it only repeats the line under the title. */
function whyFact(incident: Incident, pending: Approval): readonly CardFact[] {
  const why = sentenceEnd(pending.why);
  if (why === incident.anomalies[0]?.summary) return [];
  return [{ label: 'Why', value: clipped(why, LONGEST_TEXT), weight: 2 }];
}

function requesterFact(pending: Approval): readonly CardFact[] {
  const needed = pending.approversNeeded - pending.decisions.length;
  const two: CardFact[] =
    pending.approversNeeded > 1
      ? [
          {
            label: 'Needs',
            value: `${counted(needed, 'more person', 'different people')} to say yes`,
            weight: 1,
          },
        ]
      : [];
  const by = pending.requestedBy;
  return by === null ? two : [...two, { label: 'Asked by', value: by.display, weight: 3 }];
}

function peopleFacts(incident: Incident, at: (moment: EpochMs) => string): readonly CardFact[] {
  const facts: CardFact[] = [];
  if (incident.ack !== null) {
    facts.push({
      label: 'Acknowledged',
      value: `by ${incident.ack.by} at ${at(incident.ack.at)}`,
      weight: 2,
    });
  }
  if (incident.reopened > 0) {
    facts.push({ label: 'Came back', value: counted(incident.reopened, 'time'), weight: 2 });
  }
  return facts;
}
