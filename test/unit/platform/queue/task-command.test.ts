import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VariableRule } from '../../../../src/platform/queue/settings.ts';
import { fillCommand, readVariables } from '../../../../src/platform/queue/task-command.ts';

const variables: Readonly<Record<string, VariableRule>> = {
  id: { type: 'name', default: null },
  count: { type: 'integer', min: 1, max: 99, default: '5' },
  mode: { type: 'choice', choices: ['full', 'delta'], default: 'delta' },
};
const task = { name: 'job', variables, command: ['/bin/job', '--id', '{id}', '{count}', '{mode}', 'plain'] };

describe('fillCommand', () => {
  it('fills whole arguments, defaults included, and keeps the rest as configured', () => {
    expect(fillCommand(task, { id: 'a@b:1' }, '/usr/bin/node')).toEqual({
      kind: 'good',
      argv: ['/bin/job', '--id', 'a@b:1', '5', 'delta', 'plain'],
    });
    expect(fillCommand({ ...task, command: ['node', '{id}'] }, { id: 'x' }, '/usr/bin/node')).toMatchObject({
      argv: ['/usr/bin/node', 'x'],
    });
  });

  it('lets nothing through that could be an option, a path, a blank or another argument', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        const filled = fillCommand(task, { id }, 'node');
        if (filled.kind === 'invalid') return;
        expect(filled.argv).toHaveLength(task.command.length);
        expect(filled.argv[2]).toMatch(/^[A-Za-z0-9@._:][A-Za-z0-9@._:-]*$/);
      }),
    );
  });
});

describe('readVariables', () => {
  it('refuses what is missing, unknown, out of range or not a choice, with the reason', () => {
    const reasons = [
      {},
      { id: 'a', other: '1' },
      { id: 'a', count: '100' },
      { id: 'a', count: '1e1' },
      { id: 'a', mode: 'all' },
      { id: '--' },
    ].map((given) => {
      const read = readVariables(task, given);
      return read.kind === 'invalid' ? read.reason : '';
    });

    expect(reasons).toEqual([
      'job needs the variable id',
      'job has no variable other; it takes id, count, mode',
      'count of job: expected a whole number from 1 to 99',
      'count of job: expected a whole number from 1 to 99',
      'mode of job: expected full or delta',
      'id of job: expected at most 64 letters, digits and @ . _ : -, no dash in front',
    ]);
  });
});
