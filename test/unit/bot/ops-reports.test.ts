import { describe, expect, it } from 'vitest';
import { budgetSvg } from '../../../src/bot/reports/budget-svg.ts';
import { dailySvg } from '../../../src/bot/reports/daily-svg.ts';
import { healingMarkdown, healingSummary } from '../../../src/bot/reports/healing.ts';
import { endOf, loudOf, opsFigures } from '../../../src/bot/reports/ops-figures.ts';
import { recoverySvg } from '../../../src/bot/reports/recovery-svg.ts';
import { resourceMarkdown, resourceSummary } from '../../../src/bot/reports/resource.ts';
import { storiesOf } from '../../../src/bot/reports/stories.ts';
import { uptimeOf } from '../../../src/bot/reports/uptime.ts';
import { weeklyGoals, weeklyMarkdown, weeklySummary } from '../../../src/bot/reports/weekly.ts';
import type { BudgetHistory } from '../../../src/domain/optimizer.ts';
import type { AuditEntry, AuditLine } from '../../../src/domain/ports.ts';
import {
  before,
  days,
  type EpochMs,
  epochMs,
  hours,
  type Ms,
  minutes,
  ratio,
  seconds,
  toIso,
} from '../../../src/domain/units.ts';
import { START } from '../../support/builders.ts';
import { TWO_BUDGETS } from '../../support/no-optimizer.ts';

const DAYS = [{ slug: 'days', alt: 'Incidents by day' }];
const named = (slug: string): string => `report_${slug}.svg`;

const period = { from: before(START, days(7)), to: START };
const base: EpochMs = before(START, days(3));

function at(offset: Ms): EpochMs {
  return epochMs(base + offset);
}

function audit(entries: readonly (readonly [Ms, Partial<AuditEntry>])[]): readonly AuditLine[] {
  return entries.map(([offset, entry], index) => ({
    kind: 'incident',
    actor: 'nightshift',
    text: '',
    ...entry,
    seq: index + 1,
    time: toIso(at(offset)),
    prev: '',
    hash: '',
  }));
}

/** A line about an incident whose trouble began at `since`. */
function told(
  incidentId: string,
  change: 'opened' | 'escalated' | 'resolved',
  since: Ms,
  more: Readonly<Record<string, unknown>> = {},
): Partial<AuditEntry> {
  const data = {
    change,
    title: `${incidentId} is slow`,
    severity: 'warning',
    since: toIso(at(since)),
  };
  return { kind: 'incident', incidentId, text: `${change}: x`, data: { ...data, ...more } };
}

function planned(
  kind: 'intent' | 'outcome' | 'verification',
  incidentId: string,
  actionId: string,
  data: Readonly<Record<string, unknown>> = {},
): Partial<AuditEntry> {
  const plan = { effect: `restart ${incidentId}`, action: { kind: 'restart_worker' } };
  return {
    kind,
    incidentId,
    actionId,
    strategy: 'worker_down',
    data: kind === 'intent' ? { plan, inverse: false, ...data } : data,
  };
}

const HEALED = [
  [minutes(2), told('inc-1', 'opened', minutes(0))],
  [minutes(3), planned('intent', 'inc-1', 'a1')],
  [minutes(3), planned('outcome', 'inc-1', 'a1', { outcome: { kind: 'succeeded' } })],
  [minutes(6), planned('verification', 'inc-1', 'a1', { verification: 'helped' })],
  [minutes(6), told('inc-1', 'resolved', minutes(0), { how: 'healed' })],
] as const;

const HANDED_OVER = [
  [minutes(64), told('inc-2', 'opened', minutes(60), { severity: 'critical' })],
  [minutes(65), planned('intent', 'inc-2', 'a2')],
  [minutes(67), planned('verification', 'inc-2', 'a2', { verification: 'worse' })],
  [minutes(68), planned('intent', 'inc-2', 'a3', { inverse: true })],
  [minutes(69), { kind: 'refusal', incidentId: 'inc-2', data: { gate: 'breaker', effect: 'x' } }],
  [minutes(70), told('inc-2', 'escalated', minutes(60), { severity: 'critical' })],
  [
    minutes(80),
    { kind: 'command', actor: 'slack:U1', incidentId: 'inc-2', text: 'Resolved inc-2 by hand: x' },
  ],
  [minutes(80), told('inc-2', 'resolved', minutes(60), { severity: 'critical', how: 'by_hand' })],
] as const;

const PASSED = [
  [minutes(121), told('inc-3', 'opened', minutes(120))],
  [minutes(125), told('inc-3', 'resolved', minutes(120), { how: 'recovered' })],
] as const;

const all = audit([...HEALED, ...HANDED_OVER, ...PASSED]);
const input = { host: 'web|1', period, now: START, stories: storiesOf(all), cut: false };
const nothing = { ...input, stories: storiesOf([]) };
const week = {
  ...input,
  uptime: uptimeOf([], period, () => null),
  targets: [],
  restore: null,
};

