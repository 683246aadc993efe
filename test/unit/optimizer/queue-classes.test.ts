import { describe, expect, it } from 'vitest';
import { minutes } from '../../../src/domain/units.ts';
import { QueueClasses } from '../../../src/optimizer/queue-classes.ts';
import { createRunTask } from '../../../src/platform/queue/run-task.ts';
import { USUAL_CLASSES } from '../../../src/platform/queue/settings.ts';
import { createEmbeddedWorld, settled, taskCommand } from '../../support/embedded-world.ts';
import { createMemoryCommands } from '../../support/memory-ports.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

describe('QueueClasses', () => {
  it('is, where nothing is said, what the queues do by themselves', () => {
    expect(QueueClasses.parse({})).toEqual(USUAL_CLASSES);
  });

  it('refuses batch tasks that would be overdue before normal ones, and more right than the bot has', () => {
    for (const wrong of [
      { batch: { overdueMinutes: 5 } },
      { critical: { niceness: -5 } },
      { critical: { overdueMinutes: 1 } },
    ]) {
      expect(QueueClasses.safeParse(wrong).success).toBe(false);
    }
  });

  it('holds from the next start on after a reload: an aged batch task goes before newer normal ones', async () => {
    const world = createEmbeddedWorld({ folder: temporaryFolder() });
    await world.queues.start();
    await world.submit('busy');
    await world.submit('nightly', { class: 'batch' });
    await world.clock.advance(minutes(30));
    await world.submit('first');
    await world.submit('second');

    await world.runs[0]?.end();
    expect(world.started()).toEqual(['busy', 'first']);
    const classes = QueueClasses.parse({ batch: { overdueMinutes: 20 } });
    world.settings = { ...world.settings, classes };
    await world.runs[1]?.end();
    await settled(world);

    expect(world.started()).toEqual(['busy', 'first', 'nightly']);
  });

  it('gives each process the niceness of its class, as it is configured when it starts', async () => {
    const commands = createMemoryCommands();
    let classes = QueueClasses.parse({});
    const settings = () => ({ queues: [], tasks: [taskCommand()], classes });
    const world = createEmbeddedWorld({ folder: temporaryFolder() });
    const run = createRunTask({ commands, settings, lookup: () => undefined, node: process.execPath });
    const start = async (): Promise<number | undefined> => {
      const task = { id: 't', name: 'job', class: 'batch', vars: { id: 'a' } };
      const notes = { log: [], progress: null, pid: null };
      const hooks = { signal: new AbortController().signal, notes, onStart: () => {} };
      await run({ task } as unknown as Parameters<typeof run>[0], hooks);
      return commands.calls.at(-1)?.niceness;
    };
    expect(world.settings.classes.batch.niceness).toBe(10);

    expect(await start()).toBe(10);
    classes = QueueClasses.parse({ batch: { niceness: 19 } });
    expect(await start()).toBe(19);
  });
});
