import { describe, expect, it } from 'vitest';
import type { TargetState } from '../../../../src/domain/target.ts';
import { epochMs } from '../../../../src/domain/units.ts';
import { createExitLog } from '../../../../src/monitor/live/exit-log.ts';
import { START } from '../../../support/builders.ts';

const state = (pids: readonly number[], up: boolean | null = pids.length > 0): TargetState => ({
  name: 'web',
  up,
  pids,
  reason: '',
});

/** How many exits a run of states shows, 5 s apart. */
function exitsOf(states: readonly TargetState[]): number {
  const log = createExitLog();
  for (const [index, one] of states.entries()) log.observe([one], epochMs(START + index * 5_000));
  return log.of('web').length;
}

describe('createExitLog', () => {
  it('counts a process that ended, whether it was gone for a beat or was back within one', () => {
    expect(exitsOf([state([1]), state([]), state([2]), state([3])])).toBe(2);
  });

  it('counts a service without processes of its own each time it goes down', () => {
    expect(exitsOf([state([], true), state([], false), state([], true), state([], false)])).toBe(2);
  });

  it('counts no children that come and go beside a process that stays', () => {
    expect(exitsOf([state([1, 2, 3]), state([1, 4]), state([1])])).toBe(0);
  });

  it('counts nothing that its watch does not know, nor the first sight of it', () => {
    expect(exitsOf([state([]), state([1]), state([], null), state([], null), state([2])])).toBe(0);
  });

  it('forgets what is older than a day', () => {
    const log = createExitLog();
    log.observe([state([1])], epochMs(START));
    log.observe([state([2])], epochMs(START + 1));
    log.observe([state([3])], epochMs(START + 90_000_000));

    expect(log.of('web')).toHaveLength(1);
  });
});
