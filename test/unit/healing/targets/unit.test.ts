import { describe, expect, it } from 'vitest';
import { type EpochMs, after as later, ms, seconds } from '../../../../src/domain/units.ts';
import { NO_LIVES } from '../../../../src/healing/targets/lives.ts';
import { unitPath } from '../../../../src/healing/targets/systemd/dbus-door.ts';
import { parseProperties, parseShow } from '../../../../src/healing/targets/systemd/properties.ts';
import {
  judgeUnit,
  type UnitLook,
  type UnitMemory,
  type UnitView,
} from '../../../../src/healing/targets/systemd/unit.ts';
import { START } from '../../../support/builders.ts';

const VIEW: UnitView = {
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  result: 'success',
  type: 'simple',
  mainPid: 5,
  invocation: 'a',
  exitStatus: 0,
  restart: 'no',
  restartDelay: ms(100),
  startLimit: seconds(90),
  controlGroup: '',
};
const FRESH: UnitMemory = { lives: NO_LIVES, down: null, restlessSince: null };
const SEEN_UP: UnitMemory = { ...FRESH, lives: { current: 'a', changes: [] } };
const DEAD = { activeState: 'inactive', subState: 'dead', mainPid: 0, invocation: '' };
const AUTO = { activeState: 'activating', subState: 'auto-restart', result: 'exit-code', restart: 'always' };

const judge = (view: Partial<UnitView>, over: Partial<UnitLook> = {}) =>
  judgeUnit('web.service', {
    view: { ...VIEW, ...view },
    memory: SEEN_UP,
    job: 'none',
    isOurs: false,
    now: START,
    ...over,
  });

describe('judgeUnit', () => {
  it('takes an end without a job for an end of its own, and keeps that', () => {
    const first = judge(DEAD);
    expect(first.state).toMatchObject({ up: false, hold: null });
    const later = judge(DEAD, { memory: { ...FRESH, down: first.memory.down }, job: 'not_watched' });
    expect(later.state).toMatchObject({ up: false, hold: null });
  });

  it.each([
    ['a job of somebody else', { job: 'stop' }, 'was stopped by somebody'],
    ['a job whose kind was not seen', { job: 'other' }, 'was stopped by somebody'],
    ['nobody watching', { job: 'not_watched' }, 'was found stopped'],
    ['it never being seen up', { memory: FRESH }, 'was found stopped'],
  ] as [string, Partial<UnitLook>, string][])('keeps hands off after an end with %s', (_, over, why) => {
    expect(judge(DEAD, over).state).toMatchObject({
      up: null,
      hold: { kind: 'manual_stop', reason: expect.stringContaining(why), until: null },
    });
  });

  it('respects a stop that ended badly, and forgets every stop once it is up', () => {
    const stopped = judge({ activeState: 'failed', result: 'timeout' }, { job: 'stop' });
    expect(stopped.state).toMatchObject({ up: null, hold: { kind: 'manual_stop' } });
    expect(judge({}, { memory: stopped.memory }).memory.down).toBeNull();
  });

  it('gives systemd one cycle of its own, and no second one', () => {
    const first = judge(AUTO);
    expect(first.state).toMatchObject({ up: false, hold: { kind: 'foreign', until: START + 5_100 } });
    const now = later(START, seconds(6));
    expect(judge(AUTO, { memory: first.memory, now }).state).toMatchObject({ up: false, hold: null });
  });

  it('acts at once where systemd has given up, or restarts nothing', () => {
    expect(judge({ activeState: 'failed', result: 'exit-code', restart: 'always' }).state.hold).toBeNull();
    expect(judge({ ...AUTO, restart: 'no' }).state.hold).toBeNull();
  });

  it('has a crash loop for down also while it is up, until it has lasted', () => {
    let memory = SEEN_UP;
    let now: EpochMs = START;
    for (const invocation of ['b', 'c', 'd']) {
      now = later(now, seconds(20));
      memory = judge({ invocation }, { memory, now }).memory;
    }
    expect(judge({ invocation: 'd' }, { memory, now }).state).toMatchObject({ up: false });
    expect(judge({ invocation: 'd' }, { memory, now: later(now, seconds(61)) }).state.up).toBe(true);
  });

  it('does not count what we restart ourselves', () => {
    let memory = SEEN_UP;
    for (const invocation of ['b', 'c', 'd', 'e'])
      memory = judge({ invocation }, { memory, isOurs: true }).memory;
    expect(memory.lives.changes).toEqual([]);
  });

  it('has starting, stopping, oneshot and missing units as unknown', () => {
    expect(judge({ activeState: 'activating', subState: 'start' }).state).toMatchObject({
      up: null,
      hold: { kind: 'foreign' },
    });
    expect(judge({ activeState: 'deactivating' }).state.up).toBeNull();
    expect(judge({ ...DEAD, type: 'oneshot' }).state).toMatchObject({ up: null, hold: null });
    expect(judge({ loadState: 'not-found' }).state).toMatchObject({ up: null, hold: null });
  });
});

describe('parseProperties', () => {
  it('reads the types of the bus and the words of the terminal alike', () => {
    const bus = parseProperties({
      LoadState: 'loaded',
      InvocationID: Buffer.from([1, 171]),
      RestartUSec: 1_500_000n,
      TimeoutStartUSec: 18_446_744_073_709_551_615n,
      MainPID: 7,
    });
    const shown = parseShow(
      'LoadState=loaded\nInvocationID=01ab\nRestartUSec=1s 500ms\nTimeoutStartUSec=infinity\nMainPID=7\n',
    );
    expect(bus).toEqual(shown);
    expect(bus).toMatchObject({ invocation: '01ab', restartDelay: 1_500, mainPid: 7, restart: 'no' });
    expect(bus.startLimit).toBe(90_000);
    expect(parseShow('TimeoutStartUSec=2h 30min').startLimit).toBe(600_000);
  });
});

describe('unitPath', () => {
  it('writes what is no letter or digit as its byte', () => {
    expect(unitPath('2nd-web@a.service')).toBe('/org/freedesktop/systemd1/unit/_32nd_2dweb_40a_2eservice');
  });
});
