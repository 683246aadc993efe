/** Alarms against labelled events, without point adjustment; and the area under precision and recall of a ranking. */

export interface EventCounts {
  readonly events: number;
  readonly found: number;
  readonly alarms: number;
  readonly trueAlarms: number;
  /** Events inside which an alarm began: one that is always on scores nothing here. */
  readonly onset: number;
  readonly days: number;
  readonly flagged: number;
  readonly rows: number;
  readonly delays: readonly number[];
}

export interface EventFigures {
  readonly events: number;
  readonly alarms: number;
  readonly precision: number;
  readonly onsetRecall: number;
  readonly onsetF1: number;
  readonly recall: number;
  readonly falsePerDay: number;
  readonly flaggedShare: number;
  readonly medianDelaySeconds: number | null;
  readonly foundIn300Seconds: number;
}

/** @param merge alarms parted by at most so many rows are one. */
export function countEvents(
  labels: Uint8Array,
  detected: Uint8Array,
  stepSeconds: number,
  merge: number,
): EventCounts {
  const events = runsOf(labels, 0);
  const alarms = runsOf(detected, merge);
  const delays = events.flatMap(([from, to]) => {
    const first = detected.indexOf(1, from);
    return first === -1 || first > to ? [] : [(first - from) * stepSeconds];
  });
  const touches = ([from, to]: Run): boolean => events.some(([start, end]) => from <= end && to >= start);
  const began = ([start, end]: Run): boolean => alarms.some(([from]) => start <= from && from <= end);
  return {
    events: events.length,
    found: delays.length,
    alarms: alarms.length,
    trueAlarms: alarms.filter(touches).length,
    onset: events.filter(began).length,
    days: (labels.length * stepSeconds) / 86_400,
    flagged: detected.reduce((sum, one) => sum + one, 0),
    rows: labels.length,
    delays,
  };
}

/** Figures over all counts together. */
export function eventFigures(counts: readonly EventCounts[]): EventFigures {
  const sum = (pick: (one: EventCounts) => number): number => counts.reduce((all, one) => all + pick(one), 0);
  const alarms = sum((one) => one.alarms);
  const events = sum((one) => one.events);
  const precision = share(
    sum((one) => one.trueAlarms),
    alarms,
  );
  const onsetRecall = share(
    sum((one) => one.onset),
    events,
  );
  const delays = counts.flatMap((one) => one.delays).sort((a, b) => a - b);
  return {
    events,
    alarms,
    precision,
    onsetRecall,
    onsetF1: share(2 * precision * onsetRecall, precision + onsetRecall),
    recall: share(delays.length, events),
    falsePerDay: share(
      alarms - sum((one) => one.trueAlarms),
      sum((one) => one.days),
    ),
    flaggedShare: share(
      sum((one) => one.flagged),
      sum((one) => one.rows),
    ),
    medianDelaySeconds: delays[Math.min(delays.length - 1, Math.floor(delays.length / 2))] ?? null,
    foundIn300Seconds: share(delays.filter((delay) => delay <= 300).length, events),
  };
}

/** Average precision: rows ranked by score, ties taken together. */
export function precisionRecallArea(labels: Uint8Array, score: Float64Array): number {
  const order = Uint32Array.from(score.keys()).sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  const positives = labels.reduce((sum, one) => sum + one, 0);
  let area = 0;
  let hits = 0;
  for (let at = 0; at < order.length; ) {
    const value = score[order[at] ?? 0];
    const hitsBefore = hits;
    for (; at < order.length && score[order[at] ?? 0] === value; at += 1) hits += labels[order[at] ?? 0] ?? 0;
    area += ((hits - hitsBefore) / positives) * (hits / at);
  }
  return area;
}

type Run = readonly [from: number, to: number];

function runsOf(flags: Uint8Array, merge: number): readonly Run[] {
  const runs: [number, number][] = [];
  for (const [row, flag] of flags.entries()) {
    if (flag === 0) continue;
    const last = runs.at(-1);
    if (last !== undefined && row - last[1] <= merge + 1) last[1] = row;
    else runs.push([row, row]);
  }
  return runs;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