describe('opsFigures', () => {
  it('counts times from the beginning of the trouble, and healing only where nobody was needed', () => {
    expect(opsFigures(input.stories, period)).toMatchObject({
      incidents: 3,
      critical: 1,
      stillOpen: 0,
      detect: { count: 3, mean: minutes(7 / 3), longest: minutes(4) },
      recover: { count: 1, mean: minutes(6) },
      needed: 2,
      healed: 1,
      healedShare: 0.5,
      paged: 1,
      falseAlarms: 1,
      interventions: 1,
      acts: 2,
      helped: 1,
      worse: 1,
      undoneByPeople: 0,
    });
  });

  it.each<[string, Parameters<typeof audit>[0]]>([
    [
      'somebody looked at it',
      [[minutes(123), { kind: 'command', actor: 'cli:1', incidentId: 'inc-3', text: 'Acknowledged inc-3' }]],
    ],
    ['an action ran', [[minutes(123), planned('intent', 'inc-3', 'a9')]]],
    ['somebody was called', [[minutes(123), told('inc-3', 'escalated', minutes(120))]]],
  ])('calls nothing a false alarm where %s', (_, between) => {
    const lines = audit([PASSED[0], ...between, PASSED[1]]);

    expect(opsFigures(storiesOf(lines), period).falseAlarms).toBe(0);
  });

  it('is no false alarm when it lasted longer than ten minutes', () => {
    const lines = audit([PASSED[0], [minutes(132), PASSED[1][1]]]);

    expect(opsFigures(storiesOf(lines), period).falseAlarms).toBe(0);
  });

  it('is not healed without people where a yes was needed', () => {
    const yes = {
      kind: 'approval',
      actor: 'slack:U1',
      incidentId: 'inc-1',
      text: 'Approved: restart',
    } as const;
    const lines = audit([HEALED[0], [minutes(2), yes], ...HEALED.slice(1)]);

    expect(opsFigures(storiesOf(lines), period)).toMatchObject({ needed: 1, healed: 0, interventions: 1 });
  });

  it('leaves restores out of the incidents, and counts each as an intervention', () => {
    const yes = {
      kind: 'approval',
      actor: 'slack:U1',
      incidentId: 'inc-8',
      text: 'Approved: restore',
    } as const;
    const lines = audit([
      [minutes(1), told('inc-8', 'opened', minutes(1), { errand: true })],
      [minutes(2), yes],
      [minutes(3), planned('intent', 'inc-8', 'a8')],
    ]);

    expect(opsFigures(storiesOf(lines), period)).toMatchObject({ incidents: 0, acts: 0, interventions: 1 });
  });

  it('takes the ending of lines of an older version from what stands before them', () => {
    const lines = audit([...HEALED.slice(0, 4), [minutes(6), told('inc-1', 'resolved', minutes(0))]]);

    expect(storiesOf(lines).incidents[0]?.ended?.how).toBe('healed');
  });

  it('leaves out what was before the period', () => {
    const later = { from: at(days(1)), to: START };

    expect(opsFigures(input.stories, later)).toMatchObject({ incidents: 0, healedShare: null, acts: 0 });
  });
});

describe('uptimeOf', () => {
  const starts = audit([
    [hours(0), { kind: 'start', text: 'Nightshift starts' }],
    [hours(10), { kind: 'stop', text: 'Nightshift stops' }],
    [hours(11), { kind: 'start', text: 'Nightshift starts' }],
    [hours(20), { kind: 'command', text: 'x' }],
    [hours(30), { kind: 'start', text: 'Nightshift starts' }],
  ]);

  it('knows nothing before the first line, and counts from there', () => {
    expect(uptimeOf([], period, () => null).share).toBeNull();
    expect(uptimeOf(starts, period, () => null).known).toBe(days(3));
  });

  it('is down from a stop to the next start, and after a crash since the last sign of life', () => {
    const sampled = at(hours(29));
    const { outages, share } = uptimeOf(starts, period, () => sampled);

    expect(outages).toEqual([
      { from: at(hours(10)), to: at(hours(11)), how: 'stopped' },
      { from: sampled, to: at(hours(30)), how: 'crashed' },
    ]);
    expect(share).toBeCloseTo(70 / 72, 6);
  });

  it('counts only what lies in the period', () => {
    const part = { from: at(seconds(10 * 3_600 + 1_800)), to: at(hours(12)) };

    expect(uptimeOf(starts, part, () => null).share).toBeCloseTo(2 / 3, 6);
  });
});

