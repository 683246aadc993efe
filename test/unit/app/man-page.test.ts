import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manPage } from '../../../scripts/write-man.ts';
import { COMMANDS } from '../../../src/bot/commands/table.ts';

const PAGE = resolve(import.meta.dirname, '../../../docs/nightshift.1');

describe('manPage', () => {
  it('is the page that is committed (npm run man writes it)', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(manPage());
  });

  it('has every command of the table', () => {
    const page = manPage().replaceAll('\\-', '-');

    expect(
      COMMANDS.map(({ words }) => words.join(' ')).filter((words) => !page.includes(`.B ${words}`)),
    ).toEqual([]);
  });

  it.runIf(existsSync('/usr/bin/man'))('is read by man without a warning', () => {
    const { status, stderr, stdout } = spawnSync('/usr/bin/man', ['--warnings', '-E', 'UTF-8', '-l', PAGE], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', MANWIDTH: '100', MANPAGER: 'cat' },
    });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('NAME');
  });
});
