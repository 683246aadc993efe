import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { Queues } from '../../../src/healing/queues-config.ts';
import { Tasks } from '../../../src/healing/tasks-config.ts';

const task = (over: Readonly<Record<string, unknown>> = {}): unknown => ({
  name: 'rebuild',
  command: ['/usr/bin/rebuild', '{shop}'],
  variables: { shop: { type: 'integer' } },
  ...over,
});

function faultsOf(schema: typeof Tasks | typeof Queues, value: unknown): readonly string[] {
  const read = schema.safeParse(value);
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('Tasks', () => {
  it('allows one start, or three where a second run is harmless', () => {
    const [plain, safe] = Tasks.parse([task(), task({ name: 'safe', idempotent: true })]);

    expect(plain).toMatchObject({ attempts: 1, class: 'normal', queue: 'default', timeLimit: seconds(300) });
    expect(safe).toMatchObject({ attempts: 3, backoff: seconds(10), maxBackoff: seconds(300) });
  });

  it.each([
    [{ command: ['rebuild', '{shop}'] }, '0.command.0: expected the absolute path'],
    [{ command: ['/bin/sh', '-c', 'rm {shop}'] }, '0.command.1: expected a program of its own'],
    [{ command: ['node', '-e', 'x'] }, '0.command.1: expected a program of its own'],
    [{ command: ['/bin/x', '--shop={shop}'] }, '0.command.1: expected a declared variable'],
    [{ command: ['/bin/x', '{other}'] }, '0.command.1: expected a declared variable'],
    [{ command: ['/bin/{shop}'] }, '0.command.0: expected a declared variable'],
    [
      { variables: { shop: { type: 'integer', max: 5, default: '9' } } },
      '0.variables.shop.default: expected a whole',
    ],
    [
      { variables: { shop: { type: 'choice', choices: ['--all'] } } },
      '0.variables.shop.choices.0: expected no dash',
    ],
    [{ env: { DB_PASSWORD: 'x' } }, '0.envFrom: expected "DB_PASSWORD" here and not in env'],
    [{ env: { NIGHTSHIFT_TASK: 'x' } }, '0.env.NIGHTSHIFT_TASK: expected a name of your own'],
    [{ timeLimit: 5 }, '0: Unrecognized key'],
  ])('refuses %j', (over, fault) => {
    expect(faultsOf(Tasks, [task(over)])).toContainEqual(expect.stringContaining(fault));
  });

  it('refuses two tasks of one name', () => {
    expect(faultsOf(Tasks, [task(), task()])).toEqual([
      '1.name: expected a name of its own: another task is named rebuild',
    ]);
  });
});

describe('Queues', () => {
  it('always holds the queue default, as described or as shipped', () => {
    const [shipped] = Queues.parse([]);
    const described = Queues.parse([
      { engine: 'embedded', name: 'default', concurrency: 8, startsPerMinute: 30 },
    ]);

    expect(shipped).toMatchObject({ name: 'default', concurrency: 2, criticalSlots: 1, rate: null });
    expect(described).toMatchObject([{ concurrency: 8, rate: { max: 30, per: minutes(1) } }]);
  });

  it('takes a queue of BullMQ with its prefix, and nothing may be submitted until it is named', () => {
    const [, emails] = Queues.parse([
      { engine: 'bullmq', name: 'emails', queue: 'Mail.Out', prefix: '{app}' },
    ]);

    expect(emails).toEqual({
      engine: 'bullmq',
      name: 'emails',
      queue: 'Mail.Out',
      prefix: '{app}',
      jobNames: [],
      stuckAfter: minutes(60),
    });
  });

  it('refuses names twice, a default that is not embedded, and names that Redis keys cannot hold', () => {
    expect(
      faultsOf(Queues, [
        { engine: 'embedded', name: 'a' },
        { engine: 'bullmq', name: 'a' },
      ]),
    ).toHaveLength(1);
    expect(faultsOf(Queues, [{ engine: 'bullmq', name: 'default' }])).toHaveLength(1);
    expect(faultsOf(Queues, [{ engine: 'bullmq', name: 'a', queue: 'a:b' }])).toHaveLength(1);
  });
});
