import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpOn } from '../../../../src/bot/commands/help.ts';
import { optionInfo } from '../../../../src/bot/commands/options.ts';
import { ADMIN_WORDS, ALIASES, COMMAND_GROUPS, COMMANDS } from '../../../../src/bot/commands/table.ts';
import { parseCall } from '../../../../src/bot/parse.ts';
import { commandShapes } from '../../../../src/bot/shapes.ts';

const golden = (name: string): string => `../../../golden/help/${name}.txt`;
const names = COMMANDS.map((command) => command.words.join(' '));

describe('the command table', () => {
  it('has every command once', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it('can read each example, which names the command itself', () => {
    for (const command of COMMANDS) {
      const parsed = parseCall({ text: command.example });
      expect(parsed.kind === 'call' ? parsed.command.words : parsed, command.example).toEqual(command.words);
    }
  });

  it('names positional options that exist, and free text only as the last of them', () => {
    for (const { options, positional } of COMMANDS) {
      const infos = positional.map((name) => {
        const schema = options.shape[name];
        if (schema === undefined) throw new Error(name);
        return optionInfo(schema);
      });
      expect(infos.slice(0, -1).every((info) => !info.greedy)).toBe(true);
    }
  });

  it('says something about every option', () => {
    const silent = COMMANDS.flatMap(({ words, options }) =>
      Object.entries(options.shape)
        .filter(([, schema]) => optionInfo(schema).summary === '')
        .map(([name]) => `${words.join(' ')} ${name}`),
    );

    expect(silent).toEqual([]);
  });

  it('points every alias at a command', () => {
    expect(Object.values(ALIASES).filter((name) => !names.includes(name))).toEqual([]);
    expect(Object.keys(ALIASES).filter((name) => names.includes(name))).toEqual([]);
  });
});

describe('helpOn', () => {
  it('lists every command, grouped, one line each', async () => {
    await expect(`${helpOn(COMMAND_GROUPS, []).text}\n`).toMatchFileSnapshot(golden('all'));
  });

  it('explains one command with options, role and an example', async () => {
    await expect(`${helpOn(COMMAND_GROUPS, ['freeze']).text}\n`).toMatchFileSnapshot(golden('freeze'));
  });

  it('lists the verbs of a group', async () => {
    await expect(`${helpOn(COMMAND_GROUPS, ['worker']).text}\n`).toMatchFileSnapshot(golden('worker'));
  });

  it('says so where there is nothing to explain', () => {
    expect(helpOn(COMMAND_GROUPS, ['coffee'])).toMatchObject({ ok: false, code: 'NOT_FOUND' });
  });
});

describe('commandShapes', () => {
  const shapes = commandShapes(COMMANDS);

  it('puts required options first and offers dry-run on what changes something', () => {
    for (const [index, shape] of shapes.entries()) {
      const required = shape.options.map((option) => option.required);
      expect(required).toEqual(required.toSorted((a, b) => Number(b) - Number(a)));
      expect(shape.options.some(({ name }) => name === 'dry-run')).toBe(COMMANDS[index]?.changes);
    }
  });

  it('fits the limits that Discord documents, under two roots', () => {
    for (const shape of shapes) {
      expect(shape.summary.length, shape.words.join(' ')).toBeLessThanOrEqual(100);
      expect(shape.options.length).toBeLessThanOrEqual(25);
      for (const word of shape.words) expect(word).toMatch(/^[a-z-]{1,32}$/);
      for (const option of shape.options) {
        expect(option.name).toMatch(/^[a-z-]{1,32}$/);
        expect(option.summary.length).toBeLessThanOrEqual(100);
        expect(option.choices.length).toBeLessThanOrEqual(25);
      }
    }
    for (const isAdmin of [false, true]) {
      const mine = shapes.filter((shape) => ADMIN_WORDS.has(shape.words[0]) === isAdmin);
      expect(new Set(mine.map((shape) => shape.words[0])).size).toBeLessThanOrEqual(25);
      const letters = mine
        .flatMap((shape) => [
          ...shape.words,
          shape.summary,
          ...shape.options.flatMap((option) => [
            option.name,
            option.summary,
            ...option.choices.flatMap((choice) => [choice, choice]),
          ]),
        ])
        .join('').length;
      expect(letters).toBeLessThanOrEqual(8_000);
    }
  });

  it('stays as it is: what platforms have registered changes only on purpose', async () => {
    await expect(`${JSON.stringify(shapes, null, 1)}\n`).toMatchFileSnapshot('../../../golden/shapes.json');
  });
});

describe('docs', () => {
  it('the roles of the table are those of the specification', () => {
    const roles = JSON.parse(
      readFileSync(new URL('../../../golden/roles.json', import.meta.url), 'utf8'),
    ) as Record<string, string[]>;

    expect(roles['viewer']).toContain('status');
    expect(roles['viewer']).not.toContain('ack');
    expect(roles['responder']).toContain('freeze');
    expect(roles['responder']).not.toContain('mode production');
    expect(roles['operator']).toContain('mode production');
    expect(roles['operator']).not.toContain('approve');
    expect(roles['approver']).toContain('approve');
    expect(roles['approver']).not.toContain('worker stop');
  });
});
