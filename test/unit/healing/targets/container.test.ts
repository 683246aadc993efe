import { describe, expect, it } from 'vitest';
import { after, epochMs, seconds } from '../../../../src/domain/units.ts';
import {
  type ContainerLook,
  type ContainerMemory,
  type ContainerView,
  endOf,
  judgeContainer,
  parseContainer,
  parseEvent,
} from '../../../../src/healing/targets/docker/container.ts';
import { NO_LIVES } from '../../../../src/healing/targets/lives.ts';
import { START } from '../../../support/builders.ts';

const VIEW: ContainerView = {
  id: 'f00',
  status: 'running',
  isRunning: true,
  isRestarting: false,
  isPaused: false,
  wasOutOfMemory: false,
  pid: 9,
  exitCode: 0,
  startedAt: 'a',
  finishedAt: null,
  health: null,
  policy: '',
};
const FRESH: ContainerMemory = { lives: NO_LIVES, down: null, downSince: null };
const EXITED = { status: 'exited', isRunning: false, pid: 0 };

const judge = (view: Partial<ContainerView>, over: Partial<ContainerLook> = {}) =>
  judgeContainer('web', {
    view: { ...VIEW, ...view },
    memory: FRESH,
    seen: null,
    isOurs: false,
    now: START,
    ...over,
  });

describe('judgeContainer', () => {
  it.each([
    [{}, true],
    [{ health: 'healthy' }, true],
    [{ health: 'unhealthy' }, false],
    [{ health: 'starting' }, null],
    [{ status: 'created', isRunning: false }, null],
  ] as [Partial<ContainerView>, boolean | null][])('%# tells up, down or unknown', (view, up) => {
    expect(judge(view).state).toMatchObject({ up, hold: null });
  });

  it('knows a crash by its exit code where nothing was heard, and leaves alone what may have been a stop', () => {
    expect(judge({ ...EXITED, exitCode: 3 }).state).toMatchObject({ up: false, hold: null });
    expect(judge({ ...EXITED, exitCode: 137, wasOutOfMemory: true }).state).toMatchObject({ up: false });
    for (const exitCode of [0, 137, 143]) {
      expect(judge({ ...EXITED, exitCode }).state).toMatchObject({ up: null, hold: { kind: 'manual_stop' } });
    }
  });

  it('believes the events before the exit code, and its memory before both', () => {
    expect(judge({ ...EXITED, exitCode: 3 }, { seen: 'asked' }).state).toMatchObject({
      hold: { reason: expect.stringContaining('was stopped by somebody') },
    });
    const crashed = judge({ ...EXITED, exitCode: 137 }, { seen: 'own' });
    expect(crashed.state).toMatchObject({ up: false, hold: null });
    expect(judge({ ...EXITED, exitCode: 137 }, { memory: crashed.memory }).state.up).toBe(false);
  });

  it('gives the engine its cycle where it restarts the container, and then acts', () => {
    const view = { ...EXITED, exitCode: 3, policy: 'on-failure' };
    const first = judge(view);
    expect(first.state).toMatchObject({ up: false, hold: { kind: 'foreign' } });
    const now = after(START, seconds(11));
    expect(judge(view, { memory: first.memory, now }).state.hold).toBeNull();
    expect(judge({ ...EXITED, exitCode: 3, policy: 'no' }).state.hold).toBeNull();
  });

  it('leaves a paused container to whoever paused it', () => {
    expect(judge({ isPaused: true, status: 'paused' }).state).toMatchObject({
      up: null,
      hold: { kind: 'manual_stop' },
    });
  });
});

describe('endOf', () => {
  const event = (action: string, at: number) => ({ action, at: epochMs(at), names: ['web'] });

  it('has an end after a stop or a kill for asked, and only that one', () => {
    expect(endOf([event('kill', 10), event('die', 20)], true)).toBe('asked');
    expect(endOf([event('die', 10), event('stop', 20)], true)).toBe('asked');
    expect(endOf([event('kill', 10), event('die', 20), event('start', 30), event('die', 40)], true)).toBe(
      'own',
    );
    expect(endOf([event('stop', 10), event('die', 200_000)], true)).toBe('own');
    expect(endOf([], true)).toBeNull();
  });

  it('says nothing where the engine does not announce stops', () => {
    expect(endOf([event('die', 20)], false)).toBeNull();
    expect(endOf([event('kill', 10), event('die', 20)], false)).toBe('asked');
  });
});

describe('parseContainer and parseEvent', () => {
  it('know nothing of what they do not understand', () => {
    expect(parseContainer('<html>')).toBeNull();
    expect(parseContainer('{"State": 3}')).toBeNull();
    expect(parseEvent('{"time": "x"}')).toBeNull();
    expect(parseEvent('{"status":"die","id":"f00","timeNano":1500000000}')).toEqual({
      action: 'die',
      at: 1_500,
      names: ['f00'],
    });
  });
});
