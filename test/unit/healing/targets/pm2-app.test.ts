import { describe, expect, it } from 'vitest';
import { after, seconds } from '../../../../src/domain/units.ts';
import { NO_LIVES } from '../../../../src/healing/targets/lives.ts';
import {
  type AppMemory,
  type AppView,
  judgeApp,
  parseStatuses,
  wasStopped,
} from '../../../../src/healing/targets/pm2/app.ts';
import { START } from '../../../support/builders.ts';

const FRESH: AppMemory = { lives: NO_LIVES, down: null, downSince: null };
const GONE: AppView = { lives: [], deadFiles: 0, statuses: ['stopped'], wasStopped: null };
const judge = (view: Partial<AppView>, over: object = {}) =>
  judgeApp('web', { view: { ...GONE, ...view }, memory: FRESH, isOurs: false, now: START, ...over });

describe('judgeApp', () => {
  it('is up with every process alive, and down with one gone', () => {
    expect(judge({ lives: ['5:1', '6:1'] }).state).toMatchObject({ up: true, hold: null });
    expect(judge({ lives: ['5:1'], deadFiles: 1 }).state).toMatchObject({
      up: false,
      hold: { kind: 'foreign' },
    });
  });

  it('is unknown while pm2 was not asked, and where it has no such app', () => {
    expect(judge({ statuses: null }).state).toMatchObject({ up: null, hold: null });
    expect(judge({ statuses: [] }).state).toMatchObject({ up: null, reason: 'pm2 has no app web' });
  });

  it('keeps the end it saw, whatever the log says later', () => {
    const own = judge({ wasStopped: false });
    expect(own.state).toMatchObject({ up: false, hold: null });
    expect(judge({ wasStopped: null }, { memory: own.memory }).state.up).toBe(false);
    const asked = judge({ wasStopped: true });
    expect(judge({ wasStopped: false }, { memory: asked.memory }).state.hold?.kind).toBe('manual_stop');
  });

  it('lets pm2 try first, for one cycle', () => {
    const first = judge({ statuses: ['launching'] });
    expect(first.state.hold?.kind).toBe('foreign');
    const now = after(START, seconds(7));
    expect(judge({ statuses: ['launching'] }, { memory: first.memory, now }).state.hold).toBeNull();
  });
});

describe('parseStatuses', () => {
  it('reads the blocks of this app and no other', () => {
    const output =
      '+--- web\nnamespace : default\nstatus : online\n\n+--- web-2\nstatus : errored\n\n+--- web\nstatus : stopped\n';
    expect(parseStatuses(output, 'web')).toEqual(['online', 'stopped']);
    expect(parseStatuses('nothing', 'web')).toEqual([]);
  });
});

describe('wasStopped', () => {
  it('goes by the last word on this app', () => {
    const lines = ['App [web:0] online', 'Stopping app:web id:0', 'App [web-2:1] online'];
    expect(wasStopped(lines.join('\n'), 'web')).toBe(true);
    expect(wasStopped([...lines, 'App [web:0] online'].join('\n'), 'web')).toBe(false);
    expect(wasStopped(lines.join('\n'), 'mail')).toBeNull();
  });
});
