import { describe, expect, it } from 'vitest';
import { openInbox } from '../../../src/bot/inbox.ts';
import type { PrivateReply } from '../../../src/bot/surface.ts';
import { minutes } from '../../../src/domain/units.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger, createMemoryStateStore } from '../../support/memory-ports.ts';

function setUp() {
  const deps = { states: createMemoryStateStore(), clock: createFakeClock(), log: createMemoryLogger() };
  let runs = 0;
  const work = async (): Promise<PrivateReply> => {
    runs += 1;
    return { ok: true, text: `run ${runs}` };
  };
  return { ...deps, deps, work, runs: () => runs };
}

describe('openInbox', () => {
  it('runs what comes twice once, and gives the same answer to both', async () => {
    const { deps, work, runs } = setUp();
    const inbox = await openInbox(deps);

    const answers = await Promise.all([inbox.once('a', work), inbox.once('a', work)]);

    expect(answers).toEqual([
      { ok: true, text: 'run 1' },
      { ok: true, text: 'run 1' },
    ]);
    expect(runs()).toBe(1);
  });

  it('knows a repeat after a restart, and does not run it again', async () => {
    const { deps, work, runs } = setUp();
    await (await openInbox(deps)).once('a', work);

    const answer = await (await openInbox(deps)).once('a', work);

    expect(runs()).toBe(1);
    expect(answer.text).toContain('handled before a restart');
  });

  it('has the id on disk before the work begins', async () => {
    const { deps, states } = setUp();
    const inbox = await openInbox(deps);
    let onDisk = '';

    await inbox.once('a', async () => {
      onDisk = states.saved.get('chat-inbox') ?? '';
      return { ok: true, text: '' };
    });

    expect(onDisk).toContain('"a"');
  });

  it('forgets after an hour, and never holds more than it may', async () => {
    const { deps, states, clock, work } = setUp();
    const inbox = await openInbox(deps);
    for (let index = 0; index < 600; index += 1) await inbox.once(`old-${index}`, work);
    expect(JSON.parse(states.saved.get('chat-inbox') ?? '[]')).toHaveLength(500);

    await clock.advance(minutes(61));
    await inbox.once('new', work);

    expect(JSON.parse(states.saved.get('chat-inbox') ?? '[]')).toMatchObject([{ id: 'new' }]);
  });

  it('still answers when the disk is full', async () => {
    const { deps, states, work, log } = setUp();
    states.saved.set = () => {
      throw new Error('ENOSPC');
    };

    expect(await (await openInbox(deps)).once('a', work)).toMatchObject({ ok: true });
    expect(log.lines).toMatchObject([{ message: 'chat inbox not saved' }]);
  });
});
