import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../src/bot/commands/command.ts';
import { COMMANDS } from '../../../src/bot/commands/table.ts';
import { createCommandDesk } from '../../../src/bot/run.ts';
import { type Actor, ROLES } from '../../../src/domain/approval.ts';
import { OpsError } from '../../../src/domain/errors.ts';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { actor } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeControls, type FakeControls, type FakeWorld } from '../../support/fake-controls.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

function setUp(
  over: Partial<FakeWorld> = {},
  change: (controls: FakeControls) => FakeControls = (same) => same,
) {
  const clock = createFakeClock();
  const controls = change(createFakeControls(over));
  const log = createMemoryLogger();
  const redact = (text: string): string => text.replaceAll('hunter2', '***');
  const desk = createCommandDesk({ controls, clock, log, timezone: 'UTC', redact });
  const run = (text: string, by: Actor = actor()): Promise<Reply> => desk.run({ text }, by);
  return { clock, controls, log, desk, run };
}

describe('createCommandDesk', () => {
  it('answers, and records who asked for what and how it ended', async () => {
    const { run, controls } = setUp();

    const reply = await run('freeze 2h moving the database');

    expect(reply).toMatchObject({ ok: true, code: 'OK', text: expect.stringMatching(/^Done\. Until/) });
    expect(controls.calls).toEqual([
      ['freeze', 'all', minutes(120), 'local-token', 'moving the database', false],
    ]);
    expect(controls.recorded).toEqual([
      { command: 'freeze for:2h reason:"moving the database"', by: 'local-token', result: 'OK' },
    ]);
  });

  it('refuses who lacks the role, changes nothing, and records that too', async () => {
    const { run, controls } = setUp();

    const reply = await run('worker stop rpa-worker', actor({ roles: ['viewer'], id: 'U7' }));

    expect(reply).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    expect(reply.text).toBe('worker stop needs the role operator; you have viewer.');
    expect(controls.calls).toEqual([]);
    expect(controls.recorded).toMatchObject([{ by: 'U7', result: 'FORBIDDEN' }]);
  });

  it('lets each role run exactly what the table gives it', async () => {
    const allowed: Record<string, string[]> = {};
    for (const role of ROLES) {
      const { desk } = setUp();
      const by = actor({ roles: role === 'viewer' ? ['viewer'] : ['viewer', role] });
      const codes = await Promise.all(COMMANDS.map((command) => desk.run({ text: command.example }, by)));
      allowed[role] = COMMANDS.filter((_, index) => codes[index]?.code !== 'FORBIDDEN').map((command) =>
        command.words.join(' '),
      );
    }

    await expect(`${JSON.stringify(allowed, null, 2)}\n`).toMatchFileSnapshot('../../golden/roles.json');
  });

  it('changes nothing on a dry run, whatever the command', async () => {
    const changing = COMMANDS.filter((command) => command.changes);
    for (const command of changing) {
      const { desk, controls } = setUp({
        workers: [
          {
            worker: 'rpa-worker',
            instance: 0,
            state: { kind: 'not_started', reason: 'test' },
            exitsInTenMinutes: 0,
            exitsInDay: 0,
            lastExit: null,
          },
        ],
      });

      await desk.run({ text: `${command.example} --dry-run` }, actor());

      const told = controls.calls.filter((call) => call.at(-1) !== true);
      expect(told, command.example).toEqual([]);
    }
  });

  it('takes secrets out of text and data', async () => {
    const { desk } = setUp({ status: { complaints: ['password hunter2 in a log'] } });

    const reply = await desk.run({ text: 'status' }, actor());

    expect(JSON.stringify(reply)).not.toContain('hunter2');
    expect(reply.text).toContain('***');
  });

  it('takes secrets out of what it records', async () => {
    const { run, controls } = setUp();

    await run('thaw hunter2');

    expect(controls.recorded[0]?.command).toBe('thaw reason:***');
  });

  it('says that a command gave no answer in time, without waiting for it', async () => {
    const { clock, run } = setUp({}, (controls) => ({ ...controls, thaw: () => new Promise(() => {}) }));

    const reply = run('thaw');
    await clock.advance(seconds(61));

    expect(await reply).toMatchObject({ ok: false, code: 'FAILED' });
    expect((await reply).text).toBe(
      'thaw gave no answer within 60 s. It may still finish; "audit tail" shows it.',
    );
  });

  it('tells an unexpected error in one line, without its inside', async () => {
    const { run, log } = setUp({}, (controls) => ({
      ...controls,
      thaw: async () => {
        throw new TypeError('cannot read properties of undefined');
      },
    }));

    const reply = await run('thaw');

    expect(reply).toMatchObject({ code: 'FAILED', text: 'thaw failed: an error inside; the log has it.' });
    expect(log.lines).toMatchObject([{ level: 'error', message: 'command failed' }]);
  });

  it.each([
    ['REFUSED', 'REFUSED', 'not now'],
    ['NOT_FOUND', 'NOT_FOUND', 'not now'],
    ['AUDIT_UNWRITABLE', 'FAILED', 'thaw failed: not now.'],
  ] as const)('answers a thrown %s as %s', async (thrown, code, text) => {
    const { run } = setUp({}, (controls) => ({
      ...controls,
      thaw: async () => {
        throw new OpsError(thrown, 'not now');
      },
    }));

    expect(await run('thaw')).toMatchObject({ ok: false, code, text });
  });

  it('still answers when the audit log does not take the record, and logs that', async () => {
    const { run, log } = setUp({}, (controls) => ({
      ...controls,
      recordCommand: async () => {
        throw new Error('disk full');
      },
    }));

    expect(await run('version')).toMatchObject({ ok: true });
    expect(log.lines).toMatchObject([{ message: 'command not recorded' }]);
  });

  it('answers what it cannot read with what it expected, and records nothing', async () => {
    const { run, controls } = setUp();

    expect(await run('freeze --scope everything')).toMatchObject({
      code: 'BAD_OPTION',
      data: { word: 'everything', expected: 'all or healing or optimizer for scope' },
    });
    expect(controls.recorded).toEqual([]);
  });

  it('takes typed JSON as the API sends it', async () => {
    const { desk, controls } = setUp();

    await desk.run({ command: 'freeze', options: { for: '1h', scope: 'healing' }, dryRun: true }, actor());

    expect(controls.calls).toEqual([['freeze', 'healing', minutes(60), 'local-token', '', true]]);
  });
});
