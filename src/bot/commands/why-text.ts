/** The evidence of an incident in words, as a person at 04:00 asks for it: how bad, since when, what from. Pure. */
import type { Anomaly, TopProcess } from '../../domain/anomaly.ts';
import type { Incident } from '../../domain/incident.ts';
import { unitOf } from '../../domain/metric.ts';
import type { EpochMs } from '../../domain/units.ts';
import { chartText } from '../chart-text.ts';
import { columns } from '../columns.ts';
import { figure, localTime, spanWords } from '../figures.ts';

const PROCESSES_SHOWN = 5;

export function whyText(incident: Incident, timezone: string, now: EpochMs): string {
  const at = (moment: EpochMs): string => localTime(moment, timezone, now);
  const parts = incident.anomalies.map((anomaly) => anomalyText(anomaly, timezone, at));
  return [incident.title, ...(parts.length === 0 ? ['No evidence was kept.'] : parts)].join('\n');
}

function anomalyText(anomaly: Anomaly, timezone: string, at: (moment: EpochMs) => string): string {
  const { evidence } = anomaly;
  const { metric, lasted, score, causes, topProcesses } = evidence;
  const now = figure(evidence.value, unitOf(metric));
  const seen = `Seen by ${anomaly.witnesses.join(', ')}; ${now} at ${at(anomaly.detectedAt)}, bad for ${spanWords(lasted)}.`;
  return [
    anomaly.summary,
    seen,
    `How unusual: ${figure(score, 'ratio')}.`,
    chartText(anomaly, timezone),
    ...causeLines(causes, at),
    ...columns(topProcesses.slice(0, PROCESSES_SHOWN).map(processRow)),
  ].join('\n');
}

function causeLines(
  causes: Anomaly['evidence']['causes'],
  at: (moment: EpochMs) => string,
): readonly string[] {
  if (causes.length === 0) return ['No likely cause was found.'];
  return causes.map(
    (cause, index) => `${index + 1}. ${cause.text}${cause.at === null ? '' : ` (${at(cause.at)})`}`,
  );
}

function processRow(process: TopProcess): readonly string[] {
  return [
    String(process.pid),
    process.name,
    `CPU ${figure(process.cpu, 'ratio')}`,
    `memory ${figure(process.memoryBytes, 'bytes')}`,
  ];
}
