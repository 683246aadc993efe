import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hours, minutes, ms } from '../../../../src/domain/units.ts';
import {
  CLOSED_GATE,
  type GateState,
  hostLimit,
  stepGate,
} from '../../../../src/monitor/detect/alarm-gate.ts';
import { PARAMETERS } from '../../../../src/monitor/detect/parameters.ts';

const { alarm } = PARAMETERS;

function run(ratios: readonly (number | null)[]): GateState[] {
  let state = CLOSED_GATE;
  return ratios.map((ratio, row) => {
    state = stepGate(state, { ratio, opens: (ratio ?? 0) >= 1 }, minutes(row), minutes(1), alarm);
    return state;
  });
}

describe('stepGate', () => {
  it('is on at the first row that opens it', () => {
    expect(run([0.2, 1.1])).toMatchObject([{ since: null }, { since: minutes(1) }]);
  });

  it('is over after an hour at the earliest, and after five quiet minutes', () => {
    const states = run([1.2, ...Array.from({ length: 80 }, () => 0.1)]);

    expect(states.findIndex((state, row) => row > 0 && state.since === null)).toBe(60);
  });

  it('stays on while the ratio lies between the limit and its hysteresis', () => {
    const states = run([1.2, ...Array.from({ length: 200 }, () => 0.95)]);

    expect(states.every((state) => state.since === 0)).toBe(true);
  });

  it('is neither opened nor closed by unknown rows', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0.1, 1.3, null), { maxLength: 200 }), (ratios) => {
        const states = run(ratios);
        for (const [row, ratio] of ratios.entries()) {
          if (ratio === null) expect(states[row]).toBe(states[row - 1] ?? CLOSED_GATE);
        }
      }),
    );
  });
});

describe('hostLimit', () => {
  it('rises by 3 % with each alarm of the last day, by 30 % at most, and falls back', () => {
    const alarms = Array.from({ length: 20 }, (_, index) => minutes(index));

    expect(hostLimit([], ms(0), alarm)).toBe(1.05);
    expect(hostLimit(alarms.slice(0, 2), hours(1), alarm)).toBeCloseTo(1.05 * 1.06, 9);
    expect(hostLimit(alarms, hours(1), alarm)).toBeCloseTo(1.05 * 1.3, 9);
    expect(hostLimit(alarms, hours(48), alarm)).toBe(1.05);
  });
});