describe('healingMarkdown', () => {
  it('tells what went wrong, what was done and what came of it', async () => {
    await expect(healingMarkdown({ ...input, pictures: DAYS }, named)).toMatchFileSnapshot(
      '../../golden/healing-report.md',
    );
  });

  it('says that nothing happened, without figures that are none', () => {
    expect(healingSummary({ ...nothing, pictures: [] })).toEqual(['Nothing happened in 7 d.']);
    expect(healingMarkdown({ ...nothing, pictures: [] }, named)).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('weeklyMarkdown', () => {
  it('holds the figures against the goals', async () => {
    const known = {
      ...week,
      uptime: uptimeOf(audit([[hours(0), { kind: 'start' }]]), period, () => null),
      targets: [{ target: 'billing|api', share: ratio(0.99999), knownMinutes: 10_000 }],
      restore: { at: base, projected: minutes(12), good: true },
    };

    expect(weeklyGoals(known).map(({ met }) => met)).toEqual([true, true, false, true, true, false]);
    await expect(weeklyMarkdown({ ...known, pictures: DAYS }, named)).toMatchFileSnapshot(
      '../../golden/weekly-report.md',
    );
  });

  it('does not call met what is not known, and has no figures out of nothing', () => {
    const empty = { ...week, stories: storiesOf([]) };

    expect(weeklyGoals(empty).map(({ met }) => met)).toEqual([null, null, null, null, null, true]);
    expect(weeklySummary(empty)[1]).toBe('1 of 6 goals met, 0 missed, 5 not known.');
    expect(weeklyMarkdown({ ...empty, pictures: [] }, named)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('misses the goal of the restore when the drill failed', () => {
    const goals = weeklyGoals({ ...week, restore: { at: base, projected: minutes(1), good: false } });

    expect(goals.find(({ name }) => name.includes('restore'))?.met).toBe(false);
  });
});

describe('dailySvg', () => {
  const { stories } = input;

  it('stands for each incident once, on its day, in the colour of its end', () => {
    const svg = dailySvg(stories, period, 'UTC') ?? '';
    const days = new Set(
      loudOf(stories, period).map((one) => `${toIso(one.openedAt ?? START).slice(0, 10)} ${endOf(one)}`),
    );

    expect(svg.match(/<rect [^>]*width="82.5"/g)).toHaveLength(days.size);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('counts a day of 25 hours once, and draws nothing where nothing happened', () => {
    const autumn = {
      from: epochMs(Date.parse('2026-10-24T00:00Z')),
      to: epochMs(Date.parse('2026-10-27T00:00Z')),
    };
    const [opened] = audit([[minutes(0), told('inc-9', 'opened', minutes(0))]]).map((line) => ({
      ...line,
      time: '2026-10-25T01:30:00.000Z',
    }));
    const svg = dailySvg(storiesOf(opened === undefined ? [] : [opened]), autumn, 'Europe/Berlin') ?? '';

    expect(svg.match(/>10-\d\d</g)).toEqual(['>10-24<', '>10-25<', '>10-26<', '>10-27<']);
    expect(dailySvg(storiesOf([]), period, 'UTC')).toBeNull();
  });
});

describe('recoverySvg', () => {
  const goals = { detect: minutes(5), recover: minutes(10) };

  it('marks each that was found and each that was healed, below or above its goal', () => {
    const figures = opsFigures(input.stories, period);
    const svg = recoverySvg(input.stories, period, goals, 'UTC') ?? '';

    expect(svg.match(/<circle/g)).toHaveLength(figures.detect.count + figures.recover.count);
    expect(svg).toContain('goal to heal: 10 min');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(recoverySvg(storiesOf([]), period, goals, 'UTC')).toBeNull();
  });
});

describe('resourceMarkdown', () => {
  const [cpu] = TWO_BUDGETS;
  const history: readonly BudgetHistory[] =
    cpu === undefined
      ? []
      : [
          {
            use: cpu,
            from: base,
            overShare: ratio(0.25),
            hours: [
              { at: base, mean: 0.4, highest: 0.9 },
              { at: at(hours(1)), mean: null, highest: null },
            ],
          },
        ];
  const throttle = { id: 't1', rung: 'slow_queue' };
  const resources = {
    host: 'web-1',
    period,
    now: START,
    uses: TWO_BUDGETS,
    history,
    throttle: [],
    ahead: ['Disk / will be full in about 9 h.'],
    lines: audit([
      [hours(1), { kind: 'intent', text: 'slow the queue', target: 'mails', data: { throttle } }],
      [hours(1), { kind: 'outcome', text: 'done', target: 'mails', data: { throttle } }],
      [hours(2), { kind: 'intent', text: 'Backup of config' }],
    ]),
    pictures: [{ slug: 'cpu', title: 'CPU of the host' }],
  };

  it('sets use against budget, hour by hour, and names each step of the throttle once', async () => {
    await expect(resourceMarkdown(resources, (slug) => `${slug}.svg`)).toMatchFileSnapshot(
      '../../golden/resource-report.md',
    );
    expect(resourceSummary(resources).at(-1)).toBe('1 throttle step; nothing is slowed now.');
  });

  it('has something to say of a host without budgets', () => {
    const empty = { ...resources, uses: [], history: [], lines: [], ahead: [], pictures: [] };

    expect(resourceSummary(empty)).toEqual(['No budget is set.', '0 throttle steps; nothing is slowed now.']);
    expect(resourceMarkdown(empty, (slug) => slug)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('draws one bar an hour that is known, and none where nothing is', () => {
    const [one] = history;
    const svg = one === undefined ? null : budgetSvg('CPU <host>', one, 'UTC');

    expect(svg?.match(/#7ea6d3/g)).toHaveLength(1);
    expect(svg).toContain('CPU &lt;host&gt;');
    expect(one && budgetSvg('x', { ...one, hours: one.hours.slice(1) }, 'UTC')).toBeNull();
  });
});
