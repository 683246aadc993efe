/**
 * The trials of a drill as a picture: one row a fault, from the fault to its detection and from there to the verified
 * recovery, with the bars that are asked for. A file of its own, so it brings its colours. Pure.
 */
import type { DrillReport, DrillTrial } from '../../domain/drill.ts';
import type { Ms } from '../../domain/units.ts';
import { CATALOGUE } from './catalogue.ts';
import { BARS, secondsOf, timesOf } from './figures.ts';

const WIDTH = 860;
const LEFT = 170;
const RIGHT = 780;
const ROW = 30;
const TOP = 56;

const STYLE =
  'text{font:13px system-ui,sans-serif;fill:#1b2330}.t{font-size:15px;font-weight:600}.n{fill:#5a6675}' +
  '.d{fill:#c77700}.r{fill:#2f7d4f}.p{fill:#7a5bb5}.g{stroke:#d5dbe3}.b{stroke:#b3261e;stroke-dasharray:4 3}' +
  '.bg{fill:#fff}@media (prefers-color-scheme:dark){.bg{fill:#12161d}text{fill:#e8ecf2}.n{fill:#9aa6b5}.g{stroke:#2b3440}}';

interface Row {
  readonly label: string;
  readonly detected: Ms | null;
  readonly recovered: Ms | null;
  readonly ending: string;
}

export function drillChart(report: DrillReport): string {
  const rows = CATALOGUE.flatMap(({ fault, label }) => rowOf(label, trialsOf(report, fault)));
  const longest = Math.max(
    BARS.recover,
    ...rows.map(({ detected, recovered }) => Math.max(detected ?? 0, recovered ?? 0)),
  );
  const x = (span: number): number => LEFT + ((RIGHT - LEFT) * span) / longest;
  const height = TOP + rows.length * ROW + 44;
  const bottom = TOP + rows.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title(report)}">`,
    `<style>${STYLE}</style><rect class="bg" width="${WIDTH}" height="${height}"/>`,
    `<text class="t" x="16" y="24">${title(report)}</text>`,
    '<text class="n" x="16" y="43">Medians. Orange: until it was found. Green: until fresh evidence said it is well.</text>',
    ...rows.map((row, index) => rowSvg(row, TOP + index * ROW, x)),
    barLine(x(BARS.recover), bottom, `${BARS.recover / 1_000} s`),
    `<line class="g" x1="${LEFT}" y1="${bottom}" x2="${RIGHT}" y2="${bottom}"/>`,
    `<text class="n" x="${LEFT}" y="${bottom + 34}">seconds since the fault; the dashed line is what is asked for</text>`,
    '</svg>\n',
  ].join('\n');
}

function rowOf(label: string, trials: readonly DrillTrial[]): readonly Row[] {
  const [first] = trials;
  if (first === undefined) return [];
  const median = (values: readonly (Ms | null)[]): Ms | null =>
    timesOf(values.filter((value) => value !== null)).p50;
  const missed = trials.filter(({ ending }) => ending === 'missed').length;
  return [
    {
      label,
      detected: median(trials.map(({ detected }) => detected)),
      recovered: median(trials.map(({ recovered }) => recovered)),
      ending: missed === 0 ? first.ending.replace('_', ' ') : `${missed} of ${trials.length} missed`,
    },
  ];
}

function rowSvg({ label, detected, recovered, ending }: Row, y: number, x: (span: number) => number): string {
  const found = x(detected ?? 0);
  const end = recovered === null ? found : x(recovered);
  const bar = (kind: string, from: number, to: number): string =>
    `<rect class="${kind}" x="${from.toFixed(1)}" y="${y + 6}" width="${Math.max(2, to - from).toFixed(1)}" height="16" rx="2"/>`;
  const words = recovered === null ? ending : `${secondsOf(recovered)} s, ${ending}`;
  return [
    `<text x="16" y="${y + 19}">${label}</text>`,
    detected === null ? '' : bar('d', LEFT, found),
    recovered === null ? '' : bar('r', found, end),
    `<text class="n" x="${(end + 8).toFixed(1)}" y="${y + 19}">${words}</text>`,
  ].join('');
}

function barLine(x: number, bottom: number, words: string): string {
  return `<line class="b" x1="${x.toFixed(1)}" y1="${TOP}" x2="${x.toFixed(1)}" y2="${bottom}"/><text class="n" x="${(x - 12).toFixed(1)}" y="${bottom + 16}">${words}</text>`;
}

function title({ id, repeat, figures }: DrillReport): string {
  const share = figures.healedShare === null ? 'none' : `${Math.round(figures.healedShare * 100)} %`;
  return `Drill ${id}: ${share} healed, ${figures.wrongActions} wrong actions, each fault ${repeat} times`;
}

function trialsOf({ trials }: DrillReport, fault: DrillTrial['fault']): readonly DrillTrial[] {
  return trials.filter((trial) => trial.fault === fault);
}
