import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LOCAL_COMMANDS } from '../../../src/app/local-commands.ts';
import { localHelp } from '../../../src/bot/cli/local-help.ts';

const names = LOCAL_COMMANDS.map(({ command }) => command.split(' ')[0] ?? '');

describe('LOCAL_COMMANDS', () => {
  it('names everything that the entry of this program takes by itself', () => {
    const entry = readFileSync(new URL('../../../src/main.ts', import.meta.url), 'utf8');
    const taken = [...entry.matchAll(/case '([a-z]+)':/g)].map(([, name]) => name);

    expect(names.toSorted()).toEqual(taken.toSorted());
  });

  it.each(names)('has help on %s, with an example that begins with it', (name) => {
    const { text } = localHelp([name], LOCAL_COMMANDS) ?? { text: '' };

    expect(text).toContain(`Usage: nightshift ${name}`);
    expect(text).toMatch(new RegExp(`^Example: nightshift ${name} `, 'm'));
  });
});
