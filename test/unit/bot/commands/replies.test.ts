import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../../src/bot/commands/command.ts';
import { COMMANDS } from '../../../../src/bot/commands/table.ts';
import { createCommandDesk } from '../../../../src/bot/run.ts';
import type { Actor } from '../../../../src/domain/approval.ts';
import type { ControlResult } from '../../../../src/domain/controls.ts';
import { REPORT_KINDS } from '../../../../src/domain/report.ts';
import { after, approvalId, epochMs, fromIso, minutes, seconds } from '../../../../src/domain/units.ts';
import type { WorkerStatus } from '../../../../src/domain/worker.ts';
import { actor, START } from '../../../support/builders.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createFakeControls, type FakeControls, type FakeWorld } from '../../../support/fake-controls.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';
import { APPROVAL_ID, approval, slowIncident, TROUBLE } from '../../../support/night-builders.ts';

import { nightWorld, worker } from '../../../support/night-world.ts';

const NOW = '2026-11-22T02:20:00.000Z';

function setUp(over: Partial<FakeWorld> = {}): {
  readonly controls: FakeControls;
  readonly run: (text: string, by?: Actor) => Promise<Reply>;
} {
  const controls = createFakeControls({ ...nightWorld(), ...over });
  const desk = createCommandDesk({
    controls,
    clock: createFakeClock(NOW),
    log: createMemoryLogger(),
    timezone: 'UTC',
    redact: (text) => text,
  });
  return { controls, run: (text, by = actor()) => desk.run({ text }, by) };
}

describe('every command of the table', () => {
  const shown = (reply: Reply): string =>
    `${reply.code}\n${reply.text}\n\n${JSON.stringify(reply.data, null, 1)}\n`;

  it.each(COMMANDS.map((command) => [command.words.join(' '), command] as const))(
    'answers: %s',
    async (name, command) => {
      const reply = await setUp().run(command.example);

      await expect(shown(reply)).toMatchFileSnapshot(
        `../../../golden/replies/${name.replaceAll(' ', '-')}.txt`,
      );
    },
  );

  it.each(REPORT_KINDS)('writes the %s report and says where it is', async (kind) => {
    const reply = await setUp().run(`report ${kind}`);

    expect(reply).toMatchObject({ ok: true, code: 'OK' });
    expect(reply.text).toContain('_report_latest.md');
  });

  it('carries dates as ISO text and nothing that JSON cannot', async () => {
    for (const command of COMMANDS) {
      const { data } = await setUp().run(command.example);

      expect(JSON.parse(JSON.stringify(data)), command.example).toEqual(data);
    }
  });
});

describe('status', () => {
  it.each<[string, Partial<FakeWorld>]>([
    ['2 decisions wait for you.', { approvals: [approval(), approval({ id: approvalId('beef0000') })] }],
    ['1 incident is open.', { approvals: [] }],
    [
      '1 incident needs a person.',
      {
        approvals: [],
        incidents: [slowIncident({ state: { kind: 'escalated', at: TROUBLE, reason: 'nothing helped' } })],
      },
    ],
    ['All is well; 3 healed tonight.', { approvals: [], incidents: [] }],
    ['Nothing is known yet: there are no samples.', { approvals: [], incidents: [], metrics: [] }],
    [
      'This host is well; Nightshift itself is not.',
      { approvals: [], incidents: [], status: { complaints: ['the audit log cannot be written'] } },
    ],
  ])('answers first: %s', async (headline, over) => {
    const reply = await setUp(over).run('status');

    expect(reply.text.split('\n')[0]).toBe(headline);
  });

  it('says what is frozen, which surface is down, and what is wrong with itself', async () => {
    const { run } = setUp({
      status: {
        mode: 'dry-run',
        freeze: { scope: 'all', until: after(START, minutes(60)), by: 'ada', reason: 'deploy' },
        surfaces: {
          slack: { state: 'down', since: START, reason: 'invalid_auth' },
          discord: { state: 'off', since: START, reason: '' },
        },
        complaints: ['disk nearly full'],
      },
    });

    const { text } = await run('status');

    expect(text).toContain('dry-run: it proposes and does not act');
    expect(text).toContain('Frozen (all) until 03:00 by ada.');
    expect(text).toContain('slack is down since 02:00: invalid_auth');
    expect(text).not.toContain('discord');
    expect(text).toContain('Nightshift itself: disk nearly full');
  });

  it('narrows to one target', async () => {
    const { text, data } = await setUp().run('status rpa-worker');

    expect(text).not.toContain('billing-api');
    expect(data).toMatchObject({ incidents: [], pendingApprovals: [], metrics: [] });
  });

  it('says what each metric did in a window, and that it does not know where it does not', async () => {
    const { text } = await setUp().run('status --window 1h');

    expect(text).toMatch(/CPU +34 % +normal 23–45 % +20–50 % in the last 1 h/);
    expect(text).toMatch(/Latency of billing-api .*unknown in the last 1 h/);
  });
});

