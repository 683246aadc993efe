/** Configuration, and trying the surfaces out. */
import { z } from 'zod';
import { counted } from '../figures.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { failed, fromControl, ok, would } from './replies.ts';

export const CONFIG_COMMANDS: readonly Command[] = [
  entry({
    words: ['config', 'show'],
    summary: 'The configuration in force, secrets masked',
    role: 'viewer',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'config show',
    async run(_, { controls }) {
      const { hash, text } = controls.config();
      return ok(text, { hash, text });
    },
  }),
  entry({
    words: ['config', 'validate'],
    summary: 'Checks the configuration files and names every fault',
    role: 'viewer',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'config validate',
    async run(_, { controls }) {
      const { faults } = await controls.validateConfig();
      if (faults.length === 0) return ok('The configuration is valid.', { faults });
      return failed([`${counted(faults.length, 'fault')} found:`, ...faults].join('\n'), { faults });
    },
  }),
  entry({
    words: ['config', 'reload'],
    summary: 'Reads the configuration again: all of it is valid, or nothing changes',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: true,
    example: 'config reload --dry-run',
    run: async (_, { controls, actor, dryRun }) => fromControl(await controls.reloadConfig(actor, dryRun)),
  }),
];

export const TEST_COMMANDS: readonly Command[] = [
  testing('alert', 'Sends a test alert to every surface'),
  testing('buttons', 'Shows a card with test buttons on every surface'),
  testing('mail', 'Sends a test mail'),
];

function testing(what: 'alert' | 'mail' | 'buttons', summary: string): Command {
  return entry({
    words: ['test', what],
    summary,
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: true,
    example: `test ${what}`,
    run: async (_, { controls, actor, dryRun }) =>
      dryRun
        ? would(`Would send a test (${what}) to every ${what === 'mail' ? 'address' : 'surface that is on'}.`)
        : fromControl(await controls.testSurfaces(what, actor)),
  });
}
