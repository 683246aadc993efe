/** The short version of `npm run bench -- detection --only weeks`: a day of habits, then faults. */
import { beforeAll, describe, expect, it } from 'vitest';
import { falseAlarms, faultResults, runHost, type Told } from '../../bench/detection/synthetic.ts';
import type { Fault } from '../../bench/detection/synthetic-host.ts';

const HOUR = 3_600_000;
const fault = (kind: Fault['kind'], fromHour: number, lastsHours: number): Fault => ({
  kind,
  from: fromHour * HOUR,
  to: (fromHour + lastsHours) * HOUR,
});

describe('the monitor over a made-up host', () => {
  const faults = [
    fault('service_down', 26, 0.3),
    fault('failing_service', 27.5, 0.3),
    fault('disk_filling', 29, 2),
  ];
  let told: readonly Told[] = [];
  beforeAll(async () => {
    told = await runHost({ days: 1.3, stepSeconds: 60, busy: 1, seed: 3, faults });
  }, 240_000);

  it('warns of nothing in a day and a night of rhythm and cron jobs', () => {
    expect(told.length).toBeGreaterThan(0);
    expect(falseAlarms(faults, told)).toEqual([]);
  });

  it('warns of each fault under a name that says what it is', () => {
    expect(faultResults(faults, told).map((result) => result.as)).toEqual([
      'service_down',
      'low_success_rate',
      'disk_filling',
    ]);
  });
});