describe('incident list', () => {
  it.each([
    ['--state live', ['inc-7f3a']],
    ['--state resolved', ['inc-1b2c']],
    ['--severity critical', ['inc-1b2c']],
    ['--since 2026-11-22T02:05:00Z', ['inc-7f3a']],
    ['--since 15m', ['inc-7f3a']],
    ['--limit 1', ['inc-7f3a']],
    ['--target nobody', []],
  ])('filters by %s', async (filter, ids) => {
    const { data } = await setUp().run(`incident list ${filter}`);

    expect((data as { incidents: { id: string }[] }).incidents.map(({ id }) => id)).toEqual(ids);
  });
});

describe('ids', () => {
  it.each(['inc-7f3a', 'inc-7', '7f'])('finds an incident by %s', async (text) => {
    const { run, controls } = setUp();

    await run(`ack ${text}`);

    expect(controls.calls).toEqual([['acknowledge', 'inc-7f3a', 'local-token']]);
  });

  it('never guesses where two fit', async () => {
    const { run, controls } = setUp();

    const reply = await run('ack inc-');

    expect(reply.code).toBe('BAD_OPTION');
    expect(reply.text).toContain('inc-7f3a (billing-api is slow), inc-1b2c (rpa-worker is down)');
    expect(controls.calls).toEqual([]);
  });

  it('takes a target for its one live incident', async () => {
    const { run, controls } = setUp();

    expect(await run('ack --target billing-api')).toMatchObject({ ok: true });
    expect(await run('ack --target rpa-worker')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await run('ack')).toMatchObject({ code: 'BAD_OPTION' });
    expect(controls.calls).toHaveLength(1);
  });

  it('finds an approval by the beginning of its id, but not by too short a one', async () => {
    expect(await setUp().run(`approve ${APPROVAL_ID.slice(0, 6)}`)).toMatchObject({ ok: true });
    expect(await setUp().run(`approve ${APPROVAL_ID.slice(0, 3)}`)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('counts decided approvals, so that an old beginning never means a new plan', async () => {
    const old = approval({ id: approvalId('3f2a0000'), state: { kind: 'denied', at: TROUBLE } });
    const { run, controls } = setUp({ approvals: [old, approval()] });

    expect(await run('approve 3f2a')).toMatchObject({ code: 'BAD_OPTION' });
    expect(controls.calls).toEqual([]);
  });
});

describe('approve and deny', () => {
  it('says what was decided', async () => {
    expect((await setUp().run(`deny ${APPROVAL_ID} wait`)).text).toBe(
      'Denied: Restart billing-api does not run.',
    );
  });

  it.each([
    [{ kind: 'refused', code: 'FORBIDDEN', reason: 'nobody here may' }, 'FORBIDDEN'],
    [{ kind: 'refused', code: 'ALREADY_DECIDED', reason: 'denied by ben' }, 'REFUSED'],
    [{ kind: 'refused', code: 'EXPIRED', reason: 'expired at 02:29' }, 'REFUSED'],
    [{ kind: 'not_found' }, 'NOT_FOUND'],
  ] as const)('answers %j as %s', async (decision, code) => {
    const { run } = setUp({ decision: () => decision });

    expect(await run(`approve ${APPROVAL_ID}`)).toMatchObject({ ok: false, code });
  });

  it('says when one more person is needed', async () => {
    const { run } = setUp({ decision: (asked) => ({ kind: 'one_more_needed', approval: asked }) });

    expect((await run(`approve ${APPROVAL_ID}`)).text).toBe(
      'Your yes is kept; one more person has to say yes.',
    );
  });

  it('says that nothing waits', async () => {
    expect((await setUp({ approvals: [] }).run('approvals')).text).toBe('Nothing waits for a decision.');
    expect((await setUp().run(`approvals ${APPROVAL_ID}`)).text).toContain(
      'Will run  systemctl restart billing-api',
    );
  });
});

describe('dry runs that a command tells itself', () => {
  it.each([
    [
      `deny ${APPROVAL_ID}`,
      'Would deny: Restart billing-api (systemctl restart billing-api). It is pending now.',
    ],
    ['ack inc-7f3a', 'Would acknowledge inc-7f3a (billing-api is slow).'],
    ['resolve inc-7f3a rolled back', 'Would resolve inc-7f3a (billing-api is slow): rolled back'],
    ['worker stop', 'Would stop rpa-worker.'],
    ['worker scale rpa-worker 2', 'Would scale rpa-worker to 2.'],
    ['test alert', 'Would send a test (alert) to every surface that is on.'],
  ])('%s', async (line, text) => {
    const { run, controls } = setUp();

    expect(await run(`${line} --dry-run`)).toMatchObject({ ok: true, text, data: { changed: false } });
    expect(controls.calls).toEqual([]);
  });
});

describe('what is not there', () => {
  it.each([
    'incident show inc-0000',
    'incident timeline inc-0000',
    'why inc-0000',
    'ack inc-0000',
    'heal plan inc-1b2c',
    'heal undo inc-0000',
    'heal run inc-0000',
    'silence --id inc-0000',
    'strategy list coffee',
    'worker list coffee',
    'worker logs coffee',
    'threshold show coffee',
    'baseline show coffee',
    'approvals 00000000',
    'deny 00000000',
  ])('%s is NOT_FOUND', async (line) => {
    expect(await setUp().run(line)).toMatchObject({ ok: false, code: 'NOT_FOUND' });
  });
});

describe('heal run', () => {
  it('takes an incident, or a strategy and a target', async () => {
    const { run, controls } = setUp();

    await run('heal run inc-7f3a --strategy high_cpu');
    await run('heal run --strategy high_cpu --target billing-api --reason "hot"');
    expect(await run('heal run')).toMatchObject({ code: 'BAD_OPTION' });

    expect(controls.calls).toEqual([
      ['runHeal', { id: 'inc-7f3a', strategy: 'high_cpu' }, 'local-token', '', false],
      ['runHeal', { strategy: 'high_cpu', target: 'billing-api' }, 'local-token', 'hot', false],
    ]);
  });
});

describe('control results', () => {
  it.each<[ControlResult, string, boolean]>([
    [{ kind: 'done', text: 'x' }, 'OK', true],
    [{ kind: 'would', text: 'x' }, 'OK', true],
    [{ kind: 'refused', reason: 'x' }, 'REFUSED', false],
    [{ kind: 'failed', reason: 'x' }, 'FAILED', false],
    [{ kind: 'not_found', reason: 'x' }, 'NOT_FOUND', false],
  ])('answers %j as %s', async (result, code, ok) => {
    expect(await setUp({ result }).run('thaw')).toMatchObject({ code, ok, text: 'x' });
  });
});

describe('worker commands', () => {
  it('take the only worker there is, and ask which where there are several', async () => {
    const one = setUp();
    await one.run('worker restart');
    expect(one.controls.calls).toEqual([['worker.restart', 'rpa-worker', 'cli:local']]);

    const two = setUp({ workers: [worker(), worker({ worker: 'mailer' })] });
    expect(await two.run('worker restart')).toMatchObject({ code: 'BAD_OPTION' });
    expect(await two.run('worker stop coffee')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await setUp({ workers: [] }).run('worker stop')).toMatchObject({ code: 'NOT_FOUND' });
    expect(two.controls.calls).toEqual([]);
  });

  it('say every state of a worker in words', async () => {
    const at = epochMs(fromIso('2026-11-22T02:10:00Z') ?? 0);
    const states: WorkerStatus['state'][] = [
      { kind: 'starting', pid: 1, since: at },
      { kind: 'running', pid: 1, since: at, adopted: true },
      { kind: 'unhealthy', pid: 1, since: at, reason: 'no heartbeat' },
      { kind: 'backing_off', until: at, reason: 'exit code 1' },
      { kind: 'stopping', pid: 1 },
      { kind: 'stopped', by: 'cli:ada', at },
      { kind: 'gave_up', at, reason: '5 exits in 10 min' },
      { kind: 'not_started', reason: 'disabled' },
    ];
    const { run } = setUp({ workers: states.map((state, instance) => worker({ state, instance })) });

    await expect(`${(await run('worker list')).text}\n`).toMatchFileSnapshot(
      '../../../golden/worker-states.txt',
    );
  });
});

describe('silence', () => {
  it('takes a target, or the target of an incident, two hours where nothing is said', async () => {
    const { run, controls } = setUp();

    await run('silence cpu');
    await run('silence --id inc-7f3a --for 30m');
    expect(await run('silence')).toMatchObject({ code: 'BAD_OPTION' });

    expect(controls.calls).toEqual([
      ['silence', 'cpu', minutes(120), 'local-token', '', false],
      ['silence', 'billing-api', minutes(30), 'local-token', '', false],
    ]);
  });
});

describe('audit verify', () => {
  it('fails and names the first bad line', async () => {
    const verdict = {
      kind: 'broken',
      file: 'healing_log.jsonl',
      line: 41,
      reason: 'hash differs',
      linesBefore: 40,
    } as const;

    const reply = await setUp({ verdict }).run('audit verify');

    expect(reply).toMatchObject({ ok: false, code: 'FAILED' });
    expect(reply.text).toBe('The audit log is broken at healing_log.jsonl, line 41: hash differs.');
  });
});

describe('config validate', () => {
  it('names every fault', async () => {
    const reply = await setUp({ faults: ['bot.json: mode: expected x, found y'] }).run('config check');

    expect(reply).toMatchObject({
      ok: false,
      code: 'FAILED',
      data: { faults: ['bot.json: mode: expected x, found y'] },
    });
  });
});

it('seconds are not minutes: a freeze of 90s is 90 seconds', async () => {
  const { run, controls } = setUp();

  await run('freeze 90s');

  expect(controls.calls[0]?.[2]).toBe(seconds(90));
});
